"""Base class of layers with statistics of each feature."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from keras import ops

from custom_layers._types import KnownShape, Shape, Tensor, is_known
from custom_layers.layers._batches import arrays, shape_and_batches
from custom_layers.layers._data import NumbersLayer
from custom_layers.layers.preprocessing._statistics import Arrays


class FeatureLayer(NumbersLayer):
    """Base class of layers with given or adapted statistics along some axes."""

    def __init__(self, axis: int | Iterable[int] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = _as_tuple(axis)
        self.supports_masking = True
        self._build_input_shape = None

    def build(self, input_shape: Shape | None) -> None:
        """Creates the weights."""
        if input_shape is None:
            return
        input_shape = tuple(input_shape)
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                "All `axis` values must be in the range [-rank, rank) of the input. "
                f"Received: axis={self.axis} and input_shape={input_shape}"
            )
        kept = sorted(axis % rank for axis in self.axis)
        kept_shape = tuple(input_shape[axis] for axis in kept)
        if not is_known(kept_shape):
            raise ValueError(
                "All `axis` values to be kept must have a known size. "
                f"Received: axis={self.axis} and input_shape={input_shape}"
            )
        self._build_input_shape = input_shape
        self._kept_axes = tuple(kept)
        sizes = dict(zip(kept, kept_shape, strict=True))
        self._broadcast_shape = tuple(sizes.get(axis, 1) for axis in range(rank))
        self._prepare(kept_shape)

    def _prepare(self, shape: KnownShape) -> None:
        """Creates the weights, or reshapes the given statistics."""
        raise NotImplementedError

    def _check_given(self, *names: str) -> None:
        """Validates given statistics: all or none, of one shape."""
        values = {name: getattr(self, f"input_{name}") for name in names}
        listed = " and ".join(f"`{name}`" for name in names)
        if len({value is None for value in values.values()}) > 1:
            raise ValueError(
                f"To give the statistics, both {listed} must be set. Received: "
                + " and ".join(f"{name}={value}" for name, value in values.items())
            )
        shapes = [np.shape(value) for value in values.values()]
        if len(set(shapes)) > 1:
            raise ValueError(
                f"{listed} must have the same shape. Received: shapes "
                + " and ".join(map(str, shapes))
            )
        if len(shapes[0]) > len(self.axis):
            raise ValueError(
                f"{listed} must have at most one dimension for each of the kept axes "
                f"{self.axis}. Received: shape {shapes[0]}"
            )

    def _aligned(self, given: Any) -> np.ndarray:
        """Aligns the dimensions of given statistics with the kept axes."""
        given = ops.convert_to_numpy(given)
        shape = [1] * len(self._broadcast_shape)
        for axis, size in zip(self._kept_axes[::-1], given.shape[::-1], strict=False):
            shape[axis] = size
        return np.broadcast_to(given.reshape(shape), self._broadcast_shape)

    def _read(self, weight: Any) -> Tensor:
        """Returns a weight in a shape that broadcasts to the inputs."""
        value = self.convert_weight(weight)
        value = self.backend.cast(value, self.compute_dtype)
        # Along the last axis only, it broadcasts as it is.
        if self._kept_axes == (len(self._broadcast_shape) - 1,):
            return value
        return self.backend.numpy.reshape(value, self._broadcast_shape)

    def _arrays(self, data: Any) -> Arrays:
        """Builds the layer for the data, if it is not, and iterates over arrays."""
        input_shape, batches = shape_and_batches(data)
        if self._build_input_shape is None:
            self.build(input_shape)
        else:
            input_shape = self._build_input_shape
        return arrays(batches, self._kept_axes, input_shape)

    def finalize_state(self) -> None:
        """Does nothing: `call` reads the weights as they are."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        return super().get_config() | {"axis": self.axis}

    def get_build_config(self) -> dict | None:
        """Returns what `build_from_config` needs."""
        if self._build_input_shape is None:
            return None
        return {"input_shape": self._build_input_shape}

    def build_from_config(self, config: dict | None) -> None:
        """Creates the weights before their values are loaded."""
        if config:
            self.build(config["input_shape"])


def _as_tuple(axis: int | Iterable[int] | None) -> tuple[int, ...]:
    if axis is None:
        return ()
    return (axis,) if isinstance(axis, int) else tuple(axis)


def as_list(value: Any) -> Any:
    """Returns given numbers in a form that JSON can hold."""
    return None if value is None else ops.convert_to_numpy(value).tolist()
