"""Text in a file: running text, labelled texts, or tagged tokens; perhaps gzip.

All lines decide. With one tab in each, the file holds labels and texts, in either
order; or tokens and tags, where sentences of these are separated by empty lines.
Anything else is running text. `--kind` says it otherwise.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets import text_form
from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import Finding
from zoo.datasets.labelled_text import labelled, texts
from zoo.errors import DatasetError

_SUFFIXES = (".txt", ".tsv", ".txt.gz", ".tsv.gz")
_HELD_OUT = 0.05  # fraction of running text, and of tagged sentences, at the end
_REPEATED = 0.1  # distinct lines of a list of labels, at most
_LEAST = 10  # lines, or sentences, of which a fraction is held out


@register_file_type(
    "text", *_SUFFIXES, help="a .txt or .tsv file", options=("charset", "kind")
)
def load(path: Path, charset: str | None = None, kind: str | None = None) -> Dataset:
    """Loads a text file by what its lines look like, and says what that is.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.
        kind: `labelled`, `tagged` or `running`; what the lines look like if None.

    Raises:
        DatasetError: If it is missing, damaged or empty, or some of its lines break
            the form of the others.
    """
    lines = read_lines(path, charset)
    if not any(line.strip() for line in lines):
        raise DatasetError(f"{path} holds no text.")
    rows = None if kind == "running" else text_form.pairs(path, lines)
    if rows is None:
        if kind in ("labelled", "tagged") or (kind is None and ".tsv" in path.suffixes):
            text_form.complain(path, lines)
        data = running_text(str(path), lines)
        return dataclasses.replace(data, findings=tuple(_of_lines(lines)))
    if kind == "tagged" or (kind is None and text_form.is_tagged(rows)):
        _check_sides(path, rows)
        return _tagged(path, rows)
    filled = [row for row in rows if row]
    form = text_form.two_columns(filled)
    return labelled(
        str(path),
        [(row[form.label], row[1 - form.label]) for row in filled[form.has_header :]],
        form=form.describe(),
    )


def _of_lines(lines: Sequence[str]) -> Iterator[Finding]:
    """Says that a file is running text, and whether it rather looks like labels."""
    filled = [line.strip() for line in lines if line.strip()]
    yield Finding("text_kind", f"running text of {len(filled):,} lines")
    counts = Counter(filled)
    if len(filled) >= _LEAST and len(counts) <= _REPEATED * len(filled):
        named = ", ".join(repr(line) for line, _ in counts.most_common(3))
        yield Finding(
            "label_list",
            f"its {len(filled):,} lines are {len(counts):,} different ones ({named})",
            "for a classifier, write each label, a tab and its text on one line",
            "warning",
        )


def running_text(name: str, lines: Sequence[str]) -> Dataset:
    """Splits a text in its order: its last lines are for validation and test.

    A text of fewer than ten lines is split between characters.

    Raises:
        DatasetError: If there are too few of these, too.
    """
    if len(lines) >= _LEAST:
        parts = _split(lines)
    else:
        text = "\n".join(lines)
        if len(text) < _LEAST:
            raise DatasetError(
                f"{name} has {len(text)} characters; a part of them cannot be held out."
            )
        parts = [str(part).split("\n") for part in _split(text)]
    return unlabelled(name, *map(texts, parts))


def _split(whole: Sequence[Any]) -> list[Sequence[Any]]:
    held = _held_out(len(whole))
    stops = (0, len(whole) - 2 * held, len(whole) - held, len(whole))
    return [whole[start:stop] for start, stop in pairwise(stops)]


def _held_out(count: int) -> int:
    return max(1, round(_HELD_OUT * count))


def unlabelled(
    name: str, train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> Dataset:
    """Makes a dataset of texts that are split already."""
    splits = Split(train, train), Split(validation, validation), Split(test, test)
    return Dataset(name, *splits, labels=(), task="language_modelling")


def tagged(
    name: str, sentences: Sequence[list[str]], tags: Sequence[list[str]]
) -> Dataset:
    """Makes a dataset of sentences, each a list of tokens, and the tags of these.

    Raises:
        DatasetError: If there are too few sentences, or one tag only.
    """
    labels = tuple(sorted({tag for row in tags for tag in row}))
    if len(sentences) < _LEAST or len(labels) < 2:
        raise DatasetError(
            f"{name} has {len(sentences)} sentences with {len(labels)} tags; ten "
            "sentences and two tags are the least."
        )
    held = _held_out(len(sentences))
    places = {label: place for place, label in enumerate(labels)}
    rows = [np.array([places[tag] for tag in row], "int32") for row in tags]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(sentences))

    def split(start: int, stop: int) -> Split:
        chosen = order[start:stop]
        x, y = [sentences[i] for i in chosen], [rows[i] for i in chosen]
        return Split(texts(x), texts(y))

    last, end = len(order) - held, len(order)
    splits = split(0, last - held), split(last - held, last), split(last, end)
    return Dataset(name, *splits, labels=labels, task="tagging")


def _tagged(path: Path, rows: text_form.Pairs) -> Dataset:
    sentences: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    for pair in rows:
        if pair is not None:
            sentences[-1].append(pair[0])
            tags[-1].append(pair[1].strip())
        elif sentences[-1]:
            sentences.append([])
            tags.append([])
    if not sentences[-1]:
        sentences.pop()
        tags.pop()
    data = tagged(str(path), sentences, tags)
    what = (
        f"{len(sentences):,} sentences of {sum(map(len, sentences)):,} tokens with "
        f"{data.num_classes} tags"
    )
    return dataclasses.replace(data, findings=(Finding("text_kind", what),))


def _check_sides(path: Path, rows: text_form.Pairs) -> None:
    for number, pair in enumerate(rows, 1):
        if pair and not all(side.strip() for side in pair):
            raise DatasetError(
                f"{path}, line {number}: there is nothing on one side of the tab; fill "
                "it, or leave the line out."
            )
