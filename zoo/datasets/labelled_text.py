"""Texts with a label each: rows to a dataset, and what is odd about the labels."""

import dataclasses
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from zoo.datasets.cells import MISSING
from zoo.datasets.copies import DROP, count_copies, normal
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.finding import Finding
from zoo.datasets.near_twins import near_twins
from zoo.errors import DatasetError

_FEW = 5  # classes that a sentence names
_TWINS = 3  # pairs of labels that a sentence names

Row = tuple[str, str]  # label and text


def labelled(
    name: str,
    train: Sequence[Row],
    test: Sequence[Row] | None = None,
    validation: Sequence[Row] | None = None,
    *,
    form: str = "",
) -> Dataset:
    """Makes a dataset of texts with labels; its findings say what is odd.

    Rows without a label or a text are left out. Missing splits are drawn from `train`.

    Args:
        name: Of the dataset.
        train: Label and text of each row.
        test: Those of the test split, where there is one.
        validation: Those of the validation split, where there is one.
        form: Where label and text were found, for the sentence on what it holds.

    Raises:
        DatasetError: If labels hold control characters, there are more of them than
            half of the rows, or one only.
    """
    given = {"train": train, "test": test, "validation": validation}
    findings: list[Finding] = []
    rows = {k: _complete(found, findings) for k, found in given.items() if found}
    if not rows.get("train"):
        raise DatasetError(f"{name}: no row has both a label and a text.")
    counts = Counter(label for label, _ in rows["train"])
    _check_labels(name, rows["train"], counts)
    labels = tuple(sorted(counts))
    findings.insert(0, Finding("text_kind", _described(rows, counts) + form))
    findings += twins(counts)
    splits = {part: _split(name, labels, found) for part, found in rows.items()}
    held_out = (splits.get("test"), splits.get("validation"))
    data = make_dataset(name, labels, splits["train"], *held_out, test_share=0.1)
    return dataclasses.replace(data, findings=(*findings, *copies(data)))


def _complete(rows: Sequence[Row], findings: list[Finding]) -> list[Row]:
    stripped = [(label.strip(), text) for label, text in rows]
    with_label = [row for row in stripped if row[0].lower() not in MISSING]
    found = [row for row in with_label if row[1].strip()]
    for count, what in (
        (len(rows) - len(with_label), "label"),
        (len(with_label) - len(found), "text"),
    ):
        if count:
            sentence = f"{count:,} of {len(rows):,} rows have no {what}: left out"
            findings.append(Finding(f"missing_{what}s", sentence, level="warning"))
    return found


def _check_labels(name: str, rows: Sequence[Row], counts: Counter[str]) -> None:
    for label in counts:
        if any(unicodedata.category(letter) == "Cc" for letter in label):
            raise DatasetError(
                f"{name}: the label {label!r} holds a control character; remove it."
            )
    if len(counts) > max(2, len(rows) / 2):
        raise DatasetError(
            f"{name} has {len(counts):,} labels in {len(rows):,} rows; a class needs "
            "several texts. If these are no labels, say what it holds: --kind tagged, "
            "or --kind running."
        )
    rare = [label for label, count in counts.items() if count < 3]
    if len(counts) > 2 and rare and len(rare) < len(counts):
        names = ", ".join(map(repr, rare[:_FEW]))
        raise DatasetError(
            f"{name}: {len(rare)} of {len(counts)} labels have fewer than three texts "
            f"({names}): add some, join classes, or leave these rows out; if the first "
            "row is a header, remove it."
        )


def _split(name: str, labels: tuple[str, ...], rows: Sequence[Row]) -> Split:
    places = {label: place for place, label in enumerate(labels)}
    unknown = next((label for label, _ in rows if label not in places), None)
    if unknown is not None:
        raise DatasetError(
            f"{name}: the label {unknown!r} has no text to train on; add some, or "
            "leave its rows out."
        )
    return Split(
        texts([text for _, text in rows]),
        np.array([places[label] for label, _ in rows]),
    )


def texts(lines: Sequence[str | list[str] | np.ndarray]) -> np.ndarray:
    """Returns texts, or lists of tokens, as an array of objects."""
    array = np.empty(len(lines), object)
    for i, line in enumerate(lines):
        array[i] = line
    return array


def _described(rows: dict[str, list[Row]], counts: Counter[str]) -> str:
    classes = ", ".join(f"{label} {n:,}" for label, n in counts.most_common(_FEW))
    more = ", ..." if len(counts) > _FEW else ""
    total = sum(map(len, rows.values()))
    return f"{total:,} labelled texts of {len(counts)} classes ({classes}{more})"


def twins(labels: Iterable[str]) -> Iterator[Finding]:
    """Yields a finding if labels differ in case, spaces or zeros only.

    >>> print(*twins(["yes", "no", "Yes"]))
    'Yes' and 'yes' count as different classes; write them alike if they are one.
    """
    found = near_twins(labels)
    if found:
        named = ", ".join(" and ".join(map(repr, group)) for group in found[:_TWINS])
        what = f"{named} count as different classes"
        yield Finding("near_twins", what, "write them alike if they are one", "warning")


def copies(data: Dataset) -> Iterator[Finding]:
    """Yields findings on texts that stand in two splits, or have two labels."""
    for part, count in count_copies(data).items():
        if count:
            total = len(data.splits[part].x)
            what = (
                f"{count:,} of {total:,} texts of the {part} split stand in the "
                "training split, too, and flatter the figures"
            )
            yield Finding("copies", what, DROP, "warning")
    classes = defaultdict(set)
    for text, label in zip(data.train.x, data.train.y, strict=True):
        classes[normal(text)].add(int(label))
    mixed = sum(len(found) > 1 for found in classes.values())
    if mixed:
        what = f"{mixed:,} texts of the training split stand there with several labels"
        yield Finding("mixed_labels", what, "choose one for each", "warning")
