"""Registries: objects by name, registered by the modules that define them."""

import fnmatch
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Collection, Iterator
from typing import ClassVar, Generic, TypeVar

from zoo import plugins
from zoo.errors import ArgumentError, UnknownNameError

T = TypeVar("T")
_modules: set[str] = set()


class Registry(Generic[T]):
    """Objects by name, registered by the modules of a package and by plugins.

    The first lookup imports all plugins and every module of the package. If the names
    in the package are known beforehand, it is imported only to get one of its objects.

    Args:
        kind: Name of the kind of object in error messages, such as `task`.
        package: Name of the package whose modules register objects.
        remedy: Last sentence of the error about an unknown name.
        known: Returns the names that the package registers, without importing it;
            empty if they are not known.

    Example:

    >>> sizes = Registry("size", "zoo.cli", "Choose one.")
    >>> sizes.add("size10", 10, natural)
    >>> sizes.add("size9", 9, natural)
    >>> sizes.names("size*")
    ['size9', 'size10']
    >>> sizes.get("size9")
    9
    """

    def __init__(
        self,
        kind: str,
        package: str,
        remedy: str,
        known: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._kind, self._package, self._remedy = kind, package, remedy
        self._known = known
        self._entries: dict[str, T] = {}
        self._sources: dict[str, Callable] = {}
        self._is_loaded = False

    def add(self, name: str, entry: T, source: Callable) -> None:
        """Registers an object.

        A function that is defined again (its module is reloaded, a cell of a notebook
        is run twice) replaces its former definition.

        Args:
            name: Its name.
            entry: The object.
            source: Function or class that defines it; its module registers it.

        Raises:
            ArgumentError: If the name is taken, or is none.
        """
        if not (isinstance(name, str) and name):
            raise ArgumentError(
                f"The name of a {self._kind} must be text. Received: {name!r}"
            )
        is_ours = source.__module__.startswith(f"{self._package}.")
        if name in self._known() and not is_ours:
            self._load()
        if name in self._entries and not _redefines(source, self._sources[name]):
            first, module = self._sources[name].__module__, source.__module__
            where = f"twice in {module}" if first == module else f"{first} and {module}"
            raise ArgumentError(
                f"{self._kind.capitalize()} {name!r} is registered twice ({where}); "
                "rename one."
            )
        _modules.add(source.__module__)
        self._entries[name], self._sources[name] = entry, source

    def get(self, name: str) -> T:
        """Returns the object of that name.

        Raises:
            UnknownNameError: If there is none; the message suggests similar names.
        """
        if name not in self:
            raise UnknownNameError.of(self._kind, name, self._names(), self._remedy)
        if name not in self._entries:
            self._load()
        return self._entries[name]

    def names(self, filter: str = "") -> list[str]:
        """Returns the names that match an `fnmatch` pattern, in natural order."""
        return sorted(fnmatch.filter(self._names(), filter or "*"), key=natural)

    def __contains__(self, name: str) -> bool:
        """Returns whether an object has that name."""
        return isinstance(name, str) and name in self._names()

    def __iter__(self) -> Iterator[T]:
        """Yields the objects, in the natural order of their names."""
        return map(self.get, self.names())

    def _names(self) -> set[str]:
        """All names; imports the package unless its names are known."""
        if not self._known():
            self._load()
        plugins.load_plugins()
        return {*self._known(), *self._entries}

    def _load(self) -> None:
        if not self._is_loaded:
            self._is_loaded = True  # before: the modules may look up names themselves
            package = importlib.import_module(self._package)
            for module in pkgutil.walk_packages(package.__path__, f"{self._package}."):
                importlib.import_module(module.name)


def check_subclass(subclass: type, base: type) -> None:
    """Checks that a class can be registered as a subclass of `base`.

    Raises:
        ArgumentError: If it is not a subclass, leaves a method abstract, or lacks a
            class attribute that `base` annotates as `ClassVar`.
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

    A new process that gets each by `--import` finds the same names.
    """
    return plugins.imports_of(_modules)


def _redefines(new: Callable, old: Callable) -> bool:
    names = ("__module__", "__qualname__")
    return new is not old and all(getattr(new, n) == getattr(old, n) for n in names)


def natural(name: str) -> list[tuple[int, int | str]]:
    """Sort key: numbers within names by their value, as in `resnet8`, `resnet20`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
