"""Arrays in `.npy` and `.npz` files, of which only a batch is in memory."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.array_file import DAMAGES, check_arrays
from zoo.datasets.array_checks import usual_names
from zoo.datasets.input_column import are_numbers
from zoo.errors import DatasetError
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read_npy(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of a `.npy` file: a batch of them, or one.

    Raises:
        DatasetError: If it is unreadable, or does not fit the model.
    """
    try:
        check_arrays(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGES as error:
        raise DatasetError(f"{path} is not a readable .npy file: {error}") from error
    yield from of_array(path, array, model, options)


def read_npz(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of an `.npz` file: those of its array `x`, or its only one.

    What a training takes for `x` is, as `images` beside `labels`.

    Raises:
        DatasetError: If it is unreadable, does not fit, or has several arrays.
    """
    try:
        with zipfile.ZipFile(path) as members:
            names = [name.removesuffix(".npy") for name in members.namelist()]
        usual = usual_names(names)
        if "x" not in usual and len(names) != 1:
            raise DatasetError(
                f"{path} holds {', '.join(names) or 'no arrays'}; call the samples x."
            )
        name = usual.get("x", names[0])
        check_arrays(path, name)
        with np.load(path, allow_pickle=False) as file:
            array = file[name]
    except DAMAGES as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path} is not a readable .npz file: {error}") from error
    yield from of_array(path, array, model, options)


def of_array(
    path: Path, array: np.ndarray, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the samples of an array: a batch of them, or one.

    Raises:
        DatasetError: If it does not fit the model.
    """
    shape = model.shape
    if _lacks_channel(array, shape):
        array = array[..., np.newaxis]
    whole = array[np.newaxis] if array.ndim == len(shape) else array
    if array.dtype.kind not in "biuf" or not fits(whole.shape[1:], shape):
        raise model.refusal(f"{path} holds {array.dtype} of shape {array.shape}")
    if not len(whole):
        raise DatasetError(f"{path} holds no samples.")
    size = model.batch_size
    for start in range(0, len(whole), size):
        samples = np.asarray(whole[start : start + size])
        check_finite(path, samples, model, start)
        say_doubts(path, samples, model, options.remarks)
        rows = range(start + 1, start + 1 + len(samples))
        yield Batch(samples, [str(path)] * len(samples), rows, read=samples.nbytes)


def _lacks_channel(array: np.ndarray, shape: tuple[Any, ...]) -> bool:
    """Whether grey pictures, or one, have no axis of channels, as trainings may."""
    is_grey = shape[2:] == (1,) and array.ndim in (2, 3)
    return (
        is_grey and not fits(array.shape, shape) and fits(array.shape[-2:], shape[:2])
    )


def fits(own: tuple[int, ...], shape: tuple[Any, ...]) -> bool:
    """Whether samples of a shape are such as a model takes.

    >>> fits((7, 3), (None, 3)), fits((7, 4), (None, 3))
    (True, False)
    """
    return len(own) == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, own, strict=True)
    )


def check_finite(
    path: Path, samples: np.ndarray, model: ModelInput, start: int
) -> None:
    """Checks that there is no infinity, and no NaN where it is no missing value.

    Raises:
        DatasetError: If there is; the message names the row.
    """
    if samples.dtype.kind != "f":
        return
    # A model of numbers without gaps has nothing to put in their place.
    is_encoded = not are_numbers(model.columns)
    with np.errstate(over="ignore"):
        values = samples.astype("float32", copy=False)
    wrong = np.isinf(values) if is_encoded else ~np.isfinite(values)
    if wrong.any():
        row = start + 1 + int(np.argwhere(wrong)[0][0])
        raise DatasetError(
            f"{path}, row {row} holds NaN or infinity (in float32); remove or replace "
            "them."
        )
