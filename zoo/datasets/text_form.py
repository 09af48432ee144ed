"""What kind of text a file holds, decided by all of its lines."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from zoo.datasets.cells import MISSING
from zoo.errors import DatasetError

LABEL_NAMES = (
    *("label", "labels", "class", "category", "target", "sentiment", "topic"),
    *("intent", "tag", "y", "polarity", "emotion", "language", "lang", "gender"),
    *("rating", "stars", "score", "spam", "type"),
)
TEXT_NAMES = (
    *("text", "sentence", "review", "comment", "message", "content", "body"),
    *("tweet", "title", "document", "description", "utterance", "question"),
    *("headline", "abstract", "summary", "phrase", "sms", "v2", "x", "name"),
)
DOCUMENT = "-DOCSTART-"  # begins a document in the files of CoNLL
_MARK = "__label__"  # of fastText
_MARKS = re.compile(rf"^({_MARK}\S*\s*)+")
_TAGS = 0.2  # of the tokens, as many different tags at most
_LEAST = 10  # pairs, to say what they are
_DISTINCT = 0.5  # of the rows, on either side of parallel texts
_MOST = 0.9  # of the lines, which say what the others should be


@dataclasses.dataclass(frozen=True)
class TwoColumns:
    """Rows of two columns that a tab separates, with a label in one of them.

    Args:
        label: Index of the column with labels.
        has_header: Whether the first row names the columns.
    """

    label: int
    has_header: bool

    def describe(self) -> str:
        """What was recognized, for a sentence."""
        order = "the label before the tab" if self.label == 0 else "the label after it"
        return f", {order}{', below a header' if self.has_header else ''}"


@dataclasses.dataclass(frozen=True)
class Marked:
    """Lines that begin with `__label__` and a label, as fastText reads them."""

    def describe(self) -> str:
        """What was recognized, for a sentence."""
        return f", the label behind {_MARK}"


def marked(path: Path, lines: Sequence[str]) -> list[tuple[str, str]] | None:
    """Reads the label and the text of lines in the form of fastText; None of others.

    Raises:
        DatasetError: If a line has several labels.

    >>> marked(Path("a.txt"), ["__label__pos a good film", "", "__label__neg bad"])
    [('pos', 'a good film'), ('neg', 'bad')]
    """
    if not are_marked(lines):
        return None
    found = []
    for number, line in enumerate(lines, 1):
        label, _, text = line.removeprefix(_MARK).partition(" ")
        if text.lstrip().startswith(_MARK):
            raise DatasetError(
                f"{path}, line {number} has several labels; write a .csv table of the "
                "texts and their labels, which ';' separates."
            )
        if line.strip():
            found.append((label, text))
    return found


def are_marked(lines: Sequence[str]) -> bool:
    """Returns whether all lines begin with a label as fastText has them."""
    filled = [line for line in lines if line.strip()]
    return all(line.startswith(_MARK) for line in filled)


def without_marks(line: str) -> str:
    """Returns a line without the labels of fastText before its text.

    >>> without_marks("__label__pos __label__film a good one")
    'a good one'
    """
    return _MARKS.sub("", line)


Pairs = Sequence[tuple[str, str] | None]  # None for an empty line


def pairs(path: Path, lines: Sequence[str]) -> Pairs | None:
    """Splits lines at their tab; None where most of them have not exactly one.

    Raises:
        DatasetError: If most have, but not all.
    """
    lines = list(map(_without_attribution, lines))
    filled = [line for line in lines if line.strip()]
    with_tab = sum(line.count("\t") == 1 for line in filled)
    if with_tab < _MOST * len(filled):
        return None
    if with_tab < len(filled):
        complain(path, lines)
    found = []
    for line in lines:
        first, _, second = line.partition("\t")
        found.append((first, second) if line.strip() else None)
    return found


def _without_attribution(line: str) -> str:
    """Returns a line without the third column of Tatoeba's sentence pairs."""
    pair, tab, last = line.rpartition("\t")
    is_attributed = tab and "\t" in pair and last.startswith("CC-BY")
    return pair if is_attributed else line


def complain(path: Path, lines: Sequence[str]) -> None:
    """Names the first line that does not have one tab.

    Raises:
        DatasetError: Always.
    """
    number = next(i for i, x in enumerate(lines, 1) if x.strip() and x.count("\t") != 1)
    raise DatasetError(
        f"{path}, line {number}: a label and a text, a text and its "
        "translation, or a token and a tag, are separated by one tab, as in the other "
        "lines; for running text give --kind running."
    )


def is_tagged(rows: Pairs) -> bool:
    """Returns whether rows are tokens with tags, sentences separated by empty lines.

    Tokens and tags hold no spaces, and a sentence has several of them. Where each row
    stands alone, or one side holds texts of several words, rows are labelled texts.

    >>> is_tagged([("the", "DET"), ("end", "NOUN"), None, ("an", "DET"), ("end", "N")])
    True
    >>> is_tagged([("pos", "a good film"), None, ("neg", "a bad one")])
    False
    """
    last = max((i for i, row in enumerate(rows) if row), default=0)
    blocks, before = 0, None
    count = tokens = 0
    for row in rows[: last + 1]:
        blocks += before is None and row is not None
        before = row
        if row is not None:
            count += 1
            tokens += not any(len(side.split()) > 1 for side in row)
    return blocks > 1 and count > blocks and tokens >= _MOST * count


