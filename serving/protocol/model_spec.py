"""Which version of which model a request is for."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class ModelSpec:
    """TensorFlow Serving's `ModelSpec`; its latest version without the two options.

    Args:
        name: The model.
        version: A version.
        label: A version label, where no version is given.

    Example:

    >>> str(ModelSpec("lenet5")), str(ModelSpec("lenet5", version=2))
    ('Latest(lenet5)', 'Specific(lenet5, 2)')
    """

    name: str
    version: int | None = None
    label: str | None = None

    @property
    def template(self) -> str:
        """The pattern of the part of a path that says which version."""
        if self.version is not None:
            return "/versions/{version}"
        return "" if self.label is None else "/labels/{label}"

    def __str__(self) -> str:
        if self.version is not None:
            return f"Specific({self.name}, {self.version})"
        return f"Latest({self.name})"
