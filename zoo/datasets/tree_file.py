"""Labelled trees in brackets, one a line, as those of the Penn Treebank.

    (pos (neg (neg not) (neg bad)) (pos .))

The label of the outermost bracket is the class of a tree. In training, each phrase
within a tree that has one of these labels is a sample of its own.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import Finding
from zoo.datasets.labelled_text import texts
from zoo.datasets.vocabulary import PADDING, UNKNOWN, Vocabulary, words
from zoo.errors import DatasetError

BRACKETS = ("(", ")")
_TOKEN = re.compile(r"[()]|[^\s()]+")
_LEAF = re.compile(r"\(\s*[^\s()]+\s+[^\s()]+\s*\)")  # a label and a word
_MOST_LINES = 0.9  # that are trees, in a file that is not called one of trees
_OFTEN_ENOUGH = 2  # occurrences of a word, so that the unknown one is trained, too

Row = tuple[str, str]  # label and text


@register_file_type(
    "trees",
    *(".ptb", ".ptb.gz", ".trees", ".trees.gz"),
    help="a .ptb file of labelled trees in brackets",
    options=("charset",),
)
def load(path: Path, charset: str | None = None) -> Dataset:
    """Loads trees; validation and test are drawn from them.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.

    Raises:
        DatasetError: If it is missing, damaged or empty, or a line is no tree.
    """
    return load_splits(str(path), {"train": path}, charset)


def load_splits(
    name: str, files: Mapping[str, Path], charset: str | None = None
) -> Dataset:
    """Loads a file of trees for each split.

    Args:
        name: Of the dataset.
        files: By split; those that are missing are drawn from `train`.
        charset: As for `load`.

    Raises:
        DatasetError: As for `load`.
    """
    read = {part: _read(path, charset) for part, path in files.items()}
    if not read["train"]:
        raise DatasetError(f"{name} holds no trees.")
    labels = tuple(sorted({tree[0][0] for tree in read["train"]}))
    places = {label: place for place, label in enumerate(labels)}
    for tree in (tree for trees in read.values() for tree in trees):
        if tree[0][0] not in places:
            raise DatasetError(
                f"{name}: no tree to train on has the label {tree[0][0]!r}; add some, "
                "or leave its trees out."
            )
    roots = {
        part: Split(np.arange(len(trees)), np.array([places[t[0][0]] for t in trees]))
        for part, trees in read.items()
    }
    held_out = (roots.get("test"), roots.get("validation"))
    whole = make_dataset(name, labels, roots["train"], *held_out)
    splits = {}
    for part, split in whole.splits.items():
        trees = [read.get(part, read["train"])[i] for i in split.x]
        rows = _phrases(trees, places) if part == "train" else [t[0] for t in trees]
        splits[part] = Split(
            texts([text for _, text in rows]),
            np.array([places[label] for label, _ in rows]),
        )
    what = (
        f"{sum(map(len, read.values())):,} trees of {len(labels)} classes; training "
        f"has {len(splits['train'].y):,} different phrases of them"
    )
    return dataclasses.replace(
        Dataset.of(name, splits, labels=labels),
        vocabulary=_vocabulary(splits["train"].x),
        findings=(Finding("trees", what),),
    )


def parse(line: str) -> list[Row]:
    """Returns label and bracketed text of each phrase of a tree, that of all first.

    Raises:
        ValueError: If it is no tree; the message says why.

    Example:

    >>> parse("(pos (neg (neg not) (neg bad)) (pos .))")[:2]
    [('pos', '( ( not bad ) . )'), ('neg', '( not bad )')]
    """
    found: list[Row] = []
    open_: list[tuple[str, list[str], int]] = []
    tokens = _TOKEN.findall(line)
    for place, token in enumerate(tokens):
        if token == "(":
            if not open_ and place:
                raise ValueError("something follows the tree")
            label = tokens[place + 1] if place + 1 < len(tokens) else ")"
            if label in BRACKETS:
                raise ValueError("a bracket has no label")
            open_.append((label, [], len(found)))
            found.append((label, ""))
        elif not open_:
            raise ValueError("something stands outside the brackets")
        elif token == ")":
            label, parts, number = open_.pop()
            if not parts:
                raise ValueError(f"the bracket of {label!r} is empty")
            text = parts[0] if len(parts) == 1 else f"( {' '.join(parts)} )"
            found[number] = (label, text)
            if open_:
                open_[-1][1].append(text)
        elif tokens[place - 1] != "(":
            open_[-1][1].append(_word(token))
    if open_ or not found:
        raise ValueError("a bracket is not closed" if open_ else "it is empty")
    return found


def are_trees(lines: Sequence[str]) -> bool:
    """Whether lines of a text are nearly all trees, of two labels or more.

    Each word has to stand in a bracket of its own, as it does not in prose.

    >>> are_trees(["(3 (2 a) (4 b))", "", "(1 bad)"])
    True
    >>> are_trees(["(I saw (all) of it)", "(and (none) of that)"])
    False
    """
    filled = [line for line in map(str.strip, lines) if line]
    if not all(line.startswith("(") and line.endswith(")") for line in filled):
        return False
    labels = [label for label in map(_label, filled) if label is not None]
    is_nested = any(line.count("(") > 1 for line in filled)
    has_classes = is_nested and len(set(labels)) > 1
    return has_classes and len(labels) >= _MOST_LINES * len(filled)


def _label(line: str) -> str | None:
    """The label of a tree; None where it is none, or words are not by themselves."""
    try:
        label, _ = parse(line)[0]
    except ValueError:
        return None
    tokens = _TOKEN.findall(_LEAF.sub(" ", line))
    before = {first for first, token in pairwise(tokens) if token not in BRACKETS}
    return label if before <= {"("} else None


def _word(token: str) -> str:
    """A word as it is tokenized, in brackets of its own if it becomes several."""
    parts = words(token)
    return parts[0] if len(parts) == 1 else f"( {' '.join(parts)} )"


def _read(path: Path, charset: str | None) -> list[list[Row]]:
    trees = []
    for number, line in enumerate(read_lines(path, charset), 1):
        if line.strip():
            try:
                trees.append(parse(line))
            except ValueError as error:
                raise DatasetError(f"{path}, line {number}: {error}.") from error
    return trees


def _phrases(trees: Sequence[list[Row]], known: Mapping[str, int]) -> list[Row]:
    """The different phrases whose label is that of some tree."""
    return list(dict.fromkeys(row for tree in trees for row in tree if row[0] in known))


def _vocabulary(phrases: Sequence[str] | np.ndarray) -> Vocabulary:
    frequent = Vocabulary.frequent(map(str.split, phrases), _OFTEN_ENOUGH)
    kept = [token for token in frequent.tokens[2:] if token not in BRACKETS]
    return Vocabulary((PADDING, UNKNOWN, *BRACKETS, *kept))
