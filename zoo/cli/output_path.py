"""A file or folder that a command writes, checked before its work is done."""

import os
from pathlib import Path
from typing import Any

import click

from zoo.errors import ArgumentError


class OutputPath(click.Path):
    """A path that can be written, with the folders above it.

    Args:
        kind: `file`, `folder`, or `either` where something else decides.
    """

    def __init__(self, kind: str = "file") -> None:
        super().__init__(path_type=Path)
        self.kind = kind
        if kind == "file":
            self.name = "file"  # as help shows it

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Returns the path.

        Raises:
            ArgumentError: If it is of the other kind, or cannot be written.
        """
        path = super().convert(value, param, ctx)
        assert isinstance(path, Path)
        name = "" if param is None else param.opts[-1]
        name = f"{name} " if name.startswith("-") else ""
        try:
            reason = self._obstacle(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        if reason:
            raise ArgumentError(f"{name}{path} cannot be written: {reason}.")
        return path

    def _obstacle(self, path: Path) -> str:
        """Says why a path cannot be written; nothing if it can."""
        if path.exists() and not (path.is_file() or path.is_dir()):
            return ""  # a device or a pipe
        if self.kind == "file" and path.is_dir():
            return "it is a folder; give a file"
        if self.kind == "folder" and path.is_file():
            return "it is a file; give a folder"
        parents = path.absolute().parents
        above = [path, *parents] if path.is_dir() else parents
        nearest = next(each for each in above if each.exists())
        if not nearest.is_dir():
            return f"{nearest} is no folder"
        if not os.access(nearest, os.W_OK | os.X_OK):
            return f"nothing may be written to {nearest}"
        return ""
