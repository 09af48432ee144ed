"""Data of `adapt`: an array, a dataset or an iterable of batches."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape


def shape_and_batches(data: Any) -> tuple[Shape, Iterable[Any]]:
    """Returns the shape of a batch and an iterable of all batches, without labels.

    Args:
        data: Array, tensor, `tf.data.Dataset`, `keras.utils.PyDataset` or
            another iterable of batches.
    """
    if isinstance(data, np.ndarray) or ops.is_tensor(data):
        return tuple(data.shape), [data]
    # Known by its attribute: on other backends TensorFlow may not be installed.
    if hasattr(data, "element_spec"):
        if len(_inputs(data.element_spec).shape) == 1:
            data = data.batch(128)
        return tuple(_inputs(data.element_spec).shape), map(_inputs, data)
    if isinstance(data, keras.utils.PyDataset):
        batches = (_inputs(data[index]) for index in range(len(data)))
    elif isinstance(data, Iterable):
        batches = map(_inputs, data)
    else:
        raise TypeError(
            "`data` must be an array, a tensor, a `tf.data.Dataset`, a "
            "`keras.utils.PyDataset` or an iterable of batches. "
            f"Received: data of type {type(data).__name__}"
        )
    return _peek(batches)


def arrays(
    batches: Iterable[Any], kept_axes: tuple[int, ...], built_shape: Shape
) -> Iterator[tuple[np.ndarray, tuple[int, ...]]]:
    """Iterates over the batches in double precision, with the axes to reduce."""
    total = 0
    for batch in batches:
        values = ops.convert_to_numpy(batch).astype("float64")
        _check_sizes(values.shape, kept_axes, built_shape)
        if values.size:
            yield values, tuple(a for a in range(values.ndim) if a not in kept_axes)
        total += values.size
    if total == 0:
        raise ValueError(
            "Statistics need at least one sample. Received: an empty iterable"
        )


def _inputs(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple) else batch


def _peek(batches: Iterator[Any]) -> tuple[Shape, Iterable[Any]]:
    first = next(batches, None)
    if first is None:
        raise ValueError(
            "`data` must hold at least one batch. Received: an empty iterable"
        )
    if not hasattr(first, "shape"):
        raise TypeError(
            "`data` must hold batches that are arrays or tensors with a `.shape`. "
            f"Received: a batch of type {type(first).__name__}"
        )
    return tuple(first.shape), chain([first], batches)


def _check_sizes(shape: Shape, kept_axes: tuple[int, ...], built_shape: Shape) -> None:
    if len(shape) == len(built_shape) and all(
        shape[axis] == built_shape[axis] for axis in kept_axes
    ):
        return
    raise ValueError(
        f"The layer was built for inputs of shape {built_shape} and keeps the axes "
        f"{kept_axes}; the data have an incompatible shape. Received: {shape}"
    )
