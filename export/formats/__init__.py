"""Formats of an artifact; a format is one file, found by its name."""

from collections.abc import Sequence

from export.errors import ExportError
from export.formats.base import Format
from zoo.class_registry import ClassRegistry

DEFAULT_FORMATS = ("saved_model", "onnx")

_registry = ClassRegistry(
    Format,
    __name__,
    __path__,
    error=ExportError,
    remedy="A format of your own is registered with @export.register_format.",
)


def register_format(subclass: type[Format]) -> type[Format]:
    """Registers a `Format` of your own under its `name`; use it as a decorator.

    The file that does so has to be imported before a model is exported in the format,
    and before such an artifact is verified.

    Raises:
        ExportError: If the class is incomplete, or its name taken.
    """
    return _registry.register(subclass)


def list_formats() -> list[str]:
    """Returns the names of all formats, without loading their libraries.

    >>> list_formats()
    ['onnx', 'saved_model']
    """
    return _registry.names()


def check_formats(names: Sequence[str]) -> None:
    """Raises an ExportError unless `names` holds names of formats, one at least."""
    if isinstance(names, str) or not names:
        raise ExportError(
            f"`formats` takes some of {', '.join(list_formats())}. Received: {names!r}"
        )
    for name in names:
        _registry.check(name)


def find_format(name: str) -> Format:
    """Returns the format of that name.

    Raises:
        ExportError: If there is none; the message has the nearest names.
    """
    return _registry.get(name)()
