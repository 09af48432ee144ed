"""Samples in memory, or in a memory-mapped file where they do not fit."""

import dataclasses
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator

import numpy as np
import psutil

from zoo.errors import DatasetError

MEMORY_SHARE = 0.5  # fraction of the free memory that samples, or a copy, may take
BLOCK_BYTES = 64 * 2**20
ALIGNMENT = 64  # bytes, at which TensorFlow takes an array without a copy


@dataclasses.dataclass(frozen=True)
class Samples:
    """Samples that are yet to be read, each straight into its place in a split.

    Args:
        shape: `(samples, ...)`.
        dtype: Of the values.
        read: Yields the samples in their order, some at a time.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    read: Callable[[], Iterator[np.ndarray]]

    def __len__(self) -> int:
        """Number of samples."""
        return self.shape[0]


def computed_dtype(dtype: np.dtype) -> np.dtype:
    """Returns the type of values that a model computes in.

    Wider floats become 32 bits, and a byte order of others that of this machine.

    >>> [str(computed_dtype(np.dtype(each))) for each in ("f8", "g", ">i4", "u1")]
    ['float32', 'float32', 'int32', 'uint8']
    """
    if dtype.kind == "f" and dtype.itemsize > 4:
        return np.dtype("float32")
    return dtype.newbyteorder("=")


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
    if np.dtype(dtype) == object:  # only references
        return np.empty(shape, dtype)
    if fits(size):
        memory = np.empty(size + ALIGNMENT, np.uint8)
        start = -memory.ctypes.data % ALIGNMENT
        return memory[start : start + size].view(dtype).reshape(shape)
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


def blocks(array: np.ndarray | Samples) -> Iterator[np.ndarray]:
    """Yields the samples in their order, some at a time."""
    if isinstance(array, Samples):
        yield from array.read()
        return
    rows = block_rows(array)
    for start in range(0, len(array), rows):
        yield array[start : start + rows]


def block_rows(array: np.ndarray) -> int:
    """Returns how many samples of an array make a block."""
    return max(1, BLOCK_BYTES * len(array) // max(1, array.nbytes))
