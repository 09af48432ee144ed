"""Option values that are names from a registry: formats, engines."""

import pkgutil
from typing import Any

import click
from click.shell_completion import CompletionItem

from zoo.errors import suggestion


class RegisteredName(click.ParamType):
    """A name from a registry, which is looked up when the command runs.

    Args:
        kind: Kind of the registered object, such as `engine`.
        listing: Function that returns the names, as `module:function`.
        others: Additional valid names.
    """

    def __init__(self, kind: str, listing: str, *others: str) -> None:
        self.name = kind
        self._listing = listing
        self._others = others

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Returns the name if it is registered, else fails with similar names."""
        if ctx is not None and ctx.resilient_parsing:
            return value  # the shell asks for completions
        if value not in self._names():
            nearest = suggestion(value, self._names())
            self.fail(f"Unknown {self.name} {value!r}.{nearest}", param, ctx)
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Returns the names for the help."""
        return f"[{'|'.join(self._names())}]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Completes a name."""
        names = self._names()
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    def _names(self) -> list[str]:
        return [*self._others, *pkgutil.resolve_name(self._listing)()]


class RegisteredNames(RegisteredName):
    """Several registered names, separated by commas."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Returns the names if all are registered."""
        names = [name.strip() for name in value.split(",")]
        return [super(RegisteredNames, self).convert(n, param, ctx) for n in names]

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Returns the names for the help."""
        return f"{super().get_metavar(param, ctx)},..."
