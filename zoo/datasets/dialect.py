"""How a CSV file is written: what separates its cells, and whether it has a header."""

import contextlib
import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from zoo.datasets.cells import is_decimal_comma, is_missing, is_number
from zoo.datasets.column import is_called_identifier

_DELIMITERS = ",;\t|"
_BEGUN = re.compile(r"(?:^|[,;\t|])\s*'")
_CELL = re.compile(r"(?:^|[,;\t|])\s*'(?:[^']|'')*'\s*(?=[,;\t|]|$)")
_SEPARATOR = re.compile(r"sep=(.|\\t)")
_WORDS = 4  # of texts, on average
_LOOKED_AT = 200  # rows by which the delimiter is chosen

Rows = list[tuple[int, list[str]]]  # the line where each ends, and its cells


class Form(NamedTuple):
    """What separates the cells, and the sign around some; none where `quote` is ""."""

    delimiter: str
    quote: str


class StrayQuote(csv.Error):
    """A quote opens a cell and is a sign of its text: it would take in other rows."""


def read_rows(
    lines: Iterable[str], delimiter: str, quote: str = '"'
) -> Iterator[tuple[int, list[str]]]:
    """Yields the line where each row ends, counted from 1, and its stripped cells.

    Empty lines are left out; a quoted cell may hold line ends.

    Raises:
        csv.Error: If a quote is perhaps never closed; the message names its line.
    """
    held: list[str] = []  # lines of the row that is being read
    reader = csv.reader(
        _held(lines, held),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=True,
    )
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise csv.Error(
                f"line {begins}: a cell is too long; a quote that opens it is perhaps "
                f"never closed ({error})"
            ) from error
        if row is None:
            return
        if len(held) > 1 and _are_rows(held, delimiter, quote):
            raise StrayQuote(
                f"line {begins}: a quote opens a cell, which would hold the rows below "
                "as well; write it twice and another one around the cell"
            )
        held.clear()
        if row:
            yield reader.line_num, [cell.strip() for cell in row]


def _held(lines: Iterable[str], held: list[str]) -> Iterator[str]:
    for line in lines:
        held.append(f"{line}\n")
        yield held[-1]


def _are_rows(lines: list[str], delimiter: str, quote: str) -> bool:
    """Whether lines that a quote joins are rows of one width without it.

    Between commas, a text of several lines may look so; what shows that the quote is
    none is another one within a cell. Tabs are rare in texts.
    """
    counts = {line.count(delimiter) for line in lines if line.strip()}
    if len(counts) > 1 or counts == {0}:
        return False
    options = {"delimiter": delimiter, "quotechar": quote, "skipinitialspace": True}
    try:
        next(csv.reader(lines, strict=True, **options))
    except csv.Error:
        return True
    return delimiter == "\t"


def without_preamble(lines: Sequence[str]) -> tuple[list[str], int]:
    """Empties the lines above the header that say something of the file.

    These are comments of sensors and programs, which begin with `#`, where the header
    does not, and the `sep=;` of Excel. The lines below keep their numbers.

    Returns:
        The lines, and how many were emptied.

    >>> without_preamble(["# sensor 7", "sep=;", "a;b", "1;2"])
    (['', '', 'a;b', '1;2'], 2)
    >>> without_preamble(["#id,a", "1,2"])
    (['#id,a', '1,2'], 0)
    """
    above = list(itertools.takewhile(_is_preamble, lines))
    below = next((line for line in lines[len(above) :] if line.strip()), "")
    if above and above[-1].startswith("#") and _widths(above[-1]) == _widths(below):
        above.pop()  # a header, as some programs write it
    said = sum(bool(line.strip()) for line in above)
    return [*[""] * len(above), *lines[len(above) :]], said


def _is_preamble(line: str) -> bool:
    is_separator = bool(_SEPARATOR.fullmatch(line.strip().strip('"')))
    return line.startswith("#") or is_separator or not line.strip()


def _widths(line: str) -> list[int]:
    return [line.count(each) for each in _DELIMITERS]


