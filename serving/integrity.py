"""Checks a version folder against the sha256 sums in its manifest."""

import hashlib
import json
from pathlib import Path

from serving.errors import ServingError

MANIFEST = "manifest.json"


def verify_files(version_path: Path) -> None:
    """Checks every file that `manifest.json` lists; a folder without one passes.

    Raises:
        ServingError: For a manifest that cannot be read, a missing file, or a
            file whose bytes are not those that were published.
    """
    path = version_path / MANIFEST
    if not path.is_file():
        return
    for relative, digest in _read_digests(path).items():
        file = version_path / relative
        if not file.is_file():
            raise _corrupt(version_path, f"{relative} is missing")
        with file.open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
        if actual != digest:
            raise _corrupt(version_path, f"{relative} does not match its sha256")


def _read_digests(path: Path) -> dict[str, str]:
    try:
        files = json.loads(path.read_bytes())["files"]
        return {relative: entry["sha256"] for relative, entry in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _corrupt(
            path.parent, f"{MANIFEST} cannot be read: {type(error).__name__}: {error}"
        ) from None


def _corrupt(version_path: Path, problem: str) -> ServingError:
    return ServingError(
        f"{version_path} is corrupt: {problem}. Export or copy the version again."
    )
