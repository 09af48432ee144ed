"""Sentences on standard error while a command or a training goes on."""

import contextlib
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator

_is_quiet = False
# Characters that change the direction of writing.
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Leaves out progress and what `inform` says; warnings still appear."""
    global _is_quiet
    before, _is_quiet = _is_quiet, True
    try:
        yield
    finally:
        _is_quiet = before


def is_quiet() -> bool:
    """Whether progress is left out."""
    return _is_quiet


def inform(sentence: str) -> None:
    """Says what goes on."""
    if not _is_quiet:
        warn(sentence)


def warn(sentence: str) -> None:
    """Says what the user should know, above a progress bar if there is one."""
    line = fit(printable(sentence), sys.stderr.isatty())
    if "tqdm" in sys.modules:
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)
    else:  # Nobody has made a bar.
        print(line, file=sys.stderr)
    sys.stderr.flush()


def printable(text: str) -> str:
    """Escapes what a terminal would obey: names in files of others are not ours.

    Line breaks and tabs stay.

    >>> print(printable("a\\x1b[2Jb"))
    a\\x1b[2Jb
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text))


def _escaped(letter: str) -> str:
    is_obeyed = unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t"
    if is_obeyed or letter in _DIRECTIONS:
        return letter.encode("unicode_escape").decode()
    return letter


def fit(text: str, is_terminal: bool) -> str:
    """Breaks a line between words where a terminal would break it within one.

    >>> fit("a sentence", False)
    'a sentence'
    """
    if not is_terminal:
        return text
    width = shutil.get_terminal_size().columns
    return textwrap.fill(
        text,
        width,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
