"""Parallel text: pairs of a source and its translation."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.labelled_text import texts
from zoo.errors import DatasetError

_HELD_OUT = 0.1  # fraction of the pairs for a split that is missing
_LEAST = 10

Pair = tuple[str, str]  # source and translation


def parallel(
    name: str,
    train: Sequence[Pair],
    test: Sequence[Pair] | None = None,
    validation: Sequence[Pair] | None = None,
) -> Dataset:
    """Makes a dataset of texts and their translations.

    Missing splits are drawn from `train`, by sources: all translations of a source are
    in one split.

    Args:
        name: Of the dataset.
        train: Source and translation of each pair.
        test: Those of the test split, where there is one.
        validation: Those of the validation split, where there is one.

    Raises:
        DatasetError: If there are fewer than ten pairs or three different sources, or a
            side is empty.
    """
    given = {"train": train, "validation": validation, "test": test}
    splits = {part: list(pairs) for part, pairs in given.items() if pairs}
    for part, pairs in splits.items():
        empty = next((i for i, p in enumerate(pairs, 1) if not all(map(_full, p))), 0)
        if empty:
            raise DatasetError(
                f"{name} ({part}): there is nothing on one side of pair {empty}; fill "
                "it, or leave the pair out."
            )
    if len(splits["train"]) < _LEAST:
        raise DatasetError(
            f"{name} has {len(splits['train'])} pairs; {_LEAST} are the least."
        )
    different = len({source for source, _ in splits["train"]})
    if different < len(given):
        raise DatasetError(
            f"{name} has {different} different texts to translate, too few to hold any "
            f"out; {len(given)} are the least."
        )
    generator = np.random.default_rng(SPLIT_SEED)
    for part in ("test", "validation"):
        if part not in splits:
            splits["train"], splits[part] = _divided(splits["train"], generator)
    found = Dataset.of(
        name,
        {part: _split(splits[part]) for part in given},
        labels=(),
        task="translation",
    )
    total = sum(map(len, splits.values()))
    finding = Finding("text_kind", f"{total:,} pairs of a text and its translation")
    return dataclasses.replace(found, findings=(finding,))


def _full(side: str) -> bool:
    return bool(side.strip())


def _divided(
    pairs: list[Pair], generator: np.random.Generator
) -> tuple[list[Pair], list[Pair]]:
    sources = list(dict.fromkeys(source for source, _ in pairs))
    count = max(1, round(_HELD_OUT * len(sources)))
    drawn = {sources[i] for i in generator.choice(len(sources), count, replace=False)}
    kept = [pair for pair in pairs if pair[0] not in drawn]
    return kept, [pair for pair in pairs if pair[0] in drawn]


def _split(pairs: Sequence[Pair]) -> Split:
    return Split(*(texts(side) for side in zip(*pairs, strict=True)))
