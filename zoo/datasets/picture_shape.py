"""Pictures as a model takes them: its size and channels, as options of reading."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.datasets.dataset_type import type_of

_COLOURS = {1: "grey", 3: "rgb"}


def as_taken(name_or_path: str | Path, shape: Sequence[int | None]) -> dict[str, Any]:
    """Returns the size and colour that a model takes, as options of reading.

    Args:
        name_or_path: What `load_dataset` takes.
        shape: Of a sample as the model takes it.

    Returns:
        Nothing where there are no pictures of any size.

    >>> as_taken("digits", (28, 28, 1))
    {}
    """
    found = type_of(name_or_path)
    if found is None or "size" not in found.options or len(shape) != 3:
        return {}
    height, width, channels = shape
    taken: dict[str, Any] = {}
    if height is not None and width is not None:
        taken["size"] = f"{width}x{height}"
    if channels in _COLOURS:
        taken["colour"] = _COLOURS[channels]
    return taken
