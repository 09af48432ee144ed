"""Sampling of images at positions between and outside their pixels.

A position is a real number of pixels from the first one. Each function takes
`backend` because a layer in a data pipeline computes with TensorFlow, whatever
the backend of `keras.ops`.
"""

from collections.abc import Iterator
from typing import Any

from custom_layers._types import Tensor


def sample_axes(
    backend: Any,
    images: Tensor,
    rows: Tensor,
    columns: Tensor,
    interpolation: str,
    fill_value: float | None,
) -> Tensor:
    """Samples images on grids: pixel (i, j) comes from `(rows[i], columns[j])`.

    The axes are interpolated one after the other, whole rows at a time.

    Args:
        backend: Where the tensors live.
        images: Shape `(batch, height, width, channels)`.
        rows: Shape `(batch, new height)`.
        columns: Shape `(batch, new width)`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: Value outside; `None` if no position is outside.
    """
    for positions in (rows, columns):
        images = _sample_rows(backend, images, positions, interpolation, fill_value)
        images = backend.numpy.transpose(images, (0, 2, 1, 3))
    return images


def _sample_rows(
    backend: Any,
    images: Tensor,
    positions: Tensor,
    interpolation: str,
    fill_value: float | None,
) -> Tensor:
    batch, size, *rest = backend.core.shape(images)
    flat = backend.numpy.reshape(images, (batch * size, *rest))
    first = backend.numpy.arange(batch, dtype="int32")[:, None] * size
    total = None
    for row, weight in _neighbours(backend, positions, interpolation):
        value = backend.numpy.take(flat, first + _within(backend, row, size), axis=0)
        if fill_value is not None:
            inside = (row >= 0) & (row < size)
            value = _filled(backend, value, inside[..., None, None], fill_value)
        if weight is not None:
            value = value * backend.cast(weight, images.dtype)[..., None, None]
        total = value if total is None else total + value
    return total


def sample(
    backend: Any,
    images: Tensor,
    rows: Tensor,
    columns: Tensor,
    interpolation: str,
    fill_value: float | None,
) -> Tensor:
    """Samples images: pixel (i, j) comes from `(rows[i, j], columns[i, j])`.

    Args:
        backend: Where the tensors live.
        images: Shape `(batch, height, width, channels)`.
        rows: Shape `(batch, new height, new width)`.
        columns: Same shape.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: Value outside; `None` if no position is outside.
    """
    batch, height, width, channels = backend.core.shape(images)
    flat = backend.numpy.reshape(images, (batch * height * width, channels))
    first = backend.numpy.arange(batch, dtype="int32")[:, None, None] * height
    total = None
    for row, row_weight in _neighbours(backend, rows, interpolation):
        line = (first + _within(backend, row, height)) * width
        for column, column_weight in _neighbours(backend, columns, interpolation):
            index = line + _within(backend, column, width)
            value = backend.numpy.take(flat, index, axis=0)
            if fill_value is not None:
                inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
                value = _filled(backend, value, inside[..., None], fill_value)
            if row_weight is not None and column_weight is not None:
                weight = backend.cast(row_weight * column_weight, images.dtype)
                value = value * weight[..., None]
            total = value if total is None else total + value
    return total


def _neighbours(
    backend: Any, positions: Tensor, interpolation: str
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Returns the pixels that a position is interpolated from, and their weights."""
    if interpolation == "nearest":
        # Halves are rounded away from zero, as in TensorFlow's operation.
        half = backend.numpy.where(positions < 0, -0.5, 0.5)
        yield backend.cast(positions + half, "int32"), None
        return
    lower = backend.numpy.floor(positions)
    share = positions - lower
    lower = backend.cast(lower, "int32")
    yield lower, 1 - share
    yield lower + 1, share


def _within(backend: Any, index: Tensor, size: Any) -> Tensor:
    return backend.numpy.clip(index, 0, size - 1)


def _filled(backend: Any, value: Tensor, inside: Tensor, fill_value: float) -> Tensor:
    return backend.numpy.where(inside, value, backend.cast(fill_value, value.dtype))


def fold(backend: Any, positions: Tensor, size: Any, fill_mode: str) -> Tensor:
    """Maps positions outside the image to positions inside, by the fill mode.

    `"reflect"` continues a row as `(d c b a | a b c d | d c b a)`, `"wrap"` as
    `(a b c d | a b c d | a b c d)`, `"nearest"` as `(a a a a | a b c d | d d d d)`.
    """
    size = backend.cast(size, "float32")
    if fill_mode == "reflect":
        positions = _reflected(backend, positions, size)
    elif fill_mode == "wrap":
        positions = _wrapped(backend, positions, size)
    return backend.numpy.clip(positions, 0, size - 1)


def _reflected(backend: Any, positions: Tensor, size: Any) -> Tensor:
    period = 2 * size
    positions = positions - period * backend.numpy.floor(positions / period)
    return backend.numpy.where(positions < size, positions, period - 1 - positions)


def _wrapped(backend: Any, positions: Tensor, size: Any) -> Tensor:
    """Wraps positions around, as TensorFlow's operation does.

    Its period is the distance between the first and the last pixel, not the size,
    and it never interpolates between the last pixel and the first.
    """
    numpy = backend.numpy
    span = numpy.maximum(size - 1, 1.0)
    after = positions - size * numpy.floor(positions / span)
    before = positions + size * (numpy.floor(-positions / span) + 1)
    inside = numpy.where(positions < 0, before, positions)
    return numpy.where(positions > size - 1, after, inside)
