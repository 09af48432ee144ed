"""Fingerprints of architectures, by which a run recognizes its model."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import keras

# What a process numbers anew, what a training changes, and code, whose bytes differ
# from one file or version of Python to another.
_LEFT_OUT = {
    *("build_config", "compile_config", "module", "name", "registered_name"),
    *("shared_object_id", "quantization_config"),
}
_CODE = "__lambda__"


def architecture(model: keras.Model) -> str:
    """Returns a hash of the layers of a model, their arguments and connections.

    The names of layers do not count, which Keras numbers, and neither does the code of
    functions. Of a subclassed model its class and arguments are known alone.

    >>> def model(activation):
    ...     layer = keras.layers.Dense(2, activation=activation)
    ...     return keras.Sequential([keras.Input((3,)), layer])
    >>> architecture(model("relu")) == architecture(model("relu"))
    True
    >>> architecture(model("relu")) == architecture(model("tanh"))
    False
    """
    config = model.get_config()
    names = dict.fromkeys(_connected(config))  # of layers, and of `keras.ops`
    places = {name: str(place) for place, name in enumerate(names)}
    config = _comparable(config, places)
    content = json.dumps([type(model).__name__, config], sort_keys=True, default=_kind)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _connected(value: Any) -> Iterator[str]:
    """Yields the names that connections go by, in order."""
    if isinstance(value, dict):
        if "inbound_nodes" in value:
            yield value["name"]
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for each in value:
            yield from _connected(each)


def _comparable(value: Any, places: dict[str, str]) -> Any:
    """A configuration without names, and with places in those of connections."""
    if isinstance(value, list | tuple):
        return [_comparable(each, places) for each in value]
    if not isinstance(value, dict):
        return value
    kind = str(value.get("class_name", ""))
    if kind == _CODE:
        return kind
    if kind.endswith("Policy"):  # its name is what it does
        return [kind, json.dumps(value.get("config"), default=_kind)]
    found = {
        key: _comparable(each, places)
        for key, each in value.items()
        if key not in _LEFT_OUT
    }
    if "keras_history" in found:
        source, *numbers = found["keras_history"]
        found["keras_history"] = [places.get(source, source), *numbers]
    for key in ("input_layers", "output_layers"):
        found.pop(key, None)
    return found


def _kind(value: Any) -> str:
    return type(value).__name__
