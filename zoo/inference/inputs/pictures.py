"""Pictures as samples."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.inference import pictures
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields a picture as the model takes it, and says what was done to it.

    Raises:
        DatasetError: If it is unreadable, or the model takes no pictures.
    """
    if model.kind != "pictures":
        raise model.refusal(f"{path} is a picture")
    if model.takes_files:
        file, changes = pictures.read_file(path, model.shape[-1], invert=options.invert)
        _say(path, changes, options)
        yield Batch([file], [str(path)], [None], read=path.stat().st_size)
        return
    pixels, changes = pictures.read_picture(
        path, model.shape, invert=options.invert, fit=model.fit
    )
    measured = model.pixels
    if measured is not None and measured.largest != 255:
        pixels = pixels * (measured.largest / 255)
        changes.append(
            f"scaled to 0..{measured.largest:g}, the range of the training images"
        )
    say_doubts(path, pixels[np.newaxis], model, options.remarks)
    _say(path, changes, options)
    size = path.stat().st_size
    yield Batch(pixels[np.newaxis], [str(path)], [None], read=size)


def _say(path: Path, changes: list[str], options: Options) -> None:
    if changes:
        done = ", ".join(changes)
        options.remarks.inform(f"pictures were {done}", f"{path} was {done}.")
