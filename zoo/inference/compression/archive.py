"""The file format of compressed pictures.

======================  ====================================================
bytes                   content
======================  ====================================================
4                       `ZOOC`
1                       version of the format, 1
4                       length of the header, little-endian
header                  JSON, compressed by zlib: model, sha256 of its
                        weights, step of the quantizer, and name, height,
                        width and channels of each picture
codes                   see `entropy_coding.encode`, one row a tile
4                       CRC-32 of everything before, little-endian
======================  ====================================================
"""

import dataclasses
import json
import math
import re
import struct
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from zoo.bounds import largest_unpacked, parse_json, read_bytes
from zoo.datasets.picture_file import MAX_PIXELS
from zoo.errors import DatasetError

SUFFIX = ".zooc"
MAGIC, VERSION = b"ZOOC", 1
_START = struct.Struct("<4sBI")
_END = struct.Struct("<I")
_FEW_PIXELS, _PIXELS_A_BYTE = 16_000_000, 500  # that an archive may unpack to
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^\x00-\x1f\x7f\\:]{1,1000}")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A picture of an archive.

    Args:
        name: Where it is written, below the folder of all.
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
    """

    name: str
    height: int
    width: int
    channels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.height, self.width, self.channels


@dataclasses.dataclass(frozen=True)
class Archive:
    """Compressed pictures.

    Args:
        model: Name of the autoencoder.
        weights: The sha256 of its weights.
        step: Of the quantizer.
        entries: The pictures.
        codes: Their entropy-coded symbols.
    """

    model: str
    weights: str
    step: float
    entries: tuple[Entry, ...]
    codes: bytes

    def to_bytes(self) -> bytes:
        """Returns the content of the file.

        Raises:
            DatasetError: If it would be refused when it is read.
        """
        _check(self)
        header = zlib.compress(json.dumps(self._header()).encode(), 9)
        content = _START.pack(MAGIC, VERSION, len(header)) + header + self.codes
        content += _END.pack(zlib.crc32(content))
        self.check_size(len(content))
        return content

    def _header(self) -> dict[str, Any]:
        pictures = [dataclasses.astuple(entry) for entry in self.entries]
        return {
            "model": self.model,
            "weights": self.weights,
            "step": self.step,
            "pictures": pictures,
        }

    def check_size(self, size: int) -> None:
        """Checks that a file of so many bytes may hold so many pixels.

        Raises:
            DatasetError: If it may not.
        """
        pixels = sum(math.prod(entry.shape) for entry in self.entries)
        if pixels > max(_FEW_PIXELS, _PIXELS_A_BYTE * size):
            raise DatasetError(
                f"{pixels:,} pixels in {size:,} bytes are more than "
                f"{_PIXELS_A_BYTE} a byte"
            )


def read(path: Path) -> Archive:
    """Reads an archive.

    Raises:
        DatasetError: If it is missing, none, truncated, damaged, or of a later version.
    """
    try:
        content = read_bytes(path)
    except FileNotFoundError as error:
        raise DatasetError(f"There is no archive {path}; check the path.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return _parse(content)
    except DatasetError as error:
        raise DatasetError(f"{path} cannot be decompressed: {error}.") from error


def _parse(content: bytes) -> Archive:
    if len(content) < len(MAGIC) or not content.startswith(MAGIC):
        raise DatasetError("it was not written by `zoo compress`")
    if len(content) < _START.size + _END.size:
        raise DatasetError("it is truncated")
    _, version, length = _START.unpack_from(content)
    if version != VERSION:
        raise DatasetError(
            f"it has version {version} of the format; this program reads {VERSION}"
        )
    body, checksum = content[: -_END.size], _END.unpack(content[-_END.size :])[0]
    if zlib.crc32(body) != checksum:
        raise DatasetError("it is truncated or damaged, its checksum is another")
    header, codes = body[_START.size :][:length], body[_START.size + length :]
    archive = _archive(_unpacked(header, largest_unpacked(len(content))), codes)
    _check(archive)
    archive.check_size(len(content))
    return archive


def _unpacked(header: bytes, limit: int) -> Any:
    packed = zlib.decompressobj()
    try:
        text = packed.decompress(header, limit)
        content = parse_json(text)
    except (zlib.error, ValueError) as error:
        raise DatasetError(f"its header is damaged ({error})") from error
    if not packed.eof:
        raise DatasetError("its header is truncated")
    return content


def _archive(header: Any, codes: bytes) -> Archive:
    match header:
        case {
            "model": str(model),
            "weights": str(weights),
            "step": float(step),
            "pictures": [_, *_] as pictures,
        }:
            entries = tuple(map(_entry, pictures))
            return Archive(model, weights, step, entries, codes)
    raise DatasetError("its header says no model, weights, step and pictures")


def _entry(content: Any) -> Entry:
    match content:
        case [str(name), int(height), int(width), int(channels)]:
            return Entry(name, height, width, channels)
    raise DatasetError("its header describes a picture wrongly")


def _check(archive: Archive) -> None:
    if not _SHA256.fullmatch(archive.weights):
        raise DatasetError("its header says no sha256 of weights")
    if not (math.isfinite(archive.step) and archive.step > 0):
        raise DatasetError(f"its header says a step of {archive.step}")
    names = set()
    for entry in archive.entries:
        _check_entry(entry)
        if entry.name in names:
            raise DatasetError(f"two of its pictures are called {entry.name!r}")
        names.add(entry.name)


def _check_entry(entry: Entry) -> None:
    parts = entry.name.split("/")
    if (
        not _NAME.fullmatch(entry.name)
        or PurePosixPath(entry.name).is_absolute()
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise DatasetError(f"a picture has the impossible name {entry.name!r}")
    is_possible = entry.height > 0 and entry.width > 0 and entry.channels in (1, 3)
    if not is_possible or entry.height * entry.width > MAX_PIXELS:
        raise DatasetError(f"{entry.name!r} has the impossible shape {entry.shape}")
