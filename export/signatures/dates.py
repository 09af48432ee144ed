"""Dates and times as text, read in a graph as the training read them."""

import re

import numpy as np
import tensorflow as tf

_TIME = (
    r"(?:[T ]([01]\d|2[0-3])(?::?([0-5]\d)(?::?([0-5]\d)(?:\.\d+)?)?)?)?"
    r"(?:Z|[-+]\d{2}(?::?\d{2})?)?"
)
# Groups of the patterns of ISO 8601, in this order: calendar and week dates.
_ISO = {
    "YmdHMS": r"(\d{4})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])" + _TIME,
    "YVuHMS": r"(\d{4})-?W(0[1-9]|[1-4]\d|5[0-3])(?:-?([1-7]))?" + _TIME,
}
# As `datetime.strptime` reads them.
_PARTS = {
    "Y": r"(\d{4})",
    "y": r"(\d{2})",
    "m": "(1[0-2]|0[1-9]|[1-9])",
    "d": r"(3[01]|[12]\d|0[1-9]|[1-9])",
    "H": r"(2[0-3]|[01]\d|\d)",
    "I": "(1[0-2]|0[1-9]|[1-9])",
    "M": r"([0-5]\d|\d)",
    "S": r"([0-5]\d|\d)",
    "p": "(am|pm)",
}
_PARTS["b"] = _PARTS["B"] = _PARTS["m"]
_PARTS["q"] = "([1-4])"  # as `date_cells.seconds` reads it
_PARTS["a"] = "(mon|tue|wed|thu|fri|sat|sun)"
_PARTS["A"] = "(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_PIVOT = 69  # years of two digits below it are those of this century
_DAY = 86_400.0  # seconds


def days(text: tf.Tensor, form: str = "") -> tf.Tensor:
    """Reads dates and times as days since 1970-01-01; NaN where it is none.

    Time zones are left out, as in training.

    Args:
        text: Dates in a form, or in ISO 8601.
        form: How dates are written in the table, as `strptime` takes it; ISO 8601 if
            empty.

    >>> days(tf.constant(["1970-01-02", "1969-12-31T12:00", "today"])).numpy()
    array([ 1. , -0.5,  nan], dtype=float32)
    >>> days(tf.constant(["2.1.1970", "1970-01-02"]), "%d.%m.%Y").numpy()
    array([1., 1.], dtype=float32)

    Reference:
        Hinnant, 2021, chrono-compatible low-level date algorithms.
    """
    text = tf.strings.strip(text)
    found = tf.fill(tf.shape(text), np.float32(np.nan))
    for parts, pattern in _ISO.items():
        places = {part: place for place, part in enumerate(parts, 1)}
        found = tf.where(tf.math.is_nan(found), _read(text, pattern, places), found)
    if not form:
        return found
    text = tf.strings.lower(text)
    if "%b" in form or "%B" in form:
        for number, name in enumerate(_MONTHS, 1):
            written = name if "%B" in form else name[:3]
            text = tf.strings.regex_replace(text, written, str(number))
    places = {part: place for place, part in enumerate(re.findall("%(.)", form), 1)}
    own = _read(text, _expression(form), places)
    return tf.where(tf.math.is_nan(own), found, own)


def _expression(form: str) -> str:
    """Returns the pattern of a form in small letters, with a group for each part."""
    pieces = re.split("%(.)", form)
    literals = [re.escape(each.lower()) for each in pieces[::2]]
    pieces[::2] = [re.sub(r"(\\ )+", r"\\s+", each) for each in literals]
    pieces[1::2] = [_PARTS[part] for part in pieces[1::2]]
    return "".join(pieces)


def _read(text: tf.Tensor, pattern: str, places: dict[str, int]) -> tf.Tensor:
    """Reads the parts of dates from the groups of a pattern."""
    is_date = tf.strings.regex_full_match(text, pattern)

    def written(part: str) -> tf.Tensor:
        cut = tf.strings.regex_replace(text, f"^{pattern}$", rf"\{places[part]}")
        return tf.where(is_date, cut, "")

    def number(*parts: str, default: int = 0) -> tf.Tensor:
        part = next((each for each in parts if each in places), None)
        if part is None:
            return tf.fill(tf.shape(text), default)
        return tf.strings.to_number(tf.strings.join(["0", written(part)]), tf.int32)

    is_week = "V" in places  # of which the first one holds the fourth of January
    year, month, day = (
        number("Y", "y"),
        number(*"mbB", default=1),
        number("d", default=4 if is_week else 1),
    )
    if "q" in places:
        month = 3 * number("q") - 2
    if "y" in places:
        year += tf.where(year < _PIVOT, 2000, 1900)
    hour = number("H", "I")
    if "p" in places:
        hour = hour % 12 + 12 * tf.cast(written("p") == "pm", tf.int32)
    # Years begin in March, so that the day of the leap year is the last.
    is_early = tf.cast(month <= 2, tf.int32)
    year, month = year - is_early, month + 12 * is_early - 3
    of_years = 365 * year + year // 4 - year // 100 + year // 400
    whole = of_years + (153 * month + 2) // 5 + day - 1 - 719_468
    if is_week:
        whole -= (whole + 3) % 7
        whole += 7 * (number("V") - 1) + tf.maximum(number("u"), 1) - 1
    seconds = tf.cast(3600 * hour + 60 * number("M") + number("S"), tf.float64)
    found = tf.cast(tf.cast(whole, tf.float64) + seconds / _DAY, tf.float32)
    return tf.where(is_date, found, np.nan)
