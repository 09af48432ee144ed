"""Writes the files of a deployment."""

from collections.abc import Mapping
from pathlib import Path

from serving.errors import ServingError


def write(
    folder: Path, files: Mapping[str, str], overwrite: bool = False
) -> list[Path]:
    """Writes files into a folder, which is made if it is not there.

    Raises:
        ServingError: If one is there with another content, unless `overwrite`.
    """
    paths = {folder / name: text for name, text in files.items()}
    for path, text in paths.items():
        if path.exists() and not overwrite and path.read_text("utf-8") != text:
            raise ServingError(
                f"{path} is there and differs. Choose another folder, or --overwrite."
            )
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
    return list(paths)
