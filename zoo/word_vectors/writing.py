"""Files of word vectors, as word2vec writes them."""

import gzip
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from zoo.errors import ArgumentError
from zoo.files import replacing

if TYPE_CHECKING:
    from zoo.word_vectors.vectors import WordVectors

_BUFFER = 2**20  # bytes


def write(vectors: "WordVectors", path: str | os.PathLike) -> None:
    """Writes vectors so that a reader gets the same numbers to the bit.

    Both formats begin with a line of the number of words and the dimension. A word is
    followed by a space and its vector: numbers with spaces between them, or the bytes
    of `float32`, little-endian, and then the end of the line.

    Args:
        vectors: What to write.
        path: Of a name in `.bin`, binary; else text. With `.gz` behind it, packed.

    Raises:
        ArgumentError: If a word has white space or no letter, which neither format can
            hold.
    """
    for word in vectors.words:
        if word.split() != [word]:
            raise ArgumentError(
                f"The word {word!r} has white space, or nothing else; word2vec's "
                "formats cannot hold it."
            )
    path = Path(path)
    is_packed = path.suffix == ".gz"
    is_binary = Path(path.stem if is_packed else path.name).suffix == ".bin"
    fill = _binary if is_binary else _text
    with replacing(path) as part:
        if not is_packed:
            with part.open("wb") as file:
                fill(vectors, file)
            return
        # Without name and time, so that the same vectors are the same bytes.
        with (
            part.open("wb") as raw,
            gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed,
            io.BufferedWriter(packed, _BUFFER) as file,
        ):
            fill(vectors, file)


def _text(vectors: "WordVectors", file: BinaryIO | io.BufferedWriter) -> None:
    file.write(f"{len(vectors)} {vectors.dimension}\n".encode())
    for word, vector in zip(vectors.words, vectors.matrix, strict=True):
        # Nine digits give the same float32.
        numbers = " ".join([f"{number:.9g}" for number in vector.tolist()])
        file.write(f"{word} {numbers}\n".encode())


def _binary(vectors: "WordVectors", file: BinaryIO | io.BufferedWriter) -> None:
    file.write(f"{len(vectors)} {vectors.dimension}\n".encode())
    for word, vector in zip(vectors.words, vectors.matrix.astype("<f4"), strict=True):
        file.write(word.encode() + b" " + vector.tobytes() + b"\n")
