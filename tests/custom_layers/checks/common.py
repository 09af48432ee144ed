"""What every component must do: signature, registration, configuration."""

import inspect
import json

import keras
import numpy as np

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def same(actual, expected, **tolerance):
    np.testing.assert_allclose(actual, expected, **(tolerance or TOLERANCE))


def check_signature(row, out_of_scope=frozenset()):
    """Arguments, their order and their defaults are the namesake's."""
    ours, theirs = (
        [
            (p.name, p.default, p.kind)
            for p in inspect.signature(c).parameters.values()
            if p.name not in out_of_scope
        ]
        for c in (row.component, row.peer)
    )
    assert ours == theirs, f"signature {ours} is not the namesake's {theirs}"


def check_registered(row):
    name = keras.saving.get_registered_name(row.component)
    assert name == f"custom_layers>{row.component.__name__}", name
    assert keras.saving.get_registered_object(name) is row.component


def check_documented(row):
    """A docstring in the house's order."""
    sections = [inspect.getdoc(row.component)]
    for word in ("Args:", "Shapes:", "Example:"):
        if word == "Args:" and not inspect.signature(row.component).parameters:
            continue
        if word == "Shapes:" and _takes_any_shape(row.component):
            continue
        head, found, tail = sections.pop().partition(word)
        assert found, f"the docstring has no {word}"
        assert head.strip()
        sections.append(tail)
    head = inspect.getdoc(row.component).split("Args:")[0]
    assert (
        ".. math::" in head or "`" in head or ("<-" in inspect.getdoc(row.component))
    ), "the docstring has no formula"


def _takes_any_shape(component):
    return isinstance(component, type) and issubclass(
        component, (keras.Initializer, keras.Regularizer)
    )


def plain(config):
    """A configuration as JSON would return it, without what names the classes."""
    text = json.dumps(keras.saving.serialize_keras_object(config), default=str)
    return json.loads(text)


def check_config_keys(ours, theirs, out_of_scope=frozenset()):
    missing = set(theirs) - set(ours) - out_of_scope
    extra = set(ours) - set(theirs)
    assert not missing, f"the configuration lacks {missing}"
    assert not extra, f"the configuration has more: {extra}"


def check_config_round_trip(row):
    """`from_config` makes the same object again, directly and through Keras."""
    original = row.make()
    _check_copy(row.component.from_config(original.get_config()), original)
    text = json.dumps(keras.saving.serialize_keras_object(original))
    _check_copy(keras.saving.deserialize_keras_object(json.loads(text)), original)


def _check_copy(copy, original):
    assert type(copy) is type(original)
    assert plain(copy.get_config()) == plain(original.get_config())
