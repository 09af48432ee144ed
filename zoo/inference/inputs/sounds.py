"""Sounds as samples."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.datasets.sound_file import read_header, read_sound
from zoo.errors import DatasetError
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields a sound as the model takes it, and says what was done to it.

    Raises:
        DatasetError: If it is unreadable, the model takes no sounds, or it is not known
            at which rate.
    """
    if model.kind != "sounds":
        raise model.refusal(f"{path} is a sound")
    rate = model.rate or options.rate
    if rate is None:
        raise DatasetError(
            f"It is not known how many samples a second {model.name} takes; say it by "
            "--rate, such as --rate 8000."
        )
    header, length = read_header(path), model.shape[0]
    changes = []
    if header.rate != rate:
        changes.append(f"resampled from {header.rate:,} to {rate:,} samples a second")
    if header.channels > 1:
        changes.append(f"mixed from {header.channels} channels to one")
    if length is not None and header.seconds > length / rate:
        seconds = f"{header.seconds:.3g} to {length / rate:.3g} seconds"
        changes.append(f"cut from {seconds}, at its end")
    samples = read_sound(path, rate, length)[np.newaxis]
    say_doubts(path, samples, model, options.remarks)
    if changes:
        done = ", ".join(changes)
        options.remarks.inform(f"sounds were {done}", f"{path} was {done}.")
    yield Batch(samples, [str(path)], [None], read=path.stat().st_size)
