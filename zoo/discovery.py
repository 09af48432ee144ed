"""Registries: what is found by its name, without a table of all names."""

import fnmatch
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

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

    >>> sizes = Registry("size", "zoo.cli", "Choose one.")
    >>> sizes.add("size10", 10, natural)
    >>> sizes.add("size9", 9, natural)
    >>> sizes.names("size*")
    ['size9', 'size10']
    >>> sizes.get("size9")
    9
    """

    def __init__(self, kind: str, package: str, remedy: str) -> None:
        self._kind, self._package, self._remedy = kind, package, remedy
        self._entries: dict[str, T] = {}
        self._sources: dict[str, Callable] = {}
        self._is_loaded = False

    def add(self, name: str, entry: T, source: Callable) -> None:
        """Registers an object.

        A function that is defined again (its module is reloaded, a cell of a notebook
        is run twice) replaces its former self.

        Args:
            name: To find it by.
            entry: The object.
            source: Function that it is made of; its module is imported to have it.

        Raises:
            ArgumentError: If the name is taken.
        """
        if name in self._entries and not _redefines(source, self._sources[name]):
            modules = self._sources[name].__module__, source.__module__
            raise ArgumentError(
                f"{self._kind.capitalize()} {name!r} is registered twice, by "
                f"{' and '.join(dict.fromkeys(modules))}; rename one."
            )
        _modules.add(source.__module__)
        self._entries[name], self._sources[name] = entry, source

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


def imports() -> list[str]:
    """Returns the files and modules outside the project that registered something.

    With `--import` before each, a new process finds what this one does.
    """
    return plugins.imports_of(_modules)


def _redefines(new: Callable, old: Callable) -> bool:
    names = ("__module__", "__qualname__")
    return new is not old and all(getattr(new, n) == getattr(old, n) for n in names)


def natural(name: str) -> list[tuple[int, int | str]]:
    """Sort key: numbers within names by their value, as in `resnet8`, `resnet20`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
