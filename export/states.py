"""What a call of a model changes in it: variables, attributes, losses."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import tensorflow as tf
from keras.src.utils.tracking import TrackedDict, TrackedList, TrackedSet

_CONTAINERS = {TrackedDict: dict, TrackedList: list, TrackedSet: set}
_CONTAINERS |= {kind: kind for kind in (dict, list, set)}


@contextlib.contextmanager
def unchanged(model: keras.Model) -> Iterator[None]:
    """Undoes what calls within the block change in the model, such as a state."""
    before = [(each, each.numpy()) for each in _states(model)]
    try:
        with unchanged_attributes(model):
            yield
    finally:
        for variable, value in before:
            variable.assign(value)


@contextlib.contextmanager
def unchanged_attributes(model: keras.Model) -> Iterator[None]:
    """Undoes what calls within the block do to attributes, and to `model.losses`.

    Otherwise a call that keeps a tensor would keep one of the graph that is traced. A
    layer that a call in the block builds stays built.
    """
    holders = [vars(layer) for layer in model._flatten_layers() if layer.built]
    found: dict[int, tuple[Any, Any]] = {}
    for holder in holders:
        _collect(holder, found)
    try:
        yield
    finally:
        for container, content in found.values():
            _refill(container, content)


def _collect(value: Any, found: dict[int, tuple[Any, Any]]) -> None:
    """Adds each container in a value to those found, with a copy of its content."""
    kind = _CONTAINERS.get(type(value))
    if kind is None or id(value) in found:
        return
    found[id(value)] = value, kind(value)
    for each in value.values() if kind is dict else value:
        _collect(each, found)


def _refill(container: Any, content: Any) -> None:
    """Gives a container its content back, past what Keras does at a change."""
    kind = type(content)
    kind.clear(container)
    (list.extend if kind is list else kind.update)(container, content)


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
