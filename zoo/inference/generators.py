"""The generator of a model that draws samples, and samples of it."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from custom_layers import Activation
from zoo.errors import ArgumentError
from zoo.files import replacing
from zoo.inference.autoencoders import decoder
from zoo.inference.seeds import check_seeds
from zoo.inference.squares import standard_normal
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained
from zoo.tasks.adversarial import game_of

_BATCH = 256
_MOST = 100_000


def generator(model: keras.Model) -> keras.Model:
    """Returns the generator: a `code` to a `sample`, of values between 0 and 1.

    A conditional one takes a `class_id`, too. That of a variational autoencoder is its
    decoder. The weights are shared with the model; `export.export_model` takes it as
    any other model.

    Args:
        model: A generative adversarial network, or a variational autoencoder.

    Raises:
        ArgumentError: If the model has no generator.

    Example:

    >>> import zoo
    >>> sorted(generator(zoo.create_model("conditional_gan")).input)
    ['class_id', 'code']
    """
    names = [layer.name for layer in model.layers]
    if "log_variance" in names:
        part = decoder(model)
        inputs, x = part.inputs, part.outputs[0]
    else:
        part = game_of(model).generator
        inputs = [
            keras.Input(i.shape[1:], dtype=i.dtype, name=i.name) for i in part.inputs
        ]
        x = part(inputs if len(inputs) > 1 else inputs[0])
    # Exported outputs are named after the layer that they come from.
    outputs = {"sample": Activation("linear", name="sample")(x)}
    named = {each.name: each for each in inputs}
    return keras.Model(named, outputs, name=f"{model.name}_generator")


def sample(
    model_or_name: Run | str | os.PathLike,
    count: int = 16,
    *,
    seed: int = 0,
    label: str | None = None,
) -> np.ndarray:
    """Generates samples, the n-th of the seed `seed + n`.

    An endpoint of the exported model answers its signature `sample` with the same
    samples for the same seeds, whatever the format.

    Args:
        model_or_name: A run of a generative model, its folder, or a name whose weights
            ship.
        count: Number of samples.
        seed: Of the first sample.
        label: Class of all samples, for a conditional model; in turn all classes if
            None.

    Returns:
        Values between 0 and 1, of shape `(count, ...)`.

    Raises:
        ArgumentError: If it is no generative model, or takes no such label.

    Example:

    >>> sample("vae.digits", 2).shape
    (2, 8, 8, 1)
    """
    check_count(count)
    check_seeds(seed, count)
    subject = trained(model_or_name)
    if subject.task not in ("adversarial", "generation"):
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task adversarial` "
            "and `zoo list --task generation` show the models that generate samples."
        )
    part = generator(subject.model)
    latents = part.input["code"].shape[-1]
    given: dict[str, Any] = {"code": standard_normal(seed + np.arange(count), latents)}
    if "class_id" in part.input:
        given["class_id"] = _class_ids(subject, label, count)
    elif label is not None:
        raise ArgumentError(
            f"{subject.name!r} generates samples of no given class; leave `label` out."
        )
    return part.predict(given, batch_size=_BATCH, verbose=0)["sample"]


def check_count(count: int) -> None:
    """Checks a number of samples.

    Raises:
        ArgumentError: If it is out of range.
    """
    if not 1 <= count <= _MOST:
        raise ArgumentError(f"`count` must be 1 to {_MOST:,}. Received: {count}")


def _class_ids(subject: Trained, label: str | None, count: int) -> np.ndarray:
    classes = game_of(subject.model).classes
    labels = subject.labels or tuple(map(str, range(classes)))
    if label is None:
        return np.arange(count) % classes
    if label not in labels:
        raise ArgumentError(
            f"`label` must be one of {', '.join(labels)}. Received: {label!r}"
        )
    return np.full(count, labels.index(label))


def writer(path: str | os.PathLike) -> Callable[[np.ndarray], None]:
    """Returns what writes samples into a file: a `.png` of all, or an `.npy`.

    Raises:
        ArgumentError: If the name of the file ends otherwise.
    """
    path = Path(path)
    writers = {".npy": np.save, ".png": _write_picture}
    if path.suffix not in writers:
        raise ArgumentError(
            f"`output` must end in .png (a picture) or .npy (values). Received: {path}"
        )

    def write(samples: np.ndarray) -> None:
        with replacing(path) as part, part.open("wb") as file:
            writers[path.suffix](file, samples)

    return write


def _write_picture(file: Any, samples: np.ndarray) -> None:
    """Writes a picture of samples in rows, as wide as high, an edge between them."""
    if samples.ndim != 4 or samples.shape[-1] not in (1, 3):
        raise ArgumentError(
            f"Samples of shape {samples.shape[1:]} are no pictures; write an .npy file."
        )
    columns = math.ceil(math.sqrt(len(samples)))
    rows = -(-len(samples) // columns)
    framed = np.pad(
        samples, ((0, columns * rows - len(samples)), (0, 1), (0, 1), (0, 0))
    )
    _, height, width, channels = framed.shape
    grid = framed.reshape(rows, columns, height, width, channels)
    joined = grid.swapaxes(1, 2).reshape(rows * height, columns * width, channels)
    pixels = np.round(255 * joined).astype("uint8")
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(file, "PNG")
