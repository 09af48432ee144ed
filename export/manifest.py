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
    if not missing and not isinstance(content["files"], dict):
        missing = {"files"}
    if missing:
        raise ExportError(
            f"{path} is damaged: it lacks {', '.join(sorted(missing))}; export again."
        )
    return content


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compares each file that the manifest lists with its sha256 in it.

    Files that it does not list are nobody's business: users add warm-up requests
    of their own.

    Raises:
        ExportError: If one is missing or was changed.
    """
    found = file_table(folder)
    for path, expected in manifest["files"].items():
        if path not in found:
            raise ExportError(f"{folder / path} is missing; export again.")
        if found[path] != expected:
            raise ExportError(
                f"{folder / path} is corrupted (its sha256 is not the manifest's); "
                "export again."
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