def choose_form(lines: Sequence[str], delimiter: str | None = None) -> Form:
    """Returns how the cells are written.

    Double quotes are signs of the texts between tabs, where one of them opens a cell
    and would take in the rows below, and all rows have one width without it.

    Args:
        lines: All of them, or the first ones.
        delimiter: What separates the cells, where it is known.

    >>> choose_form(["id;name", "1;'Ann; jr.'", "2;'Bob'"])
    Form(delimiter=';', quote="'")
    >>> choose_form(["a\\tb\\tc", '1\\t"so\\tx', '2\\t"no\\ty'])
    Form(delimiter='\\t', quote='')
    """
    quote = choose_quote(lines)
    form = Form(delimiter or choose_delimiter(lines, quote), quote)
    if form == ("\t", '"') and any(line.count('"') % 2 for line in lines):
        literal = Form("\t", "")
        if has_stray_quote(lines, form) and _are_texts(list(_cells(lines, literal))):
            return literal
    return form


def has_stray_quote(lines: Iterable[str], form: Form) -> bool:
    """Returns whether `read_rows` raises `StrayQuote`."""
    try:
        for _ in read_rows(lines, *form):
            pass
    except StrayQuote:
        return True
    return False


def _are_texts(rows: list[list[str]]) -> bool:
    """Whether rows have one width, and what begins with a quote is no number."""
    begun = (cell for row in rows for cell in row if cell.startswith('"'))
    return _is_even(rows) and not any(is_number(cell.strip('"')) for cell in begun)


def _cells(lines: Iterable[str], form: Form) -> Iterator[list[str]]:
    return (row for _, row in read_rows(lines, *form))


def choose_quote(lines: Sequence[str]) -> str:
    """Returns the sign around cells that hold a separator.

    It is the single quote where at least half of the lines have a cell between two of
    them, none has one that only begins so, and no line has a double quote.

    >>> choose_quote(["id,name", "1,'Ann, jr.'", "2,'Bob'"])
    "'"
    >>> choose_quote(["id,name", "1,'tis Ann", "2,'Bob'"])
    '"'
    """
    looked = [line for line in lines[:_LOOKED_AT] if line.strip()]
    begun, quoted = ([len(e.findall(each)) for each in looked] for e in (_BEGUN, _CELL))
    is_single = begun == quoted and 2 * sum(map(bool, quoted)) >= len(looked) > 1
    return "'" if is_single and not any('"' in line for line in looked) else '"'


def choose_delimiter(lines: Sequence[str], quote: str = '"') -> str:
    """Returns what separates the cells: a comma, semicolon, tab or bar.

    It is what the first line has most of, of those by which all rows have one width;
    not the comma where another one leaves numbers with decimal commas.
    """
    first = next((line for line in lines if line.strip()), "")
    by_count = sorted(_DELIMITERS, key=first.count, reverse=True)
    tables = {each: _first_rows(lines, Form(each, quote)) for each in by_count}
    even = [each for each in by_count if _is_even(tables[each])]
    if not even:
        return by_count[0]
    for other in even:
        if other != "," and _has_decimal_commas(tables[other]):
            return other
    return even[0]


