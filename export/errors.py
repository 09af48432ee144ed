"""Errors of exporting and verifying."""

from zoo.errors import ZooError


class ExportError(ZooError):
    """An artifact that cannot be written or read."""


class ParityError(ExportError):
    """Outputs of an artifact that differ from the model's."""


class UnsafeModelError(ExportError):
    """A model that would touch more than its own files, and is not trusted."""
