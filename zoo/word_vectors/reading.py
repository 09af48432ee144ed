"""Reads files of word vectors: word2vec's text and binary formats, and GloVe's."""

import math
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo import messages
from zoo.bounds import read_bytes, read_packed
from zoo.errors import VectorFileError
from zoo.word_vectors.vectors import WordVectors

_SIZES = re.compile(rb"(\d{1,12})[ \t](\d{1,12})[ \t\r]*")
_GZIP = b"\x1f\x8b"
_LONGEST_WORD = 10_000  # bytes
Rows = Iterator[tuple[bytes, np.ndarray]]


def read(path: str | os.PathLike) -> WordVectors:
    """Reads word vectors; `WordVectors.load` says which.

    Whether a file is binary, its first record says, not its name. A word that stands
    twice keeps its first vector, and bytes that are no UTF-8 become U+FFFD; both are
    said.

    Raises:
        VectorFileError: If it cannot be read, is none, cut off, or its first line is
            wrong.
    """
    path = Path(path)
    content = _content(path)
    first, _, rest = content.partition(b"\n")
    if b"\r" in first.strip():
        raise VectorFileError(
            f"{path}: its lines end in carriage returns alone; end them in line feeds."
        )
    sizes = _SIZES.fullmatch(first)
    if sizes is None:
        dimension = _dimension_without_sizes(path, first)
        return _collect(path, _text(path, content, dimension, line=1))
    count, dimension = int(sizes[1]), int(sizes[2])
    if not count or not dimension:
        raise VectorFileError(
            f"{path}: its first line, {first.decode()!r}, says that it holds no vector."
        )
    # A number of text has two bytes, with its space; one of binary has four.
    least = count * (2 + 2 * dimension)
    if len(rest) + 1 < least:
        raise VectorFileError(
            f"{path} is cut off, or its first line is wrong: {count:,} vectors of "
            f"{dimension:,} numbers do not fit into its {len(content):,} bytes."
        )
    if _is_text(rest):
        rows = _text(path, rest, dimension, line=2)
    else:
        rows = _binary(path, rest, count, dimension)
    return _collect(path, rows, count)


def _content(path: Path) -> bytes:
    try:
        content = read_bytes(path)
        if content.startswith(_GZIP):
            content = read_packed(path)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VectorFileError(f"{path} cannot be read: {reason}.") from error
    if not content.strip():
        raise VectorFileError(f"{path} is empty; it should hold word vectors.")
    return content


def _dimension_without_sizes(path: Path, first: bytes) -> int:
    fields = first.split()
    numbers = 0
    while numbers < len(fields) and _is_number(fields[-1 - numbers]):
        numbers += 1
    dimension = min(numbers, len(fields) - 1)  # the word may be a number, too
    if dimension < 2:
        raise VectorFileError(
            f"{path} holds no word vectors: its first line must be their number and "
            "their dimension, such as '71000 100', or a word and its numbers. "
            f"Received: {first[:60].decode(errors='replace')!r}"
        )
    return dimension


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _is_text(rest: bytes) -> bool:
    """Whether the first record is a line that ends in numbers, however many."""
    fields = rest.partition(b"\n")[0].split()
    return len(fields) > 1 and all(map(_is_number, fields[1:][-2:]))


def _text(path: Path, content: bytes, dimension: int, line: int) -> Rows:
    start, read, longer = 0, 0, 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        fields = content[start:end].rstrip().rsplit(None, dimension)
        start, number, line = end + 1, line, line + 1
        if not fields:
            continue
        if len(fields) != dimension + 1:
            raise VectorFileError(
                f"{path}, line {number}, has {len(fields) - 1} numbers, others have "
                f"{dimension}; the file is cut off or damaged."
            )
        try:
            with np.errstate(over="ignore"):  # It is infinite then, which is refused.
                vector = np.array([float(field) for field in fields[1:]], "float32")
        except ValueError as error:
            raise VectorFileError(
                f"{path}, line {number}: {_word(fields[0])!r} is not followed by "
                f"{dimension} numbers."
            ) from error
        read += 1
        parts = fields[0].split()
        longer += len(parts) > 1 and _is_number(parts[-1])
        yield fields[0], vector
    # A word of GloVe's may have a space and a number in it, but not most of them.
    if read and 2 * longer >= read:
        raise VectorFileError(
            f"{path}: {longer:,} of {read:,} lines have more numbers than the "
            f"{dimension:,} of its first line; it is another file's, or damaged."
        )


def _binary(path: Path, content: bytes, count: int, dimension: int) -> Rows:
    start, size = 0, 4 * dimension
    for number in range(1, count + 1):
        while content[start : start + 1] in (b"\n", b"\r"):
            start += 1
        space = content.find(b" ", start, start + _LONGEST_WORD)
        end = space + 1 + size
        if space < 0 or end > len(content):
            raise VectorFileError(
                f"{path} is cut off or damaged: vector {number:,} of {count:,} is not "
                "whole."
            )
        yield content[start:space], np.frombuffer(content, "<f4", dimension, space + 1)
        start = end
    if content[start:].strip():
        raise VectorFileError(
            f"{path}: its first line is wrong: after {count:,} vectors of "
            f"{dimension:,} numbers {len(content) - start:,} bytes are left."
        )


def _collect(path: Path, rows: Rows, count: int | None = None) -> WordVectors:
    words: dict[str, None] = {}
    # An array for each word would take more than the numbers in it.
    numbers = bytearray()
    read, unreadable = 0, 0
    for raw, vector in rows:
        word = _word(raw)
        if not math.isfinite(float(np.abs(vector).max())):
            raise VectorFileError(
                f"{path}: the vector of {word!r} has a number that is not finite."
            )
        read += 1
        unreadable += "\ufffd" in word
        if word not in words:
            words[word] = None
            numbers += vector.tobytes()
    if count is not None and read != count:
        raise VectorFileError(
            f"{path} is cut off, or its first line is wrong: it says {count:,} vectors "
            f"and {read:,} follow."
        )
    if unreadable:
        messages.warn(
            f"{path}: {unreadable:,} words are not UTF-8; they show as \ufffd."
        )
    if len(words) < read:
        messages.warn(
            f"{path}: {read - len(words):,} words stand twice; the first vector of "
            "each is kept."
        )
    matrix = np.frombuffer(numbers, "<f4").reshape(len(words), -1)
    return WordVectors(tuple(words), matrix)


def _word(raw: bytes) -> str:
    return raw.strip().decode(errors="replace")
