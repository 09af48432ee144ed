"""What every component must do: signature, registration, configuration."""

import inspect
import json

import keras
import numpy as np

from ..table import LossRow

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


class Difference(AssertionError):
    """What a check has found; `what` names the thing that is not as it should be."""

    def __init__(self, what, message):
        super().__init__(f"{what}: {message}")
        self.what = what


def same(actual, expected, what="outputs", **tolerance):
    """Numbers that may differ by rounding."""
    try:
        np.testing.assert_allclose(actual, expected, **(tolerance or TOLERANCE))
    except AssertionError as error:
        raise Difference(what, error) from None


def same_slope(slope, expected, error):
    """That of a gradient and that between two points, where there is one."""
    if slope == 0:
        raise Difference("gradient", "it is zero")
    same(slope, expected, "gradient", rtol=error, atol=error)


def equal(actual, expected, what):
    """What may not differ at all."""
    if actual != expected:
        raise Difference(what, f"{actual}, not {expected}")


def finite(numbers, what="outputs"):
    if not np.all(np.isfinite(numbers)):
        raise Difference(what, f"not finite: {numbers}")


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
    equal(ours, theirs, "signature")


def check_registered(row):
    name = keras.saving.get_registered_name(row.component)
    equal(name, f"custom_layers>{row.component.__name__}", "registered name")
    equal(keras.saving.get_registered_object(name), row.component, "registered object")


def check_documented(row):
    """One line, formula, Args, Shapes and Example, in this order."""
    _check_docstring(row.component)
    if isinstance(row, LossRow):
        _check_docstring(row.function)


def _check_docstring(documented):
    rest = inspect.getdoc(documented)
    equal(len(rest.split("\n\n")[0].splitlines()), 1, "first lines of the docstring")
    for word in (".. math::", "Args:", "Shapes:", "Example:"):
        if word == "Args:" and not inspect.signature(documented).parameters:
            continue
        if word == "Shapes:" and _takes_any_shape(documented):
            continue
        _, found, rest = rest.partition(word)
        if not found:
            raise Difference("docstring", f"no {word} where it should be")


def _takes_any_shape(component):
    return isinstance(component, type) and issubclass(
        component, (keras.Initializer, keras.Regularizer)
    )


def plain(config):
    """A configuration as JSON would return it, without what names the classes."""
    text = json.dumps(keras.saving.serialize_keras_object(config), default=str)
    return json.loads(text)


def check_config_keys(ours, theirs, out_of_scope=frozenset()):
    equal(set(theirs) - set(ours) - out_of_scope, set(), "missing config keys")
    equal(set(ours) - set(theirs), set(), "extra config keys")


def check_config_round_trip(row):
    """`from_config` makes the same object again, directly and through Keras."""
    original = row.make()
    _check_copy(row.component.from_config(original.get_config()), original)
    text = json.dumps(keras.saving.serialize_keras_object(original))
    _check_copy(keras.saving.deserialize_keras_object(json.loads(text)), original)


def _check_copy(copy, original):
    equal(type(copy), type(original), "class")
    equal(plain(copy.get_config()), plain(original.get_config()), "config")
