"""Arguments of the functions that build models: which there are, and of what kind."""

import inspect
import numbers
import types
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zoo.errors import ArgumentError, ZooError

if TYPE_CHECKING:
    import keras

_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a name",
}


def check_arguments(name: str, builder: Callable, arguments: Mapping[str, Any]) -> None:
    """Checks that the builder of a model takes these arguments, and such values.

    Raises:
        ArgumentError: If it does not.

    Example:

    >>> def line(units: int, slopes: tuple[float, ...] = ()): ...
    >>> check_arguments("line", line, {"units": 3, "slopes": [0.5, 2]})
    >>> check_arguments("line", line, {"slopes": [0.5, "steep"]})
    Traceback (most recent call last):
    ...
    zoo.errors.ArgumentError: `slopes` of model 'line' must be a list, each a number. \
Received: [0.5, 'steep']
    """
    accepted = inspect.signature(builder).parameters
    unknown = sorted(set(arguments) - set(accepted))
    if unknown:
        raise ArgumentError(
            f"Model {name!r} takes no argument {', '.join(unknown)}. "
            f"It takes: {', '.join(accepted)}."
        )
    hints = typing.get_type_hints(builder)
    for argument, value in arguments.items():
        # What shape its samples have, a builder tells better.
        hint = Any if argument == "input_shape" else hints.get(argument, Any)
        if not fits(value, hint):
            raise ArgumentError(
                f"`{argument}` of model {name!r} must be {_told(hint)}. "
                f"Received: {value!r}"
            )


def build(
    name: str,
    builder: "Callable[..., keras.Model]",
    arguments: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> "keras.Model":
    """Builds a model with arguments, and others in their place.

    Raises:
        ArgumentError: If it cannot be built with `overrides`, such as a layer of 0
            units.
    """
    try:
        return builder(**{**arguments, **overrides})
    except ZooError:
        raise
    except (ValueError, TypeError, IndexError) as error:
        if not overrides:
            raise
        given = ", ".join(f"{key}={value!r}" for key, value in overrides.items())
        reason = str(error).split("\n", 1)[0]
        raise ArgumentError(
            f"Model {name!r} cannot be built with {given}: {reason}"
        ) from error


def fits(value: Any, hint: Any) -> bool:
    """Tells whether a value, perhaps from JSON, fits a type.

    >>> fits(["Adam", {"learning_rate": 0.1}], tuple[str, dict[str, Any]])
    True
    >>> fits([3, 5, 7], tuple[int, ...])
    True
    >>> fits(True, int)
    False
    """
    if hint is Any:
        return True
    kind, parts = typing.get_origin(hint), typing.get_args(hint)
    if kind in (types.UnionType, typing.Union):
        return any(fits(value, part) for part in parts)
    if kind is tuple:
        if not isinstance(value, list | tuple):
            return False
        if parts[-1] is ...:
            parts = parts[:1] * len(value)
        return len(value) == len(parts) and all(map(fits, value, parts))
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, numbers.Real if hint is float else kind or hint)


def _told(hint: Any) -> str:
    if typing.get_origin(hint) is tuple:
        first, *others = typing.get_args(hint)
        count = "" if others == [...] else f" of {1 + len(others)}"
        return f"a list{count}, each {_told(first)}"
    return _WORDS.get(hint, f"a {hint}")
