"""Text in a file: running text, labelled texts, or tagged tokens; perhaps gzip.

All lines decide. With one tab in each, the file holds labels and texts, in either
order; tokens and tags, where sentences of these are separated by empty lines; or texts
and their translations, where hardly a row repeats on either side. Of several columns
with such empty lines, the first holds tokens and the last tags; of the ten of CoNLL-U
the second and the fourth. A line that is all in brackets is a tree. Anything else is
running text. `--kind` says it otherwise.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets import text_form, tree_file
from zoo.datasets.cells import is_number
from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import Finding
from zoo.datasets.labelled_text import labelled, texts
from zoo.datasets.parallel_text import parallel
from zoo.errors import DatasetError

_SUFFIXES = (".txt", ".tsv", ".conll", ".conllu", ".iob", ".txt.gz", ".tsv.gz")
_HELD_OUT = 0.05  # fraction of running text, and of tagged sentences, at the end
_REPEATED = 0.1  # distinct lines of a list of labels, at most
Sentences = Sequence[list[str]]
Tagged = tuple[Sentences, Sentences]  # the tokens of each, and their tags
_LEAST = 10  # lines, or sentences, of which a fraction is held out


@register_file_type(
    "text", *_SUFFIXES, help="a .txt or .tsv file", options=("charset", "kind")
)
def load(path: Path, charset: str | None = None, kind: str | None = None) -> Dataset:
    """Loads a text file by what its lines look like, and says what that is.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.
        kind: `labelled`, `tagged`, `parallel`, `trees` or `running`; what the lines
            look like if None.

    Raises:
        DatasetError: If it is missing, damaged or empty, or some of its lines break
            the form of the others.
    """
    return load_splits(str(path), {"train": path}, charset, kind)


def load_splits(
    name: str,
    files: Mapping[str, Path],
    charset: str | None = None,
    kind: str | None = None,
) -> Dataset:
    """Loads a file for each split; the one to train on decides what all of them hold.

    Args:
        name: Of the dataset.
        files: By split; those that are missing are drawn from `train`.
        charset: As for `load`.
        kind: As for `load`.

    Raises:
        DatasetError: As for `load`.
    """
    first = _parse(files["train"], charset, kind)
    if first.kind == "trees":
        return tree_file.load_splits(name, files, charset)
    parsed = {"train": first}
    for part, path in files.items():
        if part != "train":
            parsed[part] = _parse(path, charset, first.kind, first.form)
    if first.kind == "tagged":
        return _tagged(name, parsed)
    if first.kind == "parallel":
        return parallel(name, **{part: each.rows for part, each in parsed.items()})
    if first.kind == "labelled":
        assert first.form is not None  # see `_parse`
        rows = {part: each.rows for part, each in parsed.items()}
        return labelled(name, **rows, form=first.form.describe())
    lines = {part: each.lines for part, each in parsed.items()}
    data = running_text(name, lines.pop("train"), **lines)
    return dataclasses.replace(data, findings=tuple(_of_lines(first.lines)))


@dataclasses.dataclass(frozen=True)
class _Parsed:
    """What a file holds: `lines`, or `rows` of pairs."""

    kind: str
    lines: Sequence[str] = ()
    rows: Any = ()
    form: text_form.TwoColumns | text_form.Marked | None = None


def _parse(
    path: Path,
    charset: str | None,
    kind: str | None,
    form: text_form.TwoColumns | text_form.Marked | None = None,
) -> _Parsed:
    lines = read_lines(path, charset)
    if not any(line.strip() for line in lines):
        raise DatasetError(f"{path} holds no text.")
    if kind == "trees" or (kind is None and tree_file.are_trees(lines)):
        return _Parsed("trees")
    marked = text_form.marked(path, lines) if kind in (None, "labelled") else None
    if marked is not None:
        return _Parsed("labelled", rows=marked, form=text_form.Marked())
    if kind in (None, "tagged") and not _are_pairs(lines):
        columns = text_form.universal_columns(lines) or text_form.token_columns(
            lines, is_sure=kind == "tagged"
        )
        if columns is not None:
            return _Parsed("tagged", rows=columns)
    rows = None if kind == "running" else text_form.pairs(path, lines)
    if rows is None:
        if kind in ("labelled", "tagged", "parallel") or (
            kind is None and ".tsv" in path.suffixes
        ):
            text_form.complain(path, lines)
        return _Parsed("running", lines)
    if kind == "tagged" or (kind is None and text_form.is_tagged(rows)):
        _check_sides(path, rows)
        return _Parsed("tagged", rows=rows)
    filled = [row for row in rows if row]
    if kind == "parallel" or (kind is None and text_form.is_parallel(filled)):
        return _Parsed("parallel", rows=filled)
    if not isinstance(form, text_form.TwoColumns):
        form = text_form.two_columns(filled)
    chosen = filled[form.has_header :]
    labels = [(row[form.label], row[1 - form.label]) for row in chosen]
    return _Parsed("labelled", rows=labels, form=form)


def _are_pairs(lines: Sequence[str]) -> bool:
    """Whether a tab alone separates token and tag, which may hold other spaces."""
    return all(line.count("\t") == 1 for line in lines if line.strip())


def _of_lines(lines: Sequence[str]) -> Iterator[Finding]:
    """Says that a file is running text, and whether it rather looks like labels."""
    filled = [line.strip() for line in lines if line.strip()]
    yield Finding("text_kind", f"running text of {len(filled):,} lines")
    widths = {len(line.split()) for line in filled}
    cells = [cell for line in filled[1:] for cell in line.split()]
    numeric = sum(map(_is_numeric, cells))
    if len(filled) >= _LEAST and numeric >= len(cells) / 2 and max(widths) > 1:
        yield Finding(
            "numbers",
            "most of its words are numbers, as in a table whose columns spaces "
            "separate, or of libsvm",
            "for a model of tables, write a .csv file",
            "warning",
        )
    counts = Counter(filled)
    if len(filled) >= _LEAST and len(counts) <= _REPEATED * len(filled):
        named = ", ".join(repr(line) for line, _ in counts.most_common(3))
        yield Finding(
            "label_list",
            f"its {len(filled):,} lines are {len(counts):,} different ones ({named})",
            "for a classifier, write each label, a tab and its text on one line",
            "warning",
        )


def _is_numeric(cell: str) -> bool:
    """Whether a word is a number, or one with its place before it, as of libsvm."""
    place, colon, value = cell.partition(":")
    return is_number(value) and place.isdecimal() if colon else is_number(cell)


def running_text(
    name: str,
    train: Sequence[str],
    validation: Sequence[str] = (),
    test: Sequence[str] = (),
) -> Dataset:
    """Splits a text in its order: its last lines are for validation and test.

    A text of fewer than ten lines is split between characters.

    Args:
        name: Of the dataset.
        train: Lines of the text.
        validation: Those of the validation split, where it is a text of its own.
        test: Those of the test split, likewise.

    Raises:
        DatasetError: If there are too few of these, too.
    """
    parts = _parts(name, train, sum(not given for given in (validation, test)))
    train, *drawn = parts
    splits = [given or drawn.pop(0) for given in (validation, test)]
    return unlabelled(name, *map(texts, (train, *splits)))


def _parts(name: str, lines: Sequence[str], held_out: int) -> list[Sequence[str]]:
    """Splits so many parts off the end, after what stays."""
    if len(lines) >= _LEAST or not held_out:
        return _split(lines, held_out)
    text = "\n".join(lines)
    if len(text) < _LEAST:
        raise DatasetError(
            f"{name} has {len(text)} characters; a part of them cannot be held out."
        )
    return [str(part).split("\n") for part in _split(text, held_out)]


def _split(whole: Sequence[Any], held_out: int) -> list[Sequence[Any]]:
    size = _held_out(len(whole))
    stops = [len(whole) - place * size for place in range(held_out, -1, -1)]
    return [whole[start:stop] for start, stop in pairwise([0, *stops])]


def _held_out(count: int) -> int:
    return max(1, round(_HELD_OUT * count))


def unlabelled(
    name: str, train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> Dataset:
    """Makes a dataset of texts that are split already."""
    splits = Split(train, train), Split(validation, validation), Split(test, test)
    return Dataset(name, *splits, labels=(), task="language_modelling")


def tagged(
    name: str,
    train: Tagged,
    validation: Tagged | None = None,
    test: Tagged | None = None,
) -> Dataset:
    """Makes a dataset of sentences, each a list of tokens, and the tags of these.

    Args:
        name: Of the dataset.
        train: Sentences, and the tags of each.
        validation: Those of the validation split; drawn from `train` if None.
        test: Those of the test split; drawn from `train` if None.

    Raises:
        DatasetError: If there are too few sentences, or one tag only.
    """
    given = {"validation": validation, "test": test}
    sentences, tags = train
    held = [each for each in given.values() if each is not None]
    labels = tuple(
        sorted({t for _, rows in (train, *held) for row in rows for t in row})
    )
    if len(sentences) < _LEAST or len(labels) < 2:
        raise DatasetError(
            f"{name} has {len(sentences)} sentences with {len(labels)} tags; ten "
            "sentences and two tags are the least."
        )
    places = {label: place for place, label in enumerate(labels)}

    def split(sentences: Sentences, tags: Sentences) -> Split:
        rows = [np.array([places[tag] for tag in row], "int32") for row in tags]
        return Split(texts(sentences), texts(rows))

    whole = split(sentences, tags)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(sentences))
    drawn = _split(order.tolist(), len(given) - len(held))
    splits = {"train": Split(whole.x[drawn[0]], whole.y[drawn[0]])}
    left = iter(drawn[1:])
    for part, each in given.items():
        if each is None:
            rows = next(left)
            splits[part] = Split(whole.x[rows], whole.y[rows])
        else:
            splits[part] = split(*each)
    return Dataset.of(name, splits, labels=labels, task="tagging")


def _tagged(name: str, parsed: Mapping[str, _Parsed]) -> Dataset:
    parts = {part: _sentences(each.rows) for part, each in parsed.items()}
    data = tagged(name, **parts)
    sentences = [sentence for part in parts.values() for sentence in part[0]]
    what = (
        f"{len(sentences):,} sentences of {sum(map(len, sentences)):,} tokens with "
        f"{data.num_classes} tags"
    )
    return dataclasses.replace(data, findings=(Finding("text_kind", what),))


def _sentences(rows: text_form.Pairs) -> Tagged:
    """Puts the tokens between two empty lines together."""
    sentences: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    for pair in rows:
        if pair is not None and pair[0] == text_form.DOCUMENT:
            continue
        if pair is not None:
            sentences[-1].append(pair[0])
            tags[-1].append(pair[1].strip())
        elif sentences[-1]:
            sentences.append([])
            tags.append([])
    if not sentences[-1]:
        sentences.pop()
        tags.pop()
    return sentences, tags


def _check_sides(path: Path, rows: text_form.Pairs) -> None:
    for number, pair in enumerate(rows, 1):
        if pair and not all(side.strip() for side in pair):
            raise DatasetError(
                f"{path}, line {number}: there is nothing on one side of the tab; fill "
                "it, or leave the line out."
            )
