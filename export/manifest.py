"""What an artifact is, in one JSON file beside it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from export.errors import ExportError

FILE = "manifest.json"


def file_table(folder: Path) -> dict[str, dict[str, Any]]:
    """Returns size and sha256 of each file of an artifact but the manifest."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / FILE
    }


def read(folder: Path) -> dict[str, Any]:
    """Reads the manifest of an artifact.

    Raises:
        ExportError: If it is missing, damaged, or lacks what `verify` needs.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ExportError(f"{folder} is not an artifact: no {FILE}.") from error
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
    needed = {"name", "version", "formats", "files"}
    missing = needed - content.keys() if isinstance(content, dict) else needed
    if missing:
        raise ExportError(
            f"{path} is damaged: it lacks {', '.join(sorted(missing))}; export again."
        )
    return content


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compares each file of an artifact with its sha256 in the manifest.

    Raises:
        ExportError: If one is missing, was changed, or is not listed.
    """
    expected, found = manifest["files"], file_table(folder)
    if not isinstance(expected, dict):
        raise ExportError(f"{folder / FILE} is damaged; export again.")
    for path in sorted(expected.keys() | found.keys()):
        if path not in found:
            raise ExportError(f"{folder / path} is missing; export again.")
        if path not in expected:
            raise ExportError(
                f"{folder / path} is not part of the artifact; remove it."
            )
        if found[path] != expected[path]:
            raise ExportError(
                f"{folder / path} is corrupted (its sha256 is not the manifest's); "
                "export again."
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
