"""What an inspection found."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What a file would do when it is loaded and run, found without loading it.

    Args:
        path: The file.
        format: `"saved_model"`, `"onnx"`, `"litert"` or `"keras"`.
        bytes: Size of the file and of those that it reads.
        signatures: Inputs and outputs of each, as in the manifest.
        operators: How often each operator stands in what its signatures and
            initializers reach.
        custom: Operators that the format itself does not define.
        reads: Files that it reads when it is loaded, as it names them.
        refused: Why it is not loaded unless it is trusted, a phrase for each reason.
    """

    path: Path
    format: str
    bytes: int
    signatures: Mapping[str, Any]
    operators: Mapping[str, int]
    custom: tuple[str, ...]
    reads: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def is_safe(self) -> bool:
        """Whether it touches nothing but its own files."""
        return not self.refused

    def as_json(self) -> dict[str, Any]:
        """Returns the fields for a script."""
        fields = dataclasses.asdict(self)
        return fields | {"path": str(self.path), "is_safe": self.is_safe}
