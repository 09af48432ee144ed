"""Samples in memory, or in a memory-mapped file where they do not fit."""

import math
import shutil
import tempfile
from collections.abc import Iterator

import numpy as np
import psutil

from zoo.errors import DatasetError

MEMORY_SHARE = 0.4  # fraction of the free memory that samples, or a copy, may take
BLOCK_BYTES = 64 * 2**20


def fits(size: int) -> bool:
    """Returns whether so many bytes fit into the free memory."""
    return size <= MEMORY_SHARE * psutil.virtual_memory().available


def allocate(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Returns an empty array, memory-mapped from a temporary file if it does not fit.

    The file is unlinked, so that nothing is left however the process ends.

    Raises:
        DatasetError: If there is no room for the file.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if fits(size):
        return np.empty(shape, dtype)
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DatasetError(
            f"{size / 1e9:.1f} GB of samples fit neither in memory nor in {folder}, "
            f"where {free / 1e9:.1f} GB are free; make room, or set TMPDIR to another "
            "disk."
        )
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype, "w+", shape=shape)


def take(array: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Returns a copy of the samples at these indices.

    Raises:
        DatasetError: If there is no room for the file.
    """
    taken = allocate((len(indices), *array.shape[1:]), array.dtype)
    rows = block_rows(array)
    for start in range(0, len(indices), rows):
        chosen = indices[start : start + rows]
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
