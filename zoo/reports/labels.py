"""Text in pictures: names that come from data may hold any character."""

import functools
from collections.abc import Iterable

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

DEFAULT = "DejaVu Sans"  # comes with matplotlib
_TOFU = "Last Resort"  # fonts that draw a box for every character


def label(text: str, most: int = 20) -> str:
    r"""Returns a text as a picture can show it: on one line, and not too long.

    Line breaks, and characters that no font at hand can draw, are written as in a
    Python string.

    Args:
        text: Name of a class, a token, a file.
        most: Characters to keep, the last one an ellipsis where some are cut.

    Example:

    >>> label("a\nb"), label("\U00013000"), label("Rhabarberbarbara", most=10)
    ('a\\nb', '\\U00013000', 'Rhabarber…')
    """
    fonts = [_font(family) for family in matplotlib.rcParams["font.family"]]
    shown = "".join(
        char if _is_drawn(char, fonts) else char.encode("unicode_escape").decode()
        for char in text[: most + 1]
    )
    shown = shown or "(empty)"
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def token_label(token: str, most: int = 14) -> str:
    """Returns a token as a picture can show it; a space is an open box.

    >>> token_label(" "), token_label("word")
    ('␣', 'word')
    """
    return label("␣" if token == " " else token, most)


def families(texts: Iterable[str]) -> list[str]:
    """Returns the font families that together can draw the texts, as far as any can.

    Args:
        texts: What pictures will show.

    Example:

    >>> families(["cat", "κάτα"])
    ['DejaVu Sans']
    """
    found = [DEFAULT]
    missing = _missing({char for text in texts for char in text}, DEFAULT)
    for name in sorted(font_manager.get_font_names()) if missing else ():
        left = missing if name.startswith(_TOFU) else _missing(missing, name)
        if left != missing:
            found.append(name)
            missing = left
    return found


def _missing(chars: set[str], family: str) -> set[str]:
    return {c for c in chars if c.isprintable() and not _is_drawn(c, [_font(family)])}


@functools.cache
def _font(family: str) -> FT2Font:
    properties = font_manager.FontProperties(family=[family])
    return font_manager.get_font(font_manager.findfont(properties))


def _is_drawn(char: str, fonts: Iterable[FT2Font]) -> bool:
    return char.isprintable() and any(font.get_char_index(ord(char)) for font in fonts)
