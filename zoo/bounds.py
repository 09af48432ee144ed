"""Bounds on what the files of others make us do, checked before it is done.

A file may be a thousand times larger once it is unpacked, say a shape that nothing
fills, or nest deeper than any reader; SECURITY.md says which bound stands where.
"""

import errno
import gzip
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

from zoo.errors import BoundError, DatasetError

UNPACKED_TIMES = 50  # a packed file may unfold to so many times its size,
UNPACKED_LEAST = 2**20  # or to so many bytes
MAX_DEPTH = 100  # lists and objects within each other
_BLOCK = 2**18
_POINTER = b"version https://git-lfs.github.com/spec/"
_ENCRYPTED = 1  # bit of a member's flags in a zip file


def largest_unpacked(packed: int) -> int:
    """Returns to how many bytes a file of this size may unfold.

    >>> largest_unpacked(10), largest_unpacked(10**6)
    (1048576, 50000000)
    """
    return max(UNPACKED_LEAST, UNPACKED_TIMES * packed)


def read_bytes(path: Path) -> bytes:
    """Reads a regular file.

    Raises:
        OSError: If it cannot be read, or is a pipe or device, which may never end.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.read_bytes()


def read_packed(path: Path) -> bytes:
    """Reads a file that is compressed with gzip.

    Raises:
        BoundError: If it unfolds to more than `largest_unpacked` of its size.
        OSError: If it cannot be read, or is none; `EOFError` and `zlib.error`, too.
    """
    limit, held = largest_unpacked(path.stat().st_size), bytearray()
    with gzip.open(path) as file:
        while block := file.read(_BLOCK):
            held += block
            if len(held) > limit:
                raise BoundError(
                    f"{path} unpacks to more than {UNPACKED_TIMES} times its size; "
                    "unpack it yourself if that is right."
                )
    return bytes(held)


def check_fetched(path: Path) -> None:
    """Checks that a file is more than the pointer of Git LFS to it.

    Raises:
        DatasetError: If it is one, as in a clone without `git lfs`.
    """
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(_POINTER)) == _POINTER:
                raise DatasetError(
                    f"{path} is a pointer of Git LFS, not the file itself; fetch it: "
                    "git lfs pull."
                )


def check_members(path: Path, file: zipfile.ZipFile) -> None:
    """Checks what the members of a zip file say of themselves.

    Raises:
        BoundError: If they unfold to more than `largest_unpacked` of the file's size.
        DatasetError: If one is encrypted.
    """
    if any(member.flag_bits & _ENCRYPTED for member in file.infolist()):
        raise DatasetError(f"{path} is encrypted; save it without a password.")
    size = sum(member.file_size for member in file.infolist())
    if size > largest_unpacked(path.stat().st_size):
        raise BoundError(
            f"{path} unpacks to {size:,} bytes, more than {UNPACKED_TIMES} times its "
            "size; write it without compression if that is right."
        )


def parse_json(text: str | bytes) -> Any:
    """Parses JSON that somebody else may have written.

    Raises:
        ValueError: If it is none, or nests deeper than `MAX_DEPTH`.

    Example:

    >>> parse_json('{"a": [1]}')
    {'a': [1]}
    >>> parse_json("[" * 101 + "]" * 101)
    Traceback (most recent call last):
    ...
    ValueError: it nests deeper than 100 levels
    """
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"it nests deeper than {MAX_DEPTH} levels") from error
    level = _children([content])
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError(f"it nests deeper than {MAX_DEPTH} levels")
    return content


def _children(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value
    return [each for each in inner if isinstance(each, dict | list)]
