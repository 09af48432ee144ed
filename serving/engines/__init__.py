"""Engines run the signatures of one version of a model; an engine is one file."""

from pathlib import Path

from serving.engines.base import Engine
from serving.engines.base import Traits as Traits
from serving.errors import ServingError
from serving.options import ServerOptions
from zoo.discovery import Registry, check_subclass
from zoo.errors import ArgumentError

AUTO = "auto"

_ENGINES: Registry[type[Engine]] = Registry(
    "engine", __name__, "Import what registers your own: `zoo --import FILE`."
)


def register_engine(subclass: type[Engine]) -> type[Engine]:
    """Registers an engine under its `name`; a decorator.

    What registers an engine of your own has to be imported before the server starts:
    see `zoo --import` and the entry points of `zoo.plugins`.

    Raises:
        ArgumentError: If the class is incomplete, or its name taken.
    """
    check_subclass(subclass, Engine)
    if subclass.name == AUTO:
        raise ArgumentError(f"{AUTO!r} is no name for an engine; choose another.")
    _ENGINES.add(subclass.name, subclass, subclass)
    return subclass


def list_engines(filter: str = "") -> list[str]:
    """Lists the registered names in natural order, without loading their libraries.

    Args:
        filter: `fnmatch` pattern for the name; all without it.

    Example:

    >>> list_engines("tensor*")
    ['tensorflow']
    """
    return _ENGINES.names(filter)


def find_engines(name: str = AUTO) -> list[type[Engine]]:
    """Returns the engine of that name, or for `auto` all, by descending priority.

    Raises:
        UnknownNameError: If there is none; the message has the nearest names.
    """
    if name == AUTO:
        return sorted(_ENGINES, key=lambda engine: -engine.priority)
    return [_ENGINES.get(name)]


def choose_engine(version_path: Path, name: str = AUTO) -> type[Engine]:
    """Returns the engine that runs the artifact in a version folder.

    Args:
        version_path: Holds the artifact of an engine, or of several.
        name: Of an engine, or `auto`: of those whose artifact is there, the one with
            the highest priority.

    Raises:
        ServingError: If there is no artifact that it runs.
        UnknownNameError: If there is no such engine.
    """
    engines = find_engines(name)
    for engine in engines:
        if (version_path / engine.artifact).is_file():
            return engine
    raise ServingError(
        f"{version_path} holds no {' or '.join(each.artifact for each in engines)}, "
        f"which engine {name!r} needs. Export the model in that format, or choose "
        "another engine."
    )


def load_engine(
    version_path: Path, name: str = AUTO, options: ServerOptions | None = None
) -> Engine:
    """Loads the artifact in a version folder, with the engine of `choose_engine`."""
    return choose_engine(version_path, name)(version_path, options or ServerOptions())
