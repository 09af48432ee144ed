"""Validates the arguments of model builders and calls them."""

import functools
import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import psutil

from zoo.errors import ArgumentError, ZooError
from zoo.validation import check_call

if TYPE_CHECKING:
    import keras

_MOST_VALUES = 1_000  # of an argument that is a list
_ORDINARY = 1_000  # up to which no argument of a builder makes a model too large


def check_arguments(name: str, builder: Callable, arguments: Mapping[str, Any]) -> None:
    """Checks names and types of the arguments for the builder of a model.

    Raises:
        ArgumentError: If one is wrong.

    Example:

    >>> def line(units: int, slopes: tuple[float, ...] = ()): ...
    >>> check_arguments("line", line, {"units": 3, "slopes": [0.5, 2]})
    >>> check_arguments("line", line, {"slopes": [0.5, "steep"]})
    Traceback (most recent call last):
    ...
    zoo.errors.ArgumentError: Model 'line': `slopes.1` must be a number. \
Received: 'steep'
    """
    accepted = inspect.signature(builder).parameters
    unknown = sorted(set(arguments) - set(accepted))
    if unknown:
        raise ArgumentError(
            f"Model {name!r} takes no argument {', '.join(unknown)}. "
            f"It takes: {', '.join(accepted)}."
        )
    for key, value in arguments.items():
        if isinstance(value, list | tuple) and len(value) > _MOST_VALUES:
            raise ArgumentError(
                f"Model {name!r}: `{key}` has {len(value):,} values; {_MOST_VALUES:,} "
                "are the most."
            )
    # Which shapes are valid, the builder checks itself.
    hints = typing.get_type_hints(builder) | {"input_shape": Any}
    wrong = check_call(builder, arguments, hints)
    if wrong is not None:
        raise ArgumentError(f"Model {name!r}: {wrong}")


def _check_size(
    name: str, make: "Callable[[], keras.Model]", overrides: Mapping[str, Any]
) -> None:
    from zoo.weights.size import TooLargeError, check_size

    room = psutil.virtual_memory().available
    try:
        check_size(make, room)
    except TooLargeError as error:
        given = ", ".join(f"{key}={value!r}" for key, value in overrides.items())
        raise ArgumentError(
            f"Model {name!r} cannot be built with {given[:200]}: its weights need more "
            f"than the {room / 1e9:.1f} GB of memory that are free; make it smaller."
        ) from error


def _integers(values: Iterable[Any]) -> Iterator[int]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _integers(value)
        elif isinstance(value, int):
            yield value


def build(
    name: str,
    builder: "Callable[..., keras.Model]",
    arguments: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> "keras.Model":
    """Builds a model with its registered arguments and overrides.

    Raises:
        ArgumentError: If it cannot be built with `overrides`, such as 0 units.
    """
    make = functools.partial(builder, **{**arguments, **overrides})
    if any(size > _ORDINARY for size in _integers(list(overrides.values()))):
        _check_size(name, make, overrides)
    try:
        model = make()
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
    import keras

    if not isinstance(model, keras.Model):
        raise ArgumentError(
            f"Model {name!r} cannot be built: its function returned "
            f"{type(model).__name__}; it must return a keras.Model."
        )
    return model
