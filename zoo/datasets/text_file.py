"""Text in a file: running text, labelled sentences, or tagged tokens; gzip too.

What it is shows in its lines. With one tab in each line, the file holds a label and a
text; if empty lines part these, a token and its tag, and a sentence ends at each empty
line. Anything else is running text.
"""

import gzip
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make
from zoo.errors import DatasetError

SUFFIXES = (".txt", ".tsv", ".txt.gz", ".tsv.gz")
_HELD_OUT = 0.05  # shares of running text, and of tagged sentences, at the end


def load(path: Path) -> Dataset:
    """Loads a text file, UTF-8, by what its lines look like.

    Raises:
        DatasetError: If it is missing, damaged or empty, or some of its lines break
            the form of the others.
    """
    lines = read_lines(path)
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
    if None in pairs[: _last(pairs)]:
        return _tagged(path, pairs)
    labels = tuple(sorted({pair[0] for pair in pairs if pair}))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[pair[0]] for pair in pairs if pair])
    split = Split(texts([pair[1] for pair in pairs if pair]), y)
    return make(str(path), labels, split, test_share=0.1)


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file, unpacked if its name ends in `.gz`.

    Raises:
        DatasetError: If it is missing, truncated, or no UTF-8.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig").removesuffix("\n")
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} is damaged: {error}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is no UTF-8 text; convert it. ({error})") from error
    # Not `splitlines`, to which some signs within a line are ends as well.
    return [line.removesuffix("\r") for line in text.split("\n")]


def running_text(name: str, lines: Sequence[str]) -> Dataset:
    """Takes the last lines of a text to validate and to test.

    Raises:
        DatasetError: If there are too few lines.
    """
    held = round(_HELD_OUT * len(lines))
    if not held:
        raise DatasetError(
            f"{name} has {len(lines)} lines; ten or more are needed, so that some can "
            "be held out."
        )
    stops = (0, len(lines) - 2 * held, len(lines) - held, len(lines))
    parts = [texts(lines[start:stop]) for start, stop in pairwise(stops)]
    return unlabelled(name, *parts)


def unlabelled(
    name: str, train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> Dataset:
    """Makes a dataset of texts that are parted already."""
    splits = Split(train, train), Split(validation, validation), Split(test, test)
    return Dataset(name, *splits, labels=(), task="language_modelling")


def texts(lines: Sequence[str | list[str] | np.ndarray]) -> np.ndarray:
    """Puts texts, or lists of tokens, into an array of objects."""
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
    held = round(_HELD_OUT * len(sentences))
    if not held or len(labels) < 2:
        raise DatasetError(
            f"{name} has {len(sentences)} sentences with {len(labels)} tags; ten "
            "sentences and two tags are the least."
        )
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


def _last(pairs: list[tuple[str, ...] | None]) -> int:
    """Number of rows up to the last that is not empty."""
    return max(i for i, pair in enumerate(pairs) if pair is not None)


def _complain(path: Path, lines: list[str]) -> None:
    number = next(i for i, x in enumerate(lines, 1) if x and x.count("\t") != 1)
    raise DatasetError(
        f"{path}, line {number}: a label and a text, or a token and a tag, are parted "
        "by one tab, as in the other lines."
    )
