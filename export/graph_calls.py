"""What the graph that is exported computes otherwise than a call in Python."""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import keras
import tensorflow as tf

from custom_layers.fast import loop


@contextlib.contextmanager
def open_sizes() -> Iterator[None]:
    """Lets images of open size be resized: Keras compares the new size with 0."""
    image = keras.src.ops.image
    checked = image.resize

    def resize(images: Any, size: Any, *arguments: Any, **options: Any) -> Any:
        if any(isinstance(each, tf.Tensor) for each in tf.nest.flatten(size)):
            return keras.src.backend.image.resize(images, size, *arguments, **options)
        return checked(images, size, *arguments, **options)

    with mock.patch.object(image, "resize", resize):
        yield


@contextlib.contextmanager
def one_step_a_round() -> Iterator[None]:
    """Traces our recurrent loops as tf2onnx takes them, and LiteRT is faster."""
    with mock.patch.object(loop, "STEPS", 1):
        yield


@contextlib.contextmanager
def functions_of_their_own() -> Iterator[None]:
    """Calls a copy of each `tf.function` of the model, which is traced anew.

    Else the function would keep the graph of open sizes, and answer the user's calls
    with it, whatever its Python code does with the sizes of a call.
    """
    kind = type(tf.function(lambda: None))
    call = kind.__call__
    copies: dict[int, tuple[Any, Any]] = {}  # with what they are copies of

    def of_copy(self: Any, *arguments: Any, **options: Any) -> Any:
        if type(self) is not kind:  # one that was loaded
            return call(self, *arguments, **options)
        if id(self) not in copies:
            copies[id(self)] = self, self._clone(None)
        return call(copies[id(self)][1], *arguments, **options)

    with mock.patch.object(kind, "__call__", of_copy):
        yield