def is_parallel(rows: Sequence[tuple[str, str]]) -> bool:
    """Returns whether rows are texts and their translations: both sides hardly repeat.

    >>> is_parallel([(f"{i} dogs", f"{i} Hunde") for i in range(20)])
    True
    >>> is_parallel([("pos", f"{i} dogs") for i in range(20)])
    False
    """
    distinct = [
        len({cell.strip() for cell in side}) for side in zip(*rows, strict=True)
    ]
    return len(rows) >= _LEAST and min(distinct) > _DISTINCT * len(rows)


def token_columns(lines: Sequence[str], *, is_sure: bool = False) -> Pairs | None:
    """Reads columns of tokens: the token first, its tag last, as CoNLL wrote them.

    White space separates the columns, and empty lines the sentences. Lines of
    `-DOCSTART-` are left out.

    Args:
        lines: Of the file.
        is_sure: Whether it is said that they are tokens, however few tags repeat.

    Returns:
        Token and tag of each line; None where the lines have not all as many columns,
        no sentence has several tokens, or what is last in the lines hardly repeats.

    >>> token_columns(["-DOCSTART- -X- O", "", "EU NNP B-ORG", "rejects VBZ O", ""])
    [None, ('EU', 'B-ORG'), ('rejects', 'O'), None]
    >>> token_columns(["a poem", "of two words", "", "a line"]) is None
    True
    """
    found: list[tuple[str, str] | None] = []
    widths, blocks = set(), 0
    for line in lines:
        cells = line.split()
        if cells and cells[0] == DOCUMENT:
            continue
        blocks += bool(cells) and (not found or found[-1] is None)
        widths.add(len(cells))
        found.append((cells[0], cells[-1]) if cells else None)
    pairs = [pair for pair in found if pair]
    tags = {tag for _, tag in pairs}
    is_table = len(widths - {0}) == 1 and max(widths) > 1 and 0 in widths
    is_repeated = len(tags) <= max(2, _TAGS * len(pairs))
    if is_table and (is_sure or (is_repeated and blocks < len(pairs))):
        return found
    return None


def universal_columns(lines: Sequence[str]) -> Pairs | None:
    """Reads tokens and their parts of speech of treebanks (CoNLL-U).

    Args:
        lines: Of the file: ten columns that tabs separate, of which the second holds
            the token and the fourth its tag, `#` before comments, and empty lines
            between sentences. Words of which others are contracted, and omitted ones,
            are left out.

    Returns:
        Token and tag of each line; None of lines in another form.

    >>> row = "1 The the DET DT _ 2 det _ _".replace(" ", "\\t")
    >>> universal_columns(["# text = The", row, row.replace("1", "1-2"), ""])
    [('The', 'DET'), None]
    >>> universal_columns(["The DET"]) is None
    True
    """
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    filled = [row for row in rows if row != [""]]
    if not filled or not all(len(r) == 10 and r[0][:1].isdigit() for r in filled):
        return None
    return [
        (row[1], row[3]) if len(row) > 1 else None
        for row in rows
        if len(row) == 1 or row[0].isdigit()
    ]


def two_columns(rows: Sequence[tuple[str, str]]) -> TwoColumns:
    """Finds out which of two columns holds labels, and whether there is a header.

    Labels repeat, texts hardly do; where both or none repeat, labels are shorter.
    """
    has_header = _has_header(rows)
    sides = list(zip(*rows[has_header:], strict=True)) or [(), ()]
    rows_left = max(1, len(sides[0]))
    distinct = [len({c.strip() for c in side}) / rows_left for side in sides]
    words = [sum(len(c.split()) for c in side) / rows_left for side in sides]
    if abs(distinct[0] - distinct[1]) > 0.02:
        return TwoColumns(int(distinct[1] < distinct[0]), has_header)
    return TwoColumns(int(words[1] < words[0]), has_header)


def _has_header(rows: Sequence[tuple[str, str]]) -> bool:
    if len(rows) < 2:
        return False
    first = [cell.strip().lower() for cell in rows[0]]
    if any(len(cell.split()) != 1 for cell in first) or set(first) & MISSING:
        return False
    below = [{row[side].strip().lower() for row in rows[1:]} for side in (0, 1)]
    is_new = [first[side] not in below[side] for side in (0, 1)]
    if not all(is_new):
        return False
    if first[0] in LABEL_NAMES + TEXT_NAMES and first[1] in LABEL_NAMES + TEXT_NAMES:
        return True
    # A name above texts of several words, and a label that no other row has.
    words = [sum(len(row[side].split()) for row in rows[1:]) for side in (0, 1)]
    repeats = min(map(len, below)) <= len(rows) / 3
    return repeats and max(words) >= 3 * (len(rows) - 1)
