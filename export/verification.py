"""Checks a published artifact again, anywhere, without the model it came from."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from export import agreement, inspection, manifest, parity, publishing, signing
from export.errors import ExportError
from export.formats import Format, find_format, find_formats, list_formats
from zoo import messages
from zoo.array_file import DAMAGES, check_arrays
from zoo.errors import ZooError

LARGEST_REFERENCE = 2**30  # bytes, unpacked


def verify(
    artifact_path: str | os.PathLike,
    *,
    key: str | os.PathLike | None = None,
    trust: bool = False,
) -> dict[str, Any]:
    """Repeats the parity check of an artifact with the reference outputs in it.

    Before, it compares the manifest with itself, with the files that it lists, and with
    what these say of themselves, and inspects them. A model in a folder of another name
    is said.

    Args:
        artifact_path: `<base>/<model>/<version>`, or `<base>/<model>` for the
            newest version.
        key: The public key of who has to have signed it; signatures are not looked
            at without one.
        trust: Load models that `export.inspect` refuses, too.

    Returns:
        Tolerance, batch sizes, and the largest difference of each format by
        output.

    Raises:
        ParityError: If the outputs of a format differ from the model's.
        SignatureError: If it is not what the owner of the key signed.
        UnsafeModelError: If a model in it would touch more than its own files.
        ExportError: If a file is missing or was changed, or says something else than
            the manifest.
        UnknownNameError: If a format of it is not registered.
    """
    folder = _version_folder(Path(artifact_path))
    if key is not None:
        signing.check(folder, Path(key))
    content = manifest.read(folder)
    manifest.check_files(folder, content)
    formats = _formats(folder, content)
    if not trust:
        inspection.check(folder)
    _check_place(folder, content)
    _check_tolerance(folder, content)
    for each in formats:
        agreement.check(each, folder, content)
    _check_others(folder, formats)
    _check_compressed(folder, content)
    reference = _read_reference(folder)
    agreement.check_reference(reference, content)
    for each in formats:
        each.check_reference(folder, reference)
    return parity.compare(
        folder,
        formats,
        content["signatures"],
        reference,
        content["parity"]["tolerance"],
        content.get("compressed"),
    )


def verify_all(
    base_path: str | os.PathLike,
    *,
    key: str | os.PathLike | None = None,
    trust: bool = False,
) -> Iterator[tuple[Path, dict[str, Any] | ZooError]]:
    """Verifies every version of every model in a folder, one after the other.

    Args:
        base_path: Of the models, or of the versions of one.
        key: As for `verify`.
        trust: As for `verify`.

    Yields:
        The folder of a version with what `verify` returns, or the error it raises.

    Raises:
        ExportError: If there is no version.
    """
    base = Path(base_path)
    models = [base] if publishing.versions(base) else sorted(base.glob("*"))
    versions = [
        model / str(version)
        for model in models
        for version in publishing.versions(model)
    ]
    if not versions:
        raise ExportError(f"There are no artifacts in {base}; check the path.")
    for version in versions:
        try:
            yield version, verify(version, key=key, trust=trust)
        except ZooError as error:
            yield version, error


def _version_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise ExportError(f"There is no artifact {folder}; check the path.")
    if not (folder / manifest.FILE).exists() and publishing.versions(folder):
        return folder / str(publishing.versions(folder)[-1])
    return folder


def _formats(folder: Path, content: dict[str, Any]) -> list[Format]:
    """Returns the formats of an artifact, each with its file in the manifest."""
    if not content["formats"]:
        raise ExportError(f"{folder / manifest.FILE} names no formats; export again.")
    formats = find_formats(content["formats"])
    for name in (*(each.artifact for each in formats), parity.REFERENCE.as_posix()):
        if name not in content["files"]:
            raise ExportError(
                f"{folder / manifest.FILE} does not list {name}; export again."
            )
    return formats


def _check_place(folder: Path, content: dict[str, Any]) -> None:
    number = folder.resolve().name
    if number.isdecimal() and int(number) != content["version"]:
        raise ExportError(
            f"{folder} has the manifest of version {content['version']}; rename the "
            "folder, or export again."
        )
    model = folder.resolve().parent.name
    if number.isdecimal() and model != content["name"]:
        messages.warn(
            f"{folder} holds the model {content['name']!r}, in a folder named "
            f"{model!r}: servers go by the folder. Rename it, or export with `--name`, "
            "if that is not meant."
        )


def _check_tolerance(folder: Path, content: dict[str, Any]) -> None:
    tolerance = content["parity"].get("tolerance")
    is_number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not is_number or not 0 <= tolerance <= parity.LARGEST_TOLERANCE:
        raise ExportError(
            f"{folder / manifest.FILE} states the tolerance {tolerance!r}; at most "
            f"{parity.LARGEST_TOLERANCE:g} is parity. Export again."
        )


def _check_others(folder: Path, formats: list[Format]) -> None:
    """Refuses models of other formats: a server would serve them."""
    known = {each.artifact for each in formats}
    for each in map(find_format, list_formats()):
        if each.artifact not in known and (folder / each.artifact).exists():
            raise ExportError(
                f"{folder / each.artifact} is in none of the formats that "
                f"{manifest.FILE} names; remove it, or export again."
            )


def _check_compressed(folder: Path, content: dict[str, Any]) -> None:
    """Refuses losses that would let any other model pass."""
    stated = content.get("compressed", {})
    by_format = stated if isinstance(stated, dict) else {"": stated}
    for name, described in by_format.items():
        losses = described.get("max_difference") if isinstance(described, dict) else 0
        is_stated = isinstance(losses, dict) and all(map(_is_loss, losses.values()))
        if name not in content["formats"] or not is_stated:
            raise ExportError(
                f"{folder / manifest.FILE} is damaged: what it says of the compressed "
                f"{name or 'formats'} are no differences from 0 to "
                f"{parity.LARGEST_LOSS:g}; export again."
            )


def _is_loss(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= parity.LARGEST_LOSS


def _read_reference(folder: Path) -> parity.Reference:
    """Reads the reference; one that proves nothing, or fills the memory, is refused."""
    path = folder / parity.REFERENCE
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(each.file_size for each in file.infolist())
        if size > LARGEST_REFERENCE:
            raise ExportError(f"{path} would take {size:,} bytes; export again.")
        check_arrays(path)
        with np.load(path) as arrays:
            empty = [name for name in arrays.files if not arrays[name].size]
            if empty or not arrays.files:
                raise ExportError(f"{path} holds no reference outputs; export again.")
        return parity.load_reference(folder)
    except (*DAMAGES, KeyError, TypeError) as error:
        raise ExportError(f"{path} cannot be read ({error}); export again.") from error
