"""The manifest: description and checksums of an artifact, as JSON."""

import hashlib
import json
from pathlib import Path
from typing import Any

from export.errors import ExportError
from zoo.bounds import parse_json, read_bytes

FILE = "manifest.json"
SIGNATURE = "model.sig"  # written after the manifest, which it signs
OF_THE_USER = "assets.extra/"  # where files may be added to a published artifact
_KINDS = {
    "name": str,
    "version": int,
    "formats": list,
    "signatures": dict,
    "files": dict,
    "parity": dict,
    "sha256": str,
}


def file_table(folder: Path) -> dict[str, dict[str, Any]]:
    """Returns size and sha256 of each file but the manifest and its signature."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path not in (folder / FILE, folder / SIGNATURE)
    }


def write(folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Writes the manifest of an artifact, with the sha256 of what it says.

    Args:
        folder: Of the artifact.
        content: What it says; a `"sha256"` in it is replaced.

    Returns:
        What was written.
    """
    sealed = content | {"sha256": content_sha256(content)}
    (folder / FILE).write_text(json.dumps(sealed, indent=2) + "\n", encoding="utf-8")
    return sealed


def content_sha256(content: dict[str, Any]) -> str:
    """Returns the sha256 of all but `"sha256"`, as JSON with sorted keys.

    >>> one = content_sha256({"name": "lenet5", "version": 1})
    >>> one == content_sha256({"version": 1, "sha256": "?", "name": "lenet5"})
    True
    >>> one == content_sha256({"name": "lenet5", "version": 2})
    False
    """
    rest = {key: value for key, value in content.items() if key != "sha256"}
    read_back = json.loads(json.dumps(rest))  # keys that are numbers become strings
    text = json.dumps(read_back, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, Any]:
    """Reads the manifest of an artifact.

    Raises:
        ExportError: If it is missing or damaged, or is not what was written: its
            sha256 is that of another content.
    """
    path = folder / FILE
    try:
        content = parse_json(read_bytes(path))
    except FileNotFoundError as error:
        raise ExportError(f"{folder} is not an artifact: no {FILE}.") from error
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
    wrong = [key for key in _KINDS if not _is_valid(content, key)]
    if wrong:
        raise ExportError(
            f"{path} is damaged: {', '.join(wrong)} missing or wrong; export again."
        )
    if content["sha256"] != content_sha256(content):
        raise ExportError(
            f"{path} was changed (its sha256 is not that of its content); export again."
        )
    return content


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compares each file that the manifest lists with its sha256 in it.

    Files may be added in `assets.extra/` alone, where users put warm-up requests of
    their own. Empty folders are let pass: nothing reads them, and stores drop them.

    Raises:
        ExportError: If one is missing, was changed or was added, or the manifest lists
            none.
    """
    found = file_table(folder)
    if not manifest["files"]:
        raise ExportError(f"{folder / FILE} lists no files; export again.")
    for path, expected in manifest["files"].items():
        if path not in found:
            raise ExportError(f"{folder / path} is missing; export again.")
        if found[path] != expected:
            raise ExportError(
                f"{folder / path} is corrupted (its sha256 is not the manifest's); "
                "export again."
            )
    for path in (found.keys() | _links(folder)) - manifest["files"].keys():
        if not path.startswith(OF_THE_USER):
            raise ExportError(
                f"{folder / path} is not in the manifest; remove it, or export again."
            )


def _links(folder: Path) -> set[str]:
    """Returns links to folders, or to nothing, whose files would not be compared."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() and not path.is_file()
    }


def _is_valid(content: Any, key: str) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get(key), _KINDS[key]):
        return False
    value = content[key]
    if key == "formats":
        return all(isinstance(name, str) for name in value)
    if key == "signatures":
        return all(map(_is_signature, value.values()))
    return True


def _is_signature(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("formats"), list)
        and isinstance(value.get("batch_sizes", {}), dict)
        and all(map(_is_size, value.get("batch_sizes", {}).values()))
        and all(
            isinstance(value.get(kind), dict)
            and all(map(_is_tensor, value[kind].values()))
            for kind in ("inputs", "outputs")
        )
    )


def _is_tensor(value: Any) -> bool:
    if not isinstance(value, dict) or not {"dtype", "shape"} <= value.keys():
        return False
    shape = value["shape"]
    is_shape = shape is None or (
        isinstance(shape, list)
        and all(size is None or _is_size(size) for size in shape)
    )
    return isinstance(value["dtype"], str) and is_shape


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
