"""Bytes to text, and text to lines: character encodings, line ends, compression."""

import codecs
import re
import zlib
from pathlib import Path

from zoo import bounds, messages
from zoo.errors import DatasetError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
MARK = "\ufeff"
_NUL_SHARE = 0.5  # of the bytes on one side of the pairs of UTF-16, at least
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # in no text
_AROUND = 12  # characters of context in a message


def read_lines(path: Path, charset: str | None = None) -> list[str]:
    r"""Reads the lines of a text file, decompressed if its name ends in `.gz`.

    Lines end with `\n`, `\r\n` or `\r`.

    Args:
        path: The file.
        charset: See `decode`.

    Raises:
        DatasetError: If it is missing, truncated, or no text of this encoding, or
            unfolds to far more than its size.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    bounds.check_fetched(path)
    try:
        is_packed = path.suffix.lower() == ".gz"
        content = bounds.read_packed(path) if is_packed else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} is damaged: {error}") from error
    text = decode(path, content, charset)
    # Not `splitlines`, which also splits at some characters within a line.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n").split("\n")


def decode(path: Path, content: bytes, charset: str | None = None) -> str:
    """Decodes the content of a text file.

    Args:
        path: The file, for a message.
        content: Its bytes.
        charset: Its character encoding; that of its byte order mark if None, or UTF-8.

    Raises:
        DatasetError: If it is not text of this encoding, there is no such encoding, or
            the text holds NUL characters.
    """
    text = _decoded(path, content, charset or marked(path, content))
    text = text.replace(MARK, "")  # where files were put below each other
    if "\0" in text:
        raise holds_nul(path, text.count("\n", 0, text.index("\0")) + 1)
    return text


def holds_nul(path: Path, line: int) -> DatasetError:
    """Returns the error of text that holds a NUL character in this line."""
    return DatasetError(
        f"{path}, line {line} holds a NUL character: the file is binary, damaged, "
        "or of another encoding (--charset); remove these characters."
    )


def marked(path: Path, content: bytes) -> str | None:
    """Returns the encoding that a byte order mark names; None without one."""
    for mark, charset in _MARKS.items():
        if content.startswith(mark):
            if charset != "utf-8-sig":
                messages.inform(f"{path} is {charset.upper()} by its byte order mark.")
            return charset
    return None


def _decoded(path: Path, content: bytes, charset: str | None) -> str:
    check_wide(path, content, charset)
    try:
        return content.decode(charset or "utf-8")
    except LookupError:
        raise unknown_charset(charset) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise not_text(path, line, error, charset) from None


def unknown_charset(charset: str | None) -> DatasetError:
    """Returns the error of an encoding that Python does not know."""
    return DatasetError(
        f"There is no charset {charset!r}; utf-8, utf-16, cp1252 and latin-1 are "
        "some, and Python's documentation of `codecs` names all."
    )


def check_wide(path: Path, content: bytes, charset: str | None) -> None:
    """Checks that text is not UTF-16 where no encoding is known.

    Raises:
        DatasetError: If it is.
    """
    guess = None if charset else _wide(content)
    if guess:
        raise DatasetError(
            f"{path} is not UTF-8 text; every other byte is zero, as in "
            f"{guess.upper()}: give --charset {guess}."
        )


def not_text(
    path: Path, line: int, error: UnicodeDecodeError, charset: str | None
) -> DatasetError:
    """Returns the error of bytes that are no text, with the encoding they may be of.

    Args:
        path: The file.
        line: Where they stand.
        error: Of the bytes around them.
        charset: The encoding that was asked for; UTF-8 if None.
    """
    where = f"{path}, line {line} is not {(charset or 'utf-8').upper()} text"
    if charset is not None:
        return DatasetError(
            f"{where} ({error.reason}); give another --charset, or repair the file."
        )
    if _BINARY.search(error.object):
        return DatasetError(
            f"{path} is no text: it holds control characters, as pictures, sounds and "
            "archives do; give it the suffix of what it is."
        )
    guess = _narrow(error.object)
    return DatasetError(
        f"{where}; as {guess} it reads {_around(error.object, error.start, guess)!r}: "
        f"give --charset {guess} if that is right."
    )


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: letters of Latin script leave one byte of two zero."""
    start = content[:4096]
    zeros = [start[side::2].count(0) / max(1, len(start) // 2) for side in (0, 1)]
    if max(zeros) < _NUL_SHARE or min(zeros) > 0.05:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _narrow(content: bytes) -> str:
    """Windows-1252 has letters and quotes where latin-1 has control characters."""
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252" if re.search(rb"[\x80-\x9f]", content) else "latin-1"


def _around(content: bytes, place: int, charset: str) -> str:
    near = content[max(0, place - _AROUND) : place + _AROUND]
    near = near.replace(b"\r", b"\n").replace(b"\t", b" ")
    before = near[: min(place, _AROUND)].rpartition(b"\n")[2]
    behind = near[min(place, _AROUND) :].partition(b"\n")[0]
    return (before + behind).decode(charset, "replace").strip()
