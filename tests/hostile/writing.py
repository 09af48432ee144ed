"""Writes files of others, whatever their content: bytes, arrays, pictures."""

import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

RANDOM = np.random.default_rng(0)
Write = Callable[[Path], Path]


def content(suffix: str, data: bytes | str) -> Write:
    """Writes bytes, or text in UTF-8, under a suffix."""

    def write(path: Path) -> Path:
        path = path.with_suffix(suffix)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


def packed(suffix: str, data: bytes) -> Write:
    return lambda path: content(suffix, gzip.compress(data))(path)


def pipe(suffix: str) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(suffix)
        os.mkfifo(path)
        return path

    return write


def link(suffix: str, target: str) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(suffix)
        path.symlink_to(target)
        return path

    return write


def header(shape: str, descr: str = "'<f4'") -> bytes:
    """The beginning of an .npy file, which may say anything of what follows."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def array(value: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(value), allow_pickle=True)
    return file.getvalue()


def npz(method: int = zipfile.ZIP_DEFLATED, /, **members: bytes) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(".npz")
        with zipfile.ZipFile(path, "w", method) as file:
            for name, data in members.items():
                file.writestr(f"{name}.npy", data)
        return path

    return write


def png(
    width: int, height: int, data: bytes = b"", colour: int = 0, extra: bytes = b""
) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + extra + body


def text_chunk(body: bytes) -> bytes:
    kind = b"zTXt"
    body = b"a\0\0" + zlib.compress(body)
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


X = array(RANDOM.normal(size=(40, 4)).astype("float32"))
Y = array(np.arange(40) % 2)
