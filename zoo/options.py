"""Options of a training, derived from the fields of its configuration."""

import functools
import hashlib
import inspect
import operator
import os
import textwrap
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from zoo.config import (
    NOT_SERIALIZED,
    Config,
    Recipe,
    Settings,
    Shortcuts,
    option,
)
from zoo.errors import ArgumentError, suggestion
from zoo.validation import fields_of

OPTIONS: dict[str, FieldInfo] = {
    **fields_of(Recipe),
    **fields_of(Shortcuts),
    **fields_of(Settings),
}


class _Inherited:
    """Default of an option that is taken from the recipe."""

    def __repr__(self) -> str:
        return "<the recipe's>"


INHERITED = _Inherited()


def configure(
    name: str,
    recipe: Recipe,
    options: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
) -> Config:
    """Overrides the values of a recipe and of settings by options.

    Args:
        name: Name of the model.
        recipe: The recipe to override.
        options: Options by name. `None` means not given, unless it is a valid value; a
            dictionary updates the arguments of a component.
        settings: The settings to override; their defaults without them.

    Raises:
        ArgumentError: If there is no such option, or a value is wrong.

    Example:

    >>> recipe = Recipe(dataset="iris", optimizer=("SGD", {"momentum": 0.9}))
    >>> options = {"learning_rate": 0.1, "optimizer": {"nesterov": True}}
    >>> configure("mlp", recipe, options).recipe.optimizer
    ('SGD', {'momentum': 0.9, 'nesterov': True, 'learning_rate': 0.1})
    >>> configure("mlp", recipe, {"epoch": 3})
    Traceback (most recent call last):
    ...
    zoo.errors.ArgumentError: There is no option `epoch`. Did you mean epochs, \
warmup_epochs?
    """
    values = {key: getattr(recipe, key) for key in fields_of(Recipe)}
    values |= settings or {}
    given, objects = {}, {}
    for key, value in given_options(options).items():
        given[key], objects[key] = _split(key, value)
    shortcuts = {key: given.pop(key) for key in fields_of(Shortcuts) if key in given}
    Shortcuts(**shortcuts)
    changes = [given]
    for key, value in shortcuts.items():
        sets = option(OPTIONS[key]).sets
        if sets is not None and value is not None:
            changes.append(sets(value))
    for change in changes:
        for key, value in change.items():
            values[key] = _changed(key, values.get(key), value)
    parts = {key: values.pop(key) for key in fields_of(Recipe)}
    held = {key: value for key, value in objects.items() if value is not None}
    return Config(name=name, recipe=Recipe(**parts), objects=held, **values)


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the options that are not left at `None`.

    Raises:
        ArgumentError: If there is no such option.
    """
    for key in options:
        if key not in OPTIONS:
            raise ArgumentError(
                f"There is no option `{key}`.{suggestion(key, OPTIONS)}"
            )
    return {
        key: value
        for key, value in options.items()
        if value is not None or _takes_none(OPTIONS[key])
    }


def merge(old: Any, new: Any) -> Any:
    """Updates old values by new ones, recursively in dictionaries and arguments.

    >>> merge(("SGD", {"momentum": 0.9}), {"nesterov": True})
    ('SGD', {'momentum': 0.9, 'nesterov': True})
    >>> merge({"window": 24, "horizon": 6}, {"window": 12})
    {'window': 12, 'horizon': 6}
    """
    if not isinstance(new, Mapping):
        return new
    if isinstance(old, str):
        old = old, {}
    if isinstance(old, tuple | list) and len(old) == 2 and isinstance(old[1], Mapping):
        new = dict(new)
        return new.pop("name", old[0]), merge(old[1], new)
    if not isinstance(old, Mapping):
        return dict(new)
    return {**old, **{key: merge(old.get(key), value) for key, value in new.items()}}


def takes_options(*, without: Iterable[str] = ()) -> Callable[[Any], Any]:
    """Adds the options to the signature and docstring of a function of `**options`.

    `{options}` in its docstring becomes a line for each option.

    Args:
        without: Options to leave out.
    """
    offered = {key: field for key, field in OPTIONS.items() if key not in without}

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def checked(*args: Any, **named: Any) -> Any:
            refused = [key for key in named if key in without]
            if refused:
                raise ArgumentError(
                    f"`{function.__name__}` has no option `{refused[0]}`; leave it out."
                )
            return function(*args, **named)

        signature = inspect.signature(function)
        named = [
            parameter
            for parameter in signature.parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        checked.__signature__ = signature.replace(  # pyright: ignore
            parameters=[*named, *(_parameter(*item) for item in offered.items())]
        )
        lines = "\n".join(_documentation(*item) for item in offered.items())
        checked.__doc__ = (function.__doc__ or "").replace("{options}", lines.lstrip())
        return checked

    return decorate


def _parameter(key: str, field: FieldInfo) -> inspect.Parameter:
    default = field.default
    if key not in fields_of(Settings):
        default = INHERITED
    elif default is PydanticUndefined:
        default = None
    return inspect.Parameter(
        key,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=_annotation(field),
    )


def _annotation(field: FieldInfo) -> Any:
    """Type that Python code may pass for a field."""
    special = option(field)
    if special.component:
        one = str | tuple[str, dict[str, Any]] | object
        plain = Sequence[one] if special.several else one
    else:
        plain = plain_type(field.annotation)
        plain = plain | object if special.objects else plain
    return plain | None if _takes_none(field) else plain


def plain_type(annotation: Any) -> Any:
    """Returns a type without metadata and without `None`."""
    if typing.get_origin(annotation) is typing.Annotated:
        return typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [plain_type(part) for part in typing.get_args(annotation)]
        named = [part for part in parts if part is not type(None)]
        return functools.reduce(operator.or_, named)
    return annotation


def _documentation(key: str, field: FieldInfo) -> str:
    return textwrap.fill(
        f"{key}: {field.description}",
        width=88,
        initial_indent=" " * 8,
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _takes_none(field: FieldInfo) -> bool:
    return type(None) in typing.get_args(field.annotation)


def _changed(key: str, old: Any, new: Any) -> Any:
    special = option(OPTIONS[key])
    if not (special.merges and isinstance(new, Mapping)):
        return new
    if special.component is None:
        return merge(old or {}, new)
    if "name" in new and (old is None or old[0] != new["name"]):
        old = new["name"], {}
    if old is None or old[1] == NOT_SERIALIZED:
        raise ArgumentError(
            f"`{key}` has no component whose arguments {dict(new)} could update; give "
            f"its name, too: {key}=(name, arguments)."
        )
    return merge(old, new)


def _split(key: str, value: Any) -> tuple[Any, Any]:
    """Splits a value into a serializable one and the object, if it has to be kept."""
    special = option(OPTIONS[key])
    if special.objects and not (value is None or isinstance(value, str | PurePath)):
        is_run = isinstance(value, os.PathLike)
        return os.fspath(value) if is_run else _description(value), value
    if special.component is None:
        return value, None
    if not special.several:
        return _described(special.component, value)
    parts = [_described(special.component, one) for one in _each(value)]
    objects = [part[1] for part in parts]
    return tuple(part[0] for part in parts), objects if any(objects) else None


def _each(value: Any) -> Sequence[Any]:
    """One component or several, as a list."""
    if not isinstance(value, list | tuple):
        return (value,)
    is_pair = len(value) == 2 and isinstance(value[1], Mapping)
    return (value,) if is_pair else value


def _description(value: Any) -> str:
    """Description of a dataset or an array in a configuration."""
    if hasattr(value, "name"):
        return value.name
    import numpy as np

    array = np.asarray(value)
    digest = hashlib.sha256(array.tobytes()).hexdigest()[:16]
    return f"array {array.shape} {array.dtype} {digest}"


def _described(kind: str, value: Any) -> tuple[Any, Any]:
    if value is None or isinstance(value, str | list | tuple | Mapping):
        return value, None
    from zoo.components import describe  # imports Keras, which only objects need

    component = describe(kind, value)
    # The user may inspect a callback after the training, so the object itself is used.
    is_needed = kind == "callback" or component[1] == NOT_SERIALIZED
    return component, value if is_needed else None
