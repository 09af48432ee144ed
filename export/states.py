"""Variables that a call of a model changes, such as the state of a stateful layer."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import tensorflow as tf


@contextlib.contextmanager
def unchanged(model: keras.Model) -> Iterator[None]:
    """Undoes what calls within the block change in the model, such as a state."""
    before = [(each, each.numpy()) for each in _states(model)]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def _states(model: keras.Model) -> list[Any]:
    """Returns the variables that a call may assign to.

    Keras does not list the state of a stateful layer among its variables.
    """
    held = [v for layer in model._flatten_layers() for v in _variables(vars(layer))]
    found = {id(v): v for v in held}
    found |= {id(v): v for v in model.variables}
    return [variable for variable in found.values() if not variable.trainable]


def _variables(value: Any) -> Iterator[Any]:
    if isinstance(value, keras.Variable | tf.Variable):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _variables(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _variables(each)