def _first_rows(lines: Sequence[str], form: Form) -> list[list[str]]:
    """The first rows, before one that cannot be read."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(itertools.islice(_cells(lines, form), _LOOKED_AT))
    return rows


def _is_even(rows: list[list[str]]) -> bool:
    widths = {len(row) for row in rows}
    return len(widths) == 1 and max(widths) > 1


def _has_decimal_commas(rows: list[list[str]]) -> bool:
    return any(
        all(is_number(cell) or is_decimal_comma(cell) for cell in column[1:])
        and any(map(is_decimal_comma, column))
        for column in zip(*rows, strict=True)
    )


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Returns whether the first row names the columns.

    Names are no numbers, or the numbers of the columns (`0, 1, 2, ...`), or count
    evenly (`1990, 1995, ...`) where the rows below do not. One that is a value of its
    own column is none, unless another stands above numbers alone.

    >>> has_header([["a", "b"], ["1", "2"]])
    True
    >>> has_header([["5.1", "setosa"], ["4.9", "setosa"]])
    False
    >>> has_header([["3", "7", "1"], ["4", "4", "0"]])
    False
    >>> has_header([["0", "1", "label"], ["4", "4", "yes"]])
    True
    >>> has_header([["age", "male"], ["31", "male"], ["25", "female"]])
    True
    >>> has_header([["1", "A title of five words"], ["2", "Another one of five"]])
    False
    """
    first, below = rows[0], without_header(rows)
    numbers = [float(c) for c in first if is_number(c)]
    if not all(c.isdigit() for c in first if is_number(c)):
        return False
    if _recurs(first, below) and not _names_numbers(first, below):
        return False
    if numbers and _is_among_texts(first, below):
        return False
    if not numbers or any(c and not is_number(c) for c in first):
        return True
    if len(first) == 1:
        # pandas writes "0" above a series without a name.
        return first[0] == "0" and any("." in row[0] for row in below)
    if not _counts_evenly(numbers) or any(list(row) == list(first) for row in below):
        return False
    counts = [_counts_evenly([float(c) for c in r if is_number(c)]) for r in below[:20]]
    return len(numbers) < 3 or not all(counts)


def without_header(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Returns the rows below the first without those that are like it.

    They stay where no column says that it is a header: one of numbers below a name.

    >>> without_header([["p", "q"], ["1", "a"], ["p", "q"]])
    [['1', 'a']]
    >>> without_header([["a", "b"], ["b", "b"], ["a", "b"]])
    [['b', 'b'], ['a', 'b']]
    """
    first, below = list(rows[0]), list(rows[1:])
    others = [row for row in below if list(row) != first]
    if len(others) == len(below):
        return below
    return others if _names_numbers(first, others) else below


def extended_header(header: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns the header with the name that it lacks, if all rows are one cell longer.

    What has no name are the names of rows, as R writes them, which are all different,
    or nothing, where each row ends with a separator.

    >>> extended_header(["p", "q"], [["1", "5", "6"], ["2", "7", "8"]])
    ['', 'p', 'q']
    >>> extended_header(["p", "q"], [["5", "6", ""], ["7", "8", ""]])
    ['p', 'q', '']
    >>> extended_header(["p", "q"], [["a", "5", "6"], ["a", "7", "8"]])
    ['p', 'q']
    >>> extended_header(["p", "q"], [["0.5", "Roe", "Jo"], ["0.7", "Doe", "Al"]])
    ['p', 'q']
    """
    if len(header) < 2 or any(len(row) != len(header) + 1 for row in rows):
        return header
    if not any(row[-1] for row in rows):
        return [*header, ""]
    return ["", *header] if _are_row_names([row[0] for row in rows], header) else header


def _are_row_names(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Whether cells before the first named column are other than its own values.

    These are, where a cell behind them holds an unquoted comma.
    """
    numbers = [float(cell) for cell in cells if is_number(cell)]
    is_measured = any(number % 1 for number in numbers)
    is_own = is_measured or is_called_identifier(header[0])
    return len(set(cells)) == len(cells) and not is_own


def _recurs(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a text of the first row is a value of its column, as no name is."""
    columns = zip(first, zip(*below, strict=False), strict=False)
    return any(
        name in values for name, values in columns if name and not is_number(name)
    )


def _names_numbers(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a name stands above a column of numbers alone."""
    columns = zip(first, zip(*below, strict=False), strict=False)
    return any(
        not is_missing(name) and not is_number(name) and _are_numbers(cells)
        for name, cells in columns
    )


def _are_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if not is_missing(cell)]
    return bool(filled) and all(map(is_number, filled))


def _is_among_texts(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a text of several words stands above such texts, as no name does."""
    columns = zip(first, zip(*below, strict=False), strict=False)
    return any(
        len(name.split()) >= _WORDS
        and sum(len(cell.split()) for cell in cells) >= _WORDS * len(cells)
        for name, cells in columns
    )


def _counts_evenly(numbers: list[float]) -> bool:
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    return len(steps) <= 1 and min(steps, default=1) > 0
