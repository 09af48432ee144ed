"""Checks a published artifact again, anywhere, without the model it came from."""

import zipfile
from pathlib import Path
from typing import Any

from export import manifest, parity, publishing
from export.errors import ExportError
from export.formats import find_formats


def verify(artifact_path: str | Path) -> dict[str, Any]:
    """Repeats the parity check of an artifact with the reference outputs in it.

    Args:
        artifact_path: `<base>/<model>/<version>`, or `<base>/<model>` for the
            newest version.

    Returns:
        Tolerance, batch sizes, and the largest difference of each format by
        output.

    Raises:
        ParityError: If the outputs of a format differ from the model's.
        ExportError: If a file is missing or was changed.
        UnknownNameError: If a format of it is not registered.
    """
    folder = Path(artifact_path)
    if not folder.is_dir():
        raise ExportError(f"There is no artifact {folder}; check the path.")
    if not (folder / manifest.FILE).exists() and publishing.versions(folder):
        folder = folder / str(publishing.versions(folder)[-1])
    content = manifest.read(folder)
    manifest.check_files(folder, content)
    formats = find_formats(content["formats"])
    try:
        reference = parity.load_reference(folder)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ExportError(
            f"{folder / parity.REFERENCE} cannot be read ({error}); export again."
        ) from error
    return parity.compare(folder, formats, content["signatures"], reference)
