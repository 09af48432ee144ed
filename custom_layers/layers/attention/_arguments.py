"""Validation of the arguments of attention layers."""

from collections.abc import Iterable
from typing import Any

from custom_layers._types import Shape


def check_size(name: str, size: Any) -> None:
    """Raises a `ValueError` unless a size is a positive integer."""
    if not isinstance(size, int) or size <= 0:
        raise ValueError(
            f"Received an invalid value for argument `{name}`, expected a positive "
            f"integer. Received: {name}={size}"
        )


def check_shapes(value_shape: Shape, key_shape: Shape) -> None:
    """Raises a `ValueError` unless keys and values have the same positions."""
    if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
        raise ValueError(
            "All dimensions of `value` and `key`, except the first and the last one, "
            f"must be equal. Received: value_shape={value_shape} and "
            f"key_shape={key_shape}"
        )


def as_sizes(output_shape: Any) -> tuple[int, ...] | None:
    """Returns one or several sizes as a tuple."""
    if not output_shape:
        return None
    if isinstance(output_shape, int):
        return (output_shape,)
    if not isinstance(output_shape, Iterable):
        raise ValueError(
            "Invalid `output_shape`: expected an integer or a tuple of integers. "
            f"Received: output_shape={output_shape}"
        )
    return tuple(output_shape)


def as_axes(attention_axes: Any) -> tuple[int, ...] | None:
    """Returns one or several axes as a tuple."""
    if attention_axes is None:
        return None
    if isinstance(attention_axes, int):
        return (attention_axes,)
    if not isinstance(attention_axes, list | tuple):
        raise ValueError(
            "`attention_axes` must be an int, list, or tuple. "
            f"Received: attention_axes={attention_axes}"
        )
    return tuple(attention_axes)
