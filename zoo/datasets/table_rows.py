"""Rows of a file that are none of its table: comments, units, the header again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from zoo.datasets.cells import is_measure, is_missing, numbers, without_gaps
from zoo.datasets.dialect import Rows
from zoo.datasets.finding import Finding

_END_OF_FILE = ["\x1a"]  # of DOS
_FEW = 3  # comments, or this fraction of the rows:
_MOST_COMMENTS = 0.1
_DIGITS = tuple("0123456789-+.")
_WORDS = 3  # of a text, on average, at least
_LOOKED_AT = 200  # rows by which the columns of numbers are found


class OtherRows:
    """Tells rows that are none of the table, by its first rows.

    These are comments, which begin with `#`, where the first column holds numbers or
    dates, or they are of another width and it holds no texts; a row like the header, as
    in files put below each other; and a row of words right below the header, over
    columns of numbers: units, or a second header.

    Args:
        header: Names of the columns; None without any.
        rows: The first rows below it.

    Example:

    >>> rows = [(2, ["m", "s"]), (3, ["1", "2"]), (4, ["# off"]), (5, ["p", "q"])]
    >>> other = OtherRows(["p", "q"], rows)
    >>> list(other.without(rows))
    [(3, ['1', '2'])]
    """

    def __init__(self, header: list[str] | None, rows: Rows) -> None:
        self._header = header
        first = [row[0] for _, row in rows if not row[0].startswith("#")]
        count = len(rows) - len(first)
        self._has_comments = 0 < count <= max(_FEW, _MOST_COMMENTS * len(rows))
        self._are_measured = all(c[:1] in _DIGITS or is_missing(c) for c in first)
        self._are_texts = sum(len(c.split()) for c in first) >= _WORDS * len(first)
        widths = Counter(len(row) for _, row in rows)
        usual = max(widths, key=lambda width: widths[width], default=0)
        self._width = len(header) if header else usual
        below = [r for _, r in rows if not (self._is_comment(r) or r == header)]
        is_unit = header is not None and _are_units(below, len(header))
        self.units = below[0] if is_unit else None
        self._found: dict[str, list[int]] = {}

    def without(self, rows: Iterable[tuple[int, list[str]]]) -> Iterator:
        """Yields those of the table."""
        return (pair for pair in rows if not self._is_other(*pair))

    def findings(self) -> tuple[Finding, ...]:
        """What was left out until now."""
        said = {
            "comments": "comments, which begin with #",
            "repeated_header": "the header again",
            "units": "words above columns of numbers, as of units",
        }
        return tuple(
            Finding(
                kind,
                f"{said[kind]}, in line {lines[0]}"
                + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")
                + ": left out",
            )
            for kind, lines in self._found.items()
        )

    def _is_other(self, line: int, row: list[str]) -> bool:
        if row == _END_OF_FILE:
            return True
        if self._is_comment(row):
            kind = "comments"
        elif row == self._header:
            kind = "repeated_header"
        elif row == self.units and "units" not in self._found:
            kind = "units"
        else:
            return False
        self._found.setdefault(kind, []).append(line)
        return True

    def _is_comment(self, row: list[str]) -> bool:
        if not self._has_comments or not row[0].startswith("#"):
            return False
        is_other_width = len(row) not in (self._width, self._width + 1)
        return self._are_measured or (is_other_width and not self._are_texts)


def _are_units(rows: Sequence[list[str]], width: int) -> bool:
    """Whether the first row holds words in all columns of numbers, of which are two."""
    below = [row for row in rows[1 : _LOOKED_AT + 1] if len(row) == width]
    if not below or len(rows[0]) != width:
        return False
    held = zip(rows[0], zip(*below, strict=True), strict=True)
    cells = [cell for cell, column in held if _are_numbers(column)]
    words = [cell for cell in without_gaps(cells) if not is_missing(cell)]
    are_words = not any(_are_numbers([cell]) or is_measure(cell) for cell in words)
    return len(cells) > 1 and bool(words) and are_words


def _are_numbers(cells: Sequence[str]) -> bool:
    return not all(map(is_missing, cells)) and numbers(without_gaps(cells)) is not None
