"""Where samples are kept: in memory, or in a file where they do not fit."""

import atexit
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from zoo.errors import DatasetError

MEMORY_SHARE = 0.4  # of the free memory that samples, or a copy of them, may take
BLOCK_BYTES = 64 * 2**20


def fits(size: int) -> bool:
    """Tells whether so many bytes may be taken from the free memory."""
    return size <= MEMORY_SHARE * psutil.virtual_memory().available


def allocate(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Returns an array to fill: mapped from a temporary file if memory is too small.

    The file is removed when the process ends.

    Raises:
        DatasetError: If there is no room for the file.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if fits(size):
        return np.empty(shape, dtype)
    folder = Path(tempfile.mkdtemp(prefix="zoo-samples-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "samples"
    try:
        with path.open("wb") as file:
            # All at once: a disk that is full later would end the process.
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        raise DatasetError(
            f"{size / 1e9:.1f} GB of samples fit neither in memory nor on the disk of "
            f"{folder.parent} ({error.strerror}); make room, or set TMPDIR to another."
        ) from error
    return np.memmap(path, dtype, "r+", shape=shape)


def take(array: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Returns the samples at these places, mapped from a file if `array` is.

    Raises:
        DatasetError: If there is no room for the file.
    """
    if not isinstance(array, np.memmap):
        return array[places]
    taken = allocate((len(places), *array.shape[1:]), array.dtype)
    rows = block_rows(array)
    for start in range(0, len(places), rows):
        chosen = places[start : start + rows]
        # Files are read fastest from front to back.
        order = np.argsort(chosen, kind="stable")
        taken[start + order] = array[chosen[order]]
    return taken


def blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    """Yields the samples in their order, some at a time."""
    rows = block_rows(array)
    for start in range(0, len(array), rows):
        yield array[start : start + rows]


def block_rows(array: np.ndarray) -> int:
    """Returns how many samples of an array make a block."""
    return max(1, BLOCK_BYTES * len(array) // max(1, array.nbytes))
