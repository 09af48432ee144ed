"""Models of half precision, computed in single precision."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

_HALF = ("float16", "bfloat16")
# Units in the last place of a number of 1, and room for a chain of roundings.
TOLERANCE = {"float16": 2e-2, "bfloat16": 1e-1}


def half_type(model: keras.Model) -> str | None:
    """Returns the half-precision type that some layer computes in; None without one."""
    found = [layer.compute_dtype for layer in model._flatten_layers()]
    return next((name for name in found if name in _HALF), None)


@contextlib.contextmanager
def in_single(model: keras.Model) -> Iterator[None]:
    """Makes the layers that compute in half precision compute in `float32`."""
    halves = {
        id(layer): (layer, layer.dtype_policy)
        for layer in model._flatten_layers()
        if layer.compute_dtype in _HALF
    }
    inputs = [*_half_inputs(model)]
    for layer, policy in halves.values():
        layer.dtype_policy = _single(policy)
    for each, _ in inputs:
        each._dtype = "float32"  # what a model casts its input to
    try:
        yield
    finally:
        for layer, policy in halves.values():
            layer.dtype_policy = policy
        for each, dtype in inputs:
            each._dtype = dtype


def _single(policy: keras.DTypePolicy) -> str:
    """Returns the name of a policy in `float32`, quantized as it was."""
    quantization, from_, _ = policy.name.rpartition("_from_")
    return f"{quantization}{from_}float32"


def _half_inputs(model: keras.Model) -> Iterator[tuple[Any, str]]:
    """Yields input layers and symbolic inputs of half precision, with their type."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.InputLayer) and layer._dtype in _HALF:
            yield layer, layer._dtype
        for tensor in getattr(layer, "inputs", None) or ():
            if tensor.dtype in _HALF:
                yield tensor, tensor.dtype
