"""Registries: what is found by its name, without a table of all names."""

import fnmatch
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from zoo import plugins
from zoo.errors import ArgumentError, UnknownNameError

T = TypeVar("T")
_modules: set[str] = set()


class Registry(Generic[T]):
    """Objects by name: those that the modules of a package register, and users'.

    The first look-up imports every module of the package and all plugins.

    Args:
        kind: What an error calls one of them, such as `task`.
        package: Name of the package whose modules register their own.
        remedy: Last sentence of the error about an unknown name.

    Example:

    >>> colours = Registry("colour", "zoo.cli", "Mix one.")
    >>> colours.add("red10", 10, "zoo.paint")
    >>> colours.add("red9", 9, "zoo.paint")
    >>> colours.names("red*")
    ['red9', 'red10']
    >>> colours.get("red9")
    9
    """

    def __init__(self, kind: str, package: str, remedy: str) -> None:
        self._kind, self._package, self._remedy = kind, package, remedy
        self._entries: dict[str, T] = {}
        self._origins: dict[str, str] = {}
        self._is_loaded = False

    def add(self, name: str, entry: T, module: str) -> None:
        """Registers an object.

        Args:
            name: To find it by.
            entry: The object.
            module: Name of the module that registers it.

        Raises:
            ArgumentError: If the name is taken.
        """
        if name in self._entries:
            first = self._origins[name]
            where = f"twice in {module}" if first == module else f"{first} and {module}"
            raise ArgumentError(
                f"{self._kind.capitalize()} {name!r} is registered twice ({where}); "
                "rename one."
            )
        _modules.add(module)
        self._entries[name], self._origins[name] = entry, module

    def get(self, name: str) -> T:
        """Returns the object of that name.

        Raises:
            UnknownNameError: If there is none; the message names the nearest ones.
        """
        self._load()
        if name not in self._entries:
            raise UnknownNameError(self._kind, name, self._entries, self._remedy)
        return self._entries[name]

    def names(self, filter: str = "") -> list[str]:
        """Returns the names that match an `fnmatch` pattern, in natural order."""
        self._load()
        found = (n for n in self._entries if fnmatch.fnmatchcase(n, filter or "*"))
        return sorted(found, key=natural)

    def __contains__(self, name: str) -> bool:
        """Tells whether something has that name."""
        self._load()
        return name in self._entries

    def __iter__(self) -> Iterator[T]:
        """Yields the objects, in the natural order of their names."""
        return (self._entries[name] for name in self.names())

    def _load(self) -> None:
        if not self._is_loaded:
            self._is_loaded = True  # before: the modules may look names up themselves
            package = importlib.import_module(self._package)
            for module in pkgutil.walk_packages(package.__path__, f"{self._package}."):
                importlib.import_module(module.name)
        plugins.load_plugins()


def check_subclass(subclass: type, base: type) -> None:
    """Checks that a class to be registered is a complete subclass.

    Raises:
        ArgumentError: If it is none, leaves a method abstract, or lacks the value of a
            class attribute (one that `base` annotates as `ClassVar`).
    """
    if not issubclass(subclass, base):
        missing = [f"the base class {base.__name__}"]
    else:
        missing = [
            name
            for name, annotation in inspect.get_annotations(base).items()
            if typing.get_origin(annotation) is ClassVar and not hasattr(subclass, name)
        ]
        missing += sorted(getattr(subclass, "__abstractmethods__", ()))
    if missing:
        raise ArgumentError(
            f"{subclass.__name__} cannot be registered: it lacks {', '.join(missing)}; "
            f"see `help({base.__module__}.{base.__name__})`."
        )


def imports() -> list[str]:
    """Returns the files and modules outside the project that registered something.

    With `--import` before each, a new process finds what this one does.
    """
    return plugins.imports_of(_modules)


def natural(name: str) -> list[tuple[int, int | str]]:
    """Sort key: numbers within names by their value, as in `resnet8`, `resnet20`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
