"""The lines of a text file of any length, in a stream."""

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from zoo.datasets import charset as charsets
from zoo.errors import DatasetError

LONGEST_LINE = 2**24  # characters
_PIECE = 2**16  # characters
_START = 2**16  # bytes that decide about the encoding


class TextStream:
    r"""Reads lines, decompressed if the file's name ends in `.gz`.

    Lines end with `\n`, `\r\n` or `\r`.

    Args:
        file: An open binary file.
        path: Its path, for messages.
        charset: Its character encoding; that of its byte order mark if None, or UTF-8.

    Example:

    >>> with TextStream(io.BytesIO(b"a\r\nb\rc"), Path("x.txt")) as stream:
    ...     list(stream), stream.line
    (['a', 'b', 'c'], 3)
    """

    def __init__(self, file: IO[bytes], path: Path, charset: str | None = None) -> None:
        self.path, self.line = path, 0
        self._charset, self._file, self._counted = charset, file, 0
        is_packed = path.suffix.lower() == ".gz"
        content = gzip.GzipFile(fileobj=file) if is_packed else file
        buffered = io.BufferedReader(content, _START)  # pyright: ignore
        with self._errors():
            start = buffered.peek(_START)[:_START]
        found = charset or charsets.marked(path, start)
        charsets.check_wide(path, start, found)
        try:
            self._text = io.TextIOWrapper(buffered, found or "utf-8-sig")
        except LookupError:
            raise charsets.unknown_charset(charset) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leaves the file open for whoever opened it."""
        self._text.detach().detach()

    def __iter__(self) -> Iterator[str]:
        with self._errors():
            while line := self._text.readline(LONGEST_LINE):
                self.line += 1
                if len(line) == LONGEST_LINE and not line.endswith("\n"):
                    raise DatasetError(
                        f"{self.path}, line {self.line} has more than {LONGEST_LINE:,} "
                        "characters: it is no text file, or its line ends were lost."
                    )
                if "\0" in line:
                    raise charsets.holds_nul(self.path, self.line)
                yield line.removesuffix("\n").replace(charsets.MARK, "")

    def pieces(self) -> Iterator[str]:
        r"""Yields lines, those of more than 65,536 characters cut at white space.

        >>> with TextStream(io.BytesIO(b"a b\n" + b"long " * 20_000), Path()) as stream:
        ...     [len(piece) for piece in stream.pieces()]
        [3, 65534, 34465]
        """
        rest = ""
        with self._errors():
            while part := self._text.readline(_PIECE - len(rest)):
                self.line += not rest
                if "\0" in part:
                    raise charsets.holds_nul(self.path, self.line)
                piece, rest = rest + part, ""
                if len(piece) == _PIECE and " " in piece and piece[-1] != "\n":
                    piece, _, rest = piece.rpartition(" ")
                yield piece.removesuffix("\n")
            if rest:
                yield rest

    def read(self) -> int:
        """Returns how many bytes of the file were read since the last call."""
        place = self._file.tell() if self._file.seekable() else self._counted
        read, self._counted = place - self._counted, place
        return read

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            line = self.line + error.object.count(b"\n", 0, error.start) + 1
            raise charsets.not_text(self.path, line, error, self._charset) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DatasetError(f"{self.path} is damaged: {error}") from error
