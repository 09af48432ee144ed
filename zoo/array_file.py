"""What `.npy` and `.npz` files say of their arrays, checked before these are read."""

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from zoo import bounds

# What a damaged file raises.
DAMAGES = (
    *(OSError, ValueError, EOFError, NotImplementedError),
    *(zlib.error, zipfile.BadZipFile),
)
_MAX_AXES = 32


class HoldsObjectsError(ValueError):
    """An array holds Python objects, which can run code as they are read."""


class Header(NamedTuple):
    """The beginning of an `.npy` file.

    Args:
        shape: Of the array.
        fortran: Whether its first axis changes fastest.
        dtype: Of its values.
    """

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype


def read_header(raw: IO[bytes], size: int) -> Header:
    """Reads the beginning of an `.npy` file.

    Args:
        raw: The open file.
        size: Its bytes.

    Raises:
        ValueError: If it is damaged, the array would hold Python objects, or the file
            is smaller than the array.
    """
    version = np.lib.format.read_magic(raw)
    try:
        if version == (1, 0):
            header = Header(*np.lib.format.read_array_header_1_0(raw))
        else:
            header = Header(*np.lib.format.read_array_header_2_0(raw))
    except Exception as error:  # whatever `ast` and `tokenize` raise as well
        raise ValueError(f"a header is damaged ({type(error).__name__})") from error
    shape, dtype = header.shape, header.dtype
    if dtype.hasobject:
        raise HoldsObjectsError("it holds Python objects, not numbers or texts")
    is_shape = all(type(axis) is int and axis >= 0 for axis in shape)
    is_held = dtype.itemsize > 0 and math.prod(shape) * dtype.itemsize <= size
    if not (is_shape and is_held and len(shape) <= _MAX_AXES):
        raise ValueError("it does not hold an array of the shape that it says")
    return header


def load_array(path: Path) -> np.ndarray:
    """Loads an `.npy` file.

    Raises:
        ValueError: As `check_arrays` does; also for an `.npz` file.
    """
    content = _load(path)
    if isinstance(content, dict):
        raise ValueError("it holds several arrays, as an .npz file")
    return content


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Loads the arrays of an `.npz` file by name.

    Raises:
        ValueError: As `check_arrays` does; also for an `.npy` file.
    """
    content = _load(path)
    if not isinstance(content, dict):
        raise ValueError("it holds one array, as an .npy file")
    return content


def _load(path: Path) -> np.ndarray | dict[str, np.ndarray]:
    check_arrays(path)
    # numpy does not close a damaged file that it has opened itself.
    with path.open("rb") as raw:
        content = np.load(raw, allow_pickle=False)
        return content if isinstance(content, np.ndarray) else dict(content)


def check_arrays(path: Path, only: str | None = None) -> None:
    """Checks the headers in an `.npy` or `.npz` file, before `numpy.load` obeys them.

    Args:
        path: The file.
        only: Name of the array of an `.npz` file that is read; all if None.

    Raises:
        ValueError: If one is damaged, or an array is larger than what holds it.
        OSError: If the file cannot be read; `zipfile.BadZipFile`, too.
        BoundError: If they unfold to far more than the file's size.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as raw:
            read_header(raw, path.stat().st_size)
        return
    with zipfile.ZipFile(path) as file:
        bounds.check_members(path, file)
        for member in file.infolist():
            if only in (None, member.filename.removesuffix(".npy")):
                member_header(file, member)


def member_header(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> Header:
    """Reads the beginning of an array in an `.npz` file.

    Raises:
        ValueError: As `read_header`, with the name of the array.
    """
    try:
        with file.open(member) as raw:
            return read_header(raw, member.file_size)
    except ValueError as error:
        kind = HoldsObjectsError if isinstance(error, HoldsObjectsError) else ValueError
        raise kind(f"{member.filename}: {error}") from error
