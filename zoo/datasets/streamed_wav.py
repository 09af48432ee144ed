"""WAV files whose header was never finished: their data chunk says 0 bytes.

Recorders that write to a pipe, or were switched off, leave the length at 0.
"""

import io
import struct
from typing import Any, BinaryIO

_CHUNK = struct.Struct("<4sI")


class StreamedWav(io.RawIOBase):
    """A file with another header in the place of its first bytes.

    Args:
        header: These bytes.
        file: The file, open.
    """

    def __init__(self, header: bytes, file: BinaryIO) -> None:
        self._header, self._file = header, file

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer from where the file is, and returns the number of bytes."""
        place = self._file.tell()
        view = memoryview(buffer).cast("B")
        count = self._file.readinto(view)  # pyright: ignore[reportAttributeAccessIssue]
        new = self._header[place : place + count]
        view[: len(new)] = new
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place, and returns it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Returns the place."""
        return self._file.tell()


def with_length(file: BinaryIO) -> StreamedWav | None:
    """Returns a WAV file with the length that its header lacks.

    What is behind the header is taken for samples, unless it is a list of chunks, as
    behind a data chunk that is empty indeed.

    Returns:
        The file, whose header says all of the samples that there are; None if the
        header lacks nothing, or nothing stands behind it.
    """
    start, end = _empty_data(file), file.seek(0, io.SEEK_END)
    if start is None or start == end or _are_chunks(file, start, end):
        return None
    file.seek(0)
    header = bytearray(file.read(start))
    file.seek(0)
    most = 2**32 - 1
    struct.pack_into("<I", header, 4, min(end - 8, most))
    struct.pack_into("<I", header, start - 4, min(end - start, most))
    return StreamedWav(bytes(header), file)


def _empty_data(file: BinaryIO) -> int | None:
    """Where the samples begin, if the header says 0 bytes of them."""
    if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
        return None
    while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
        name, size = _CHUNK.unpack(head)
        if name == b"data":
            return file.tell() if not size else None
        file.seek(size + size % 2, io.SEEK_CUR)
    return None


def _are_chunks(file: BinaryIO, start: int, end: int) -> bool:
    """Whether these bytes are chunks: printable names, and sizes up to the end."""
    while end - start >= _CHUNK.size:
        file.seek(start)
        name, size = _CHUNK.unpack(file.read(_CHUNK.size))
        if not all(32 <= letter < 127 for letter in name):
            return False
        start += _CHUNK.size + size + size % 2
    return start in (end, end + 1)  # the last pad byte may be missing
