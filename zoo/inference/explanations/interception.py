"""The output of one layer of a model, read or replaced during a call of the model."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops


@contextlib.contextmanager
def recorded(*layers: keras.Layer) -> Iterator[dict[str, list[Any]]]:
    """Collects the outputs of layers, by their names, in the order of their calls.

    Args:
        layers: Anywhere in a model, also in a model within it.

    Example:

    >>> layer = keras.layers.Rescaling(2.0, name="twice")
    >>> with recorded(layer) as outputs:
    ...     _ = layer(ops.ones((1,)))
    >>> ops.convert_to_numpy(outputs["twice"][0]).tolist()
    [2.0]
    """
    outputs: dict[str, list[Any]] = {layer.name: [] for layer in layers}

    def recording(layer: keras.Layer) -> Any:
        call = layer.call

        def call_and_record(*args: Any, **kwargs: Any) -> Any:
            found = call(*args, **kwargs)
            outputs[layer.name].append(found)
            return found

        return call_and_record

    with contextlib.ExitStack() as stack:
        for layer in layers:
            stack.enter_context(_calling(layer, recording(layer)))
        yield outputs


@contextlib.contextmanager
def replaced(layer: keras.Layer, value: Any) -> Iterator[None]:
    """Lets a layer return a value whatever its inputs are.

    What follows it in the model becomes a function of the value; masks stay those of
    the inputs.

    Args:
        layer: Anywhere in a model.
        value: Of the shape of its output.
    """
    with _calling(layer, lambda *args, **kwargs: value):
        yield


@contextlib.contextmanager
def _calling(layer: Any, function: Any) -> Iterator[None]:
    layer.call = function
    try:
        yield
    finally:
        del layer.call


def numpy(value: Any) -> Any:
    """Returns a tensor as an array of `float32`."""
    return ops.convert_to_numpy(ops.cast(value, "float32"))
