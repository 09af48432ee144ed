"""Sample inputs that a user gives, and those of a model's own test data."""

import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from export.calling import Call
from export.errors import ExportError
from export.samples import BATCH_SIZES, Batch, Given
from zoo import load_dataset, tasks
from zoo.array_file import DAMAGES, load_array, load_arrays
from zoo.errors import DatasetError
from zoo.runs.trained import Trained

Sample = Any  # an array, nested arrays, or the name of a file or of a dataset
_ARRAYS = (".npz", ".npy")


def read_sample(sample: Sample, source: Trained) -> Any:
    """Returns the arrays that `sample` names.

    Args:
        sample: Arrays as the model is called with, a `.npz` file of arrays by name, a
            `.npy` file, or the name of a dataset, whose test split is taken.
        source: The model; its task encodes a dataset.

    Raises:
        ExportError: If a file is missing or unreadable.
        DatasetError: If there is no such dataset.
    """
    if not isinstance(sample, str | os.PathLike):
        return sample
    path = Path(sample)
    if path.suffix not in _ARRAYS:
        return _test_split(str(sample), source)
    try:
        return load_array(path) if path.suffix == ".npy" else load_arrays(path)
    except FileNotFoundError as error:
        raise ExportError(f"There is no sample file {path}; check the path.") from error
    except DAMAGES as error:
        raise ExportError(f"The sample file {path} cannot be read: {error}.") from error


def own_data(source: Trained, call: Call) -> Batch | None:
    """Returns a batch of the model's own test data, where that is on this machine."""
    if source.dataset is None or source.task is None:
        return None
    try:
        return given(call, _test_split(source.dataset, source))(BATCH_SIZES[-1])
    except (DatasetError, ExportError):  # it is elsewhere, or another one by now
        return None


def _test_split(name: str, source: Trained) -> np.ndarray:
    reading = source.reading if name == source.dataset else {}
    data = load_dataset(name, **reading)
    if source.task is None:
        return data.test.x
    data = source.read_alike(data)
    return tasks.get(source.task).encode(data, source.encoding).test.x


def given(call: Call, sample: Any) -> Given:
    """Returns samples of a call from what a user gave.

    Args:
        call: The model and its inputs.
        sample: Arrays by the names of the inputs, or nested as the model takes them.

    Raises:
        ExportError: If they do not fit the inputs.
    """
    names = [str(spec.name) for spec in call.inputs]
    if isinstance(sample, Mapping) and set(sample) == set(names):
        arrays = [sample[name] for name in names]
    else:
        _check_keys(call, sample, names)
        arrays = keras.tree.flatten(sample)
    if len(arrays) != len(names):
        held = sorted(sample) if isinstance(sample, Mapping) else len(arrays)
        raise ExportError(
            f"The sample has {held}, model {call.model.name!r} takes "
            f"{', '.join(names)}; give one array for each."
        )
    return Given(
        {
            str(spec.name): _fitting(spec, np.asarray(array))
            for spec, array in zip(call.inputs, arrays, strict=True)
        }
    )


def _check_keys(call: Call, sample: Any, names: list[str]) -> None:
    """Refuses arrays whose names are none of the model's: order says nothing."""
    first, keywords = call.structure
    known = set(keywords) | set(first if isinstance(first, Mapping) else ())
    if isinstance(sample, Mapping) and len(sample) > 1 and not set(sample) <= known:
        own = [name for name in sample if name not in names]
        if own and not set(own) <= known | set(_first_argument(call)):
            raise ExportError(
                f"The sample has {sorted(sample)}, model {call.model.name!r} takes "
                f"{', '.join(names)}; give one array for each."
            )


def _first_argument(call: Call) -> list[str]:
    return list(inspect.signature(call.model.call).parameters)[:1]


def _fitting(spec: Any, array: np.ndarray) -> np.ndarray:
    shape = spec.shape.as_list()
    sizes_fit = array.ndim == len(shape) and all(
        size in (None, actual)
        for size, actual in zip(shape[1:], array.shape[1:], strict=True)
    )
    if not sizes_fit or not array.size:
        raise ExportError(
            f"The sample for {spec.name!r} has the shape {array.shape}; expected a "
            f"batch of shape {tuple(shape)}."
        )
    if spec.dtype.name == "string":
        return array.astype(str)
    if array.dtype.kind not in "biuf":
        raise ExportError(
            f"The sample for {spec.name!r} holds {array.dtype}, expected "
            f"{spec.dtype.name}."
        )
    if spec.dtype.is_integer and not np.array_equal(array, np.round(array)):
        raise ExportError(
            f"The sample for {spec.name!r} holds fractions, expected {spec.dtype.name}."
        )
    return array.astype(spec.dtype.as_numpy_dtype)
