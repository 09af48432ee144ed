"""Text in a file: running text, labelled sentences, or tagged tokens; perhaps gzip.

The lines decide. With one tab in each line, the file holds labels and texts; with empty
lines between these, tokens and tags, and a sentence ends at each empty line. Anything
else is running text.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.errors import DatasetError

_SUFFIXES = (".txt", ".tsv", ".txt.gz", ".tsv.gz")
_HELD_OUT = 0.05  # fraction of running text, and of tagged sentences, at the end
_LEAST = 10  # lines, or sentences, of which a fraction is held out


@register_file_type(
    "text", *_SUFFIXES, help="a .txt or .tsv file", options=("charset",)
)
def load(path: Path, charset: str | None = None) -> Dataset:
    """Loads a text file by what its lines look like.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.

    Raises:
        DatasetError: If it is missing, damaged or empty, or some of its lines break
            the form of the others.
    """
    lines = read_lines(path, charset)
    filled = [line for line in lines if line]
    if not filled:
        raise DatasetError(f"{path} holds no text.")
    with_tab = sum(line.count("\t") == 1 for line in filled)
    if with_tab < 0.9 * len(filled):
        if ".tsv" in path.suffixes:
            _complain(path, lines)
        return running_text(str(path), lines)
    if with_tab < len(filled):
        _complain(path, lines)
    pairs = [tuple(line.split("\t")) if line else None for line in lines]
    _check_sides(path, pairs)
    if None in pairs[: _last(pairs)]:
        return _tagged(path, pairs)
    labels = tuple(sorted({pair[0] for pair in pairs if pair}))
    if len(labels) > max(2, len(filled) / 2):
        raise DatasetError(
            f"{path} has {len(labels)} labels in {len(filled)} lines; a label stands "
            "before the tab, and the text after it."
        )
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[pair[0]] for pair in pairs if pair])
    split = Split(texts([pair[1] for pair in pairs if pair]), y)
    return make_dataset(str(path), labels, split, test_share=0.1)


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


def texts(lines: Sequence[str | list[str] | np.ndarray]) -> np.ndarray:
    """Returns texts, or lists of tokens, as an array of objects."""
    array = np.empty(len(lines), object)
    for i, line in enumerate(lines):
        array[i] = line
    return array


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


def _tagged(path: Path, pairs: list[tuple[str, ...] | None]) -> Dataset:
    sentences: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    for pair in pairs:
        if pair is not None:
            sentences[-1].append(pair[0])
            tags[-1].append(pair[1])
        elif sentences[-1]:
            sentences.append([])
            tags.append([])
    if not sentences[-1]:
        sentences.pop()
        tags.pop()
    return tagged(str(path), sentences, tags)


def _check_sides(path: Path, pairs: Sequence[tuple[str, ...] | None]) -> None:
    for number, pair in enumerate(pairs, 1):
        if pair and not all(side.strip() for side in pair):
            raise DatasetError(
                f"{path}, line {number}: there is nothing on one side of the tab; fill "
                "it, or leave the line out."
            )


def _last(pairs: list[tuple[str, ...] | None]) -> int:
    """Index of the last row that is not empty."""
    return max(i for i, pair in enumerate(pairs) if pair is not None)


def _complain(path: Path, lines: list[str]) -> None:
    number = next(i for i, x in enumerate(lines, 1) if x and x.count("\t") != 1)
    raise DatasetError(
        f"{path}, line {number}: a label and a text, or a token and a tag, are "
        "separated by one tab, as in the other lines."
    )
