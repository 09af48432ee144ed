"""Formats of an artifact; a format is one file."""

from collections.abc import Sequence
from typing import Any, TypeVar

from export.errors import ExportError
from export.formats.base import Format
from zoo.discovery import Registry, check_subclass

F = TypeVar("F", bound=Format)
DEFAULT_FORMATS = ("saved_model", "onnx")

_FORMATS: Registry[type[Format]] = Registry(
    "format", __name__, "Import what registers your own: `zoo --import FILE`."
)


def register_format(subclass: type[F]) -> type[F]:
    """Registers a format under its `name`; a decorator.

    What registers a format of your own has to be imported again before an artifact that
    has it is verified: see `zoo --import` and the entry points of `zoo.plugins`.

    Raises:
        ArgumentError: If the class is incomplete, or its name taken.
    """
    check_subclass(subclass, Format)
    _FORMATS.add(subclass.name, subclass, subclass)
    return subclass


def list_formats(filter: str = "") -> list[str]:
    """Lists the registered names in natural order, without loading their libraries.

    Args:
        filter: `fnmatch` pattern for the name; all without it.

    Example:

    >>> list_formats("saved*")
    ['saved_model']
    """
    return _FORMATS.names(filter)


def find_format(name: str, **options: Any) -> Format:
    """Returns the format of that name.

    Args:
        name: Of the format.
        options: Of its constructor, such as the `opset` of ONNX.

    Raises:
        UnknownNameError: If there is none; the message has the nearest names.
    """
    return _FORMATS.get(name)(**options)


def find_formats(names: Sequence[str]) -> list[Format]:
    """Returns the formats of these names, each once.

    Raises:
        ExportError: If there are no names.
        UnknownNameError: If one of them is not registered.
    """
    if isinstance(names, str) or not names:
        raise ExportError(
            f"`formats` takes some of {', '.join(list_formats())}. Received: {names!r}"
        )
    return [find_format(name) for name in dict.fromkeys(names)]
