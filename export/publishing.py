"""Publishes versions of an artifact atomically."""

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export import manifest, signing
from export.errors import ExportError

_PREFIX = ".publishing-"
_STALE_SECONDS = 3600
_NUMBER = re.compile(r"[0-9]+")
LARGEST = 2**63 - 1  # TensorFlow Serving's versions are int64


def versions(model_folder: Path) -> list[int]:
    """Lists the published versions, oldest first."""
    found = [int(p.name) for p in model_folder.glob("*") if _NUMBER.fullmatch(p.name)]
    return sorted(number for number in found if number <= LARGEST)


def check_version(version: int) -> None:
    """Raises an ExportError if that cannot be a version, an int64 above 0."""
    if not 1 <= version <= LARGEST:
        raise ExportError(f"`version` must lie in 1..{LARGEST}. Received: {version}")


def check_keep(keep: int | None) -> None:
    """Raises an ExportError if fewer than one version would be kept."""
    if keep is not None and keep < 1:
        raise ExportError(f"`keep` must be 1 or more. Received: {keep}")


def prune(model_folder: Path, keep: int | None) -> None:
    """Removes all but the newest versions.

    A version is moved aside first, so that a server that polls the folder never sees
    half of one.

    Args:
        model_folder: `<base>/<model>`.
        keep: Versions to keep; all if None.
    """
    for number in versions(model_folder)[:-keep] if keep else ():
        aside = model_folder / f"{_PREFIX}removed-{number}"
        (model_folder / str(number)).rename(aside)
        shutil.rmtree(aside)


def check_name(name: str) -> None:
    """Raises an ExportError if that cannot name a folder and a served model."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
        raise ExportError(
            f"{name!r} cannot be the name of a served model; use letters, digits, "
            "'_', '.' and '-'."
        )


@contextlib.contextmanager
def staging(base_path: Path, name: str) -> Iterator[Path]:
    """Yields an empty staging folder beside the versions; removes it after the block.

    Raises:
        ExportError: If nothing can be written below `base_path`.
    """
    try:
        model_folder = base_path / name
        model_folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(model_folder)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=model_folder) as outer:
            # The outer folder is private; the artifact gets ordinary permissions.
            folder = Path(outer, "artifact")
            folder.mkdir()
            yield folder
    except OSError as error:
        raise ExportError(
            f"Cannot write to {base_path}: {error.strerror or error}; nothing was "
            "published. Choose a folder that you can write to, with space left."
        ) from error
    finally:
        # A first export that failed leaves no empty folder of its model.
        with contextlib.suppress(OSError):
            (base_path / name).rmdir()


def publish(
    folder: Path,
    base_path: Path,
    name: str,
    version: int | None,
    content: dict[str, Any],
    sign: Path | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Writes the manifest, signs, and moves `folder` to its version in one step.

    Args:
        folder: The staging folder, with the files of the artifact.
        base_path: Folder of the models.
        name: Of the model.
        version: A number that is not taken; one above the highest if None.
        content: The manifest but for version and files.
        sign: A private key, to sign the artifact with.

    Raises:
        ExportError: If the version is taken, or the key cannot sign.
    """
    target_folder = base_path / name
    files = manifest.file_table(folder)
    while True:
        number = version or max(versions(target_folder), default=0) + 1
        check_version(number)
        target = target_folder / str(number)
        full = {"name": name, "version": number, **content, "files": files}
        full = manifest.write(folder, full)
        if sign is not None:
            signing.sign(folder, sign)
        if version is not None:
            check_free(base_path, name, version)
        try:
            folder.rename(target)
        except OSError:
            # Another export may have taken the number meanwhile: try the next.
            if version is not None or not target.exists():
                raise
        else:
            return target, full


def check_free(base_path: Path, name: str, version: int) -> None:
    """Raises an ExportError if that version is already published."""
    if (base_path / name / str(version)).exists():
        raise ExportError(
            f"Version {version} of {name!r} is already published in {base_path}; "
            "leave the version out to get the next one."
        )


def _remove_stale(model_folder: Path) -> None:
    for folder in model_folder.glob(f"{_PREFIX}*"):
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder)
