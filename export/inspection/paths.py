"""Files that a model names."""

from collections.abc import Iterable
from pathlib import Path


def is_inside(folder: Path, name: str) -> bool:
    """Whether a name leads to a place in the folder, also behind its links.

    >>> is_inside(Path("models/1"), "assets/words.txt")
    True
    >>> is_inside(Path("models/1"), "assets/../../2/words.txt")
    False
    >>> is_inside(Path("models/1"), "/etc/passwd")
    False
    """
    try:
        place = (folder / name).resolve()
    except (OSError, ValueError, RuntimeError):  # a null byte, a circle of links
        return False
    return place != folder.resolve() and place.is_relative_to(folder.resolve())


def total_bytes(folder: Path, names: Iterable[str]) -> int:
    """Returns the size of those of the files that are in the folder."""
    return sum(
        (folder / name).stat().st_size
        for name in dict.fromkeys(names)
        if is_inside(folder, name) and (folder / name).is_file()
    )
