"""Engines run the signatures of one version of a model; an engine is one file."""

from pathlib import Path

from serving.engines.base import Engine
from serving.errors import ServingError
from zoo.class_registry import ClassRegistry

AUTO = "auto"

_registry = ClassRegistry(
    Engine,
    __name__,
    __path__,
    error=ServingError,
    remedy="An engine of your own is registered with @serving.register_engine.",
    reserved=[AUTO],
)


def register_engine(subclass: type[Engine]) -> type[Engine]:
    """Registers an `Engine` of your own under its `name`; use it as a decorator.

    The file that does so has to be imported before the server starts.

    Raises:
        ServingError: If the class is incomplete, or its name taken.
    """
    return _registry.register(subclass)


def list_engines() -> list[str]:
    """Returns the names of all engines, without loading their libraries.

    >>> list_engines()
    ['onnx', 'tensorflow']
    """
    return _registry.names()


def check_engine(name: str) -> None:
    """Raises a ServingError unless `name` is `auto` or names an engine."""
    if name != AUTO:
        _registry.check(name)


def choose_engine(version_path: Path, name: str = AUTO) -> type[Engine]:
    """Returns the engine that runs the artifact in a version folder.

    Args:
        version_path: Holds the artifact of an engine, or of several.
        name: Of an engine, or `auto`: of the engines whose artifact is there, the one
            with the highest priority (the first in the alphabet of equal ones).

    Raises:
        ServingError: If there is no such engine, or no artifact that it runs.
    """
    check_engine(name)
    names = list_engines() if name == AUTO else [name]
    candidates = sorted(map(_registry.get, names), key=lambda each: -each.priority)
    for candidate in candidates:
        if (version_path / candidate.artifact).is_file():
            return candidate
    raise ServingError(
        f"{version_path} holds no {' or '.join(each.artifact for each in candidates)}, "
        f"which engine {name!r} needs. Export the model in that format, or choose "
        "another engine."
    )


def load_engine(version_path: Path, name: str = AUTO) -> Engine:
    """Loads the artifact in a version folder; the arguments of `choose_engine`."""
    return choose_engine(version_path, name)(version_path)
