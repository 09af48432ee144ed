"""The manifest: description and checksums of an artifact, as JSON."""

import hashlib
import json
from pathlib import Path
from typing import Any

from export.errors import ExportError

FILE = "manifest.json"
_KINDS = {
    "name": str,
    "version": int,
    "formats": list,
    "signatures": dict,
    "files": dict,
}


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
        ExportError: If it is missing or damaged.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ExportError(f"{folder} is not an artifact: no {FILE}.") from error
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
    wrong = [key for key in _KINDS if not _is_valid(content, key)]
    if wrong:
        raise ExportError(
            f"{path} is damaged: {', '.join(wrong)} missing or wrong; export again."
        )
    return content


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compares each file that the manifest lists with its sha256 in it.

    Other files are ignored: users add warm-up requests of their own.

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


def _is_valid(content: Any, key: str) -> bool:
    value = content.get(key) if isinstance(content, dict) else None
    if key == "signatures" and isinstance(value, dict):
        return all(
            isinstance(signature, dict)
            and isinstance(signature.get("inputs"), dict)
            and isinstance(signature.get("outputs"), dict)
            for signature in value.values()
        )
    return isinstance(value, _KINDS[key])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
