"""Classes found by name: a package's own, one a module, and those that users add."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from zoo.errors import ZooError, suggestion
from zoo.plugins import load_plugins

T = TypeVar("T")


class ClassRegistry(Generic[T]):
    """The subclasses of an abstract class by their class attribute `name`.

    Each module of the package but `base` registers the class of the module's own name.
    It is imported when that class is first asked for, so listing the names loads
    nothing of what the classes need.

    Args:
        base: The abstract class. A subclass sets those of its `ClassVar` attributes
            that have no value, and defines its abstract methods.
        package: Name of the package.
        path: Its `__path__`.
        error: Raised for an unknown name and for a class that cannot be registered.
        remedy: What to do about an unknown name; the end of the message.
        reserved: Names that no class may have.
    """

    def __init__(
        self,
        base: type[T],
        package: str,
        path: Sequence[str],
        *,
        error: type[ZooError],
        remedy: str,
        reserved: Sequence[str] = (),
    ) -> None:
        self._base = base
        self._kind = base.__name__.lower()
        self._package = package
        self._path = path
        self._error = error
        self._remedy = remedy
        self._reserved = reserved
        self._classes: dict[str, type[T]] = {}

    def register(self, subclass: type[T]) -> type[T]:
        """Registers a class under its `name` and returns it, so it is a decorator.

        A class that is defined again (its module is reloaded, a cell of a notebook is
        run twice) replaces its former self.

        Raises:
            ZooError: Of the class `error`, if the class is incomplete, or its name
                taken.
        """
        missing = self._missing(subclass)
        if missing:
            raise self._error(
                f"{subclass.__name__} is no {self._kind}: it lacks "
                f"{', '.join(missing)}. See {self._base.__module__}."
            )
        name = getattr(subclass, "name")  # noqa: B009
        if self._is_taken(name, subclass):
            raise self._error(
                f"The name {name!r} of {subclass.__name__} is taken; choose another."
            )
        self._classes[name] = subclass
        return subclass

    def names(self) -> list[str]:
        """Returns all names in alphabetical order, those of plugins as well."""
        load_plugins()
        return sorted({*self._modules(), *self._classes})

    def check(self, name: str) -> None:
        """Raises the registry's error, with the nearest names, if `name` is unknown."""
        known = self.names()
        if name not in known:
            nearest = suggestion(name, [*self._reserved, *known])
            raise self._error(f"Unknown {self._kind} {name!r}.{nearest} {self._remedy}")

    def get(self, name: str) -> type[T]:
        """Returns the class of that name.

        Raises:
            ZooError: Of the class `error`, if there is none.
        """
        self.check(name)
        if name not in self._classes:
            importlib.import_module(f"{self._package}.{name}")
        return self._classes[name]

    def _modules(self) -> set[str]:
        return {module.name for module in pkgutil.iter_modules(self._path)} - {"base"}

    def _missing(self, subclass: type[T]) -> list[str]:
        if not issubclass(subclass, self._base):
            return [f"the base class {self._base.__name__}"]
        attributes = [
            name
            for name, kind in inspect.get_annotations(self._base).items()
            if typing.get_origin(kind) is ClassVar and not hasattr(subclass, name)
        ]
        return attributes + sorted(getattr(subclass, "__abstractmethods__", ()))

    def _is_taken(self, name: str, subclass: type[T]) -> bool:
        if name in self._reserved:
            return True
        if name in self._modules():
            return subclass.__module__ != f"{self._package}.{name}"
        known = self._classes.get(name, subclass)
        return (known.__module__, known.__qualname__) != (
            subclass.__module__,
            subclass.__qualname__,
        )
