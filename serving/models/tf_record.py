"""TFRecord files without TensorFlow.

A record is its length in 8 bytes, a checksum of these, the data, and a checksum of the
data: a CRC-32C that is rotated and shifted by a constant.
"""

import functools
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from serving.errors import Code, StatusError

_POLYNOMIAL = 0x82F63B78  # of Castagnoli, reversed
_MASK_DELTA = 0xA282EAD8
_BLOCK = 64  # bytes whose checksums are taken at once
_HEAD = struct.Struct("<QI")
_FOOT = struct.Struct("<I")


def read_records(path: Path) -> Iterator[bytes]:
    """Yields the data of each record.

    Raises:
        StatusError: DATA_LOSS when a record is cut off or its checksum is wrong.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        while (offset := file.tell()) < size:
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                raise _data_loss("truncated", offset, path)
            length, checksum = _HEAD.unpack(head)
            if checksum != masked_crc32c(head[:8]):
                raise _data_loss("corrupted", offset, path)
            if file.tell() + length + _FOOT.size > size:
                raise _data_loss("truncated", offset, path)
            data = file.read(length)
            if _FOOT.unpack(file.read(_FOOT.size)) != (masked_crc32c(data),):
                raise _data_loss("corrupted", offset, path)
            yield data


def record_bytes(data: bytes) -> bytes:
    """Returns a record as it stands in a file.

    Example:

    >>> len(record_bytes(b"data"))
    20
    """
    length = struct.pack("<Q", len(data))
    head = length + _FOOT.pack(masked_crc32c(length))
    return head + data + _FOOT.pack(masked_crc32c(data))


def masked_crc32c(data: bytes) -> int:
    """Returns the checksum of a record.

    Example:

    >>> hex(masked_crc32c(b"123456789"))
    '0xc78ab0e5'
    """
    # The remainder is linear: that of a block is the sum (XOR) of those of its bytes,
    # and what the blocks before leave over is added to its first four bytes.
    crc = 0xFFFFFFFF
    count = len(data) // _BLOCK
    if count:
        remainders = _remainders_by_place()
        first, second, third, fourth = remainders[:4].tolist()
        blocks = np.frombuffer(data, np.uint8, count * _BLOCK).reshape(count, _BLOCK)
        terms = remainders[np.arange(_BLOCK), blocks]
        for block in np.bitwise_xor.reduce(terms, axis=1).tolist():
            carried = first[crc & 0xFF] ^ second[crc >> 8 & 0xFF]
            carried ^= third[crc >> 16 & 0xFF] ^ fourth[crc >> 24]
            crc = carried ^ block
    for byte in data[count * _BLOCK :]:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


@functools.cache
def _remainders_by_place() -> np.ndarray:
    """Returns what each byte adds to the remainder, by its place in a block."""
    table = np.array(_TABLE, np.uint32)
    rows = [table]
    for _ in range(_BLOCK - 1):
        rows.append(table[rows[-1] & 0xFF] ^ rows[-1] >> 8)
    return np.stack(rows[::-1])


_TABLE = tuple(map(_remainder, range(256)))


def _data_loss(what: str, offset: int, path: Path) -> StatusError:
    return StatusError(Code.DATA_LOSS, f"{what} record at {offset} of {path}")
