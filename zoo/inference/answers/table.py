"""Answers as the rows of a table: labels with probabilities, quantities, tags."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.inference.answers.answerer import Answerer
from zoo.inference.answers.detections import are_detections, found_in
from zoo.inference.answers.sentences import are_sentences, captions
from zoo.inference.inputs.batch import Batch

Columns = dict[str, Any]  # a sequence or an array each
_TAGS = ("tags", "tag_ids")
_NOTHING = (None,) * 6


def tabulate(
    batch: Batch, outputs: Mapping[str, Any], answerer: Answerer, top: int
) -> Columns:
    """Returns the answers of a batch by column.

    There is a row for each sample, in their order, or more: see `row_counts`.

    Args:
        batch: The samples.
        outputs: Of the batch.
        answerer: With the names of classes and quantities.
        top: How many classes a row names, the most probable first.
    """
    sources: Columns = {"input": batch.inputs, "row": batch.rows, **batch.kept}
    sources = repeated(sources, row_counts(batch, outputs))
    if _are_tags(outputs):
        return sources | _tagged(batch, outputs, answerer)
    if are_detections(outputs):
        return sources | _detected(outputs, answerer)
    if "forecast" in outputs:
        steps = np.asarray(outputs["forecast"])
        numbers = list(range(1, steps.shape[1] + 1)) * len(batch)
        return sources | {"step": numbers, "forecast": steps.reshape(-1)}
    if are_sentences(outputs):
        return sources | {"caption": captions(outputs, answerer.labels)}
    if "indicators" in outputs:
        return sources | _labelled(outputs, answerer)
    if are_classes(outputs):
        return sources | _classified(outputs, answerer, top)
    if "predictions" in outputs:
        return sources | _quantities(outputs["predictions"], answerer.targets)
    found: Columns = {}
    for name, values in sorted(outputs.items()):
        found |= _flat(name, values)
    if "action" in outputs and answerer.labels:
        found["action"] = [answerer.labels[int(i)] for i in outputs["action"]]
    return sources | found


def row_counts(batch: Batch, outputs: Mapping[str, Any]) -> list[int]:
    """Returns how many rows the answer to each sample takes.

    That is one for each token of a tagged sentence, each step of a forecast, and each
    object in an image, where one without any has an empty row; one row otherwise.
    """
    if _are_tags(outputs):
        return list(map(len, batch.samples))
    if are_detections(outputs):
        return [max(1, len(image)) for image in found_in(outputs, ())]
    if "forecast" in outputs:
        return [np.shape(outputs["forecast"])[1]] * len(batch)
    return [1] * len(batch)


def repeated(columns: Columns, counts: Sequence[int]) -> Columns:
    """Returns columns with each value as often as its sample has rows."""
    return {
        name: [v for v, n in zip(values, counts, strict=True) for _ in range(n)]
        for name, values in columns.items()
    }


def _are_tags(outputs: Mapping[str, Any]) -> bool:
    return any(name in outputs for name in _TAGS)


def are_classes(outputs: Mapping[str, Any]) -> bool:
    """Whether outputs hold a probability for each class of a sample."""
    are_sets = "indicators" in outputs
    shares = outputs.get("probabilities")
    return shares is not None and np.ndim(shares) == 2 and not are_sets


def label_sets(outputs: Mapping[str, Any], labels: Sequence[str]) -> list[list[str]]:
    """Returns the labels of each sample whose probability is 0.5 or more."""
    found = np.asarray(outputs["indicators"])
    names = labels or [str(i) for i in range(found.shape[1])]
    return [[names[i] for i in np.flatnonzero(row).tolist()] for row in found]


def most_probable(
    probabilities: np.ndarray, labels: Sequence[str], top: int
) -> list[tuple[list[str], np.ndarray]]:
    """Returns the most probable classes of each sample, the best first.

    Args:
        probabilities: Of shape (samples, classes).
        labels: Names of the classes; their ids if there are none.
        top: How many.

    Returns:
        For each rank, the labels of all samples and their probabilities.
    """
    count = probabilities.shape[1]
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, : min(top, count)]
    names = np.array(labels or [str(i) for i in range(count)], object)
    values = np.take_along_axis(probabilities, best, axis=1)
    return [
        (names[best[:, rank]].tolist(), values[:, rank])
        for rank in range(best.shape[1])
    ]


def _classified(outputs: Mapping[str, Any], answerer: Answerer, top: int) -> Columns:
    found: Columns = {}
    probabilities = np.asarray(outputs["probabilities"])
    for rank, (labels, values) in enumerate(
        most_probable(probabilities, answerer.labels, top), 1
    ):
        end = "" if rank == 1 else f"_{rank}"
        found[f"label{end}"], found[f"probability{end}"] = labels, values
    return found


def _labelled(outputs: Mapping[str, Any], answerer: Answerer) -> Columns:
    """The labels of a sample in one cell, and the probability of each in its own."""
    probabilities = np.asarray(outputs["probabilities"])
    names = answerer.labels or [str(i) for i in range(probabilities.shape[1])]
    sets = label_sets(outputs, answerer.labels)
    return {
        "labels": [";".join(found) for found in sets],
        **{name: probabilities[:, k] for k, name in enumerate(names)},
    }


def _quantities(values: np.ndarray, targets: Sequence[str]) -> Columns:
    count = values.shape[1]
    names = targets or [f"prediction_{i}" for i in range(1, count + 1)]
    if count == 1 and not targets:
        names = ["prediction"]
    return {name: values[:, place] for place, name in enumerate(names)}


def _tagged(batch: Batch, outputs: Mapping[str, Any], answerer: Answerer) -> Columns:
    tokens, tags, best = [], [], []
    for place, sentence in enumerate(batch.samples):
        shares = np.asarray(outputs["probabilities"][place])[: len(sentence)]
        ids = shares.argmax(axis=-1)
        tokens += list(sentence)
        tags += [answerer.labels[i] if answerer.labels else str(i) for i in ids]
        best += shares.max(axis=-1).tolist()
    return {
        "token": tokens,
        "tag": tags,
        "probability": np.array(best, "float32"),
    }


def _detected(outputs: Mapping[str, Any], answerer: Answerer) -> Columns:
    rows: list[Any] = []
    for image in found_in(outputs, answerer.labels):
        rows += [(each.label, each.score, *each.box) for each in image] or [_NOTHING]
    columns = ("label", "score", "left", "top", "right", "bottom")
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}


def _flat(name: str, values: Any) -> Columns:
    """Returns a column for each number of a sample."""
    rows = [np.ravel(value) for value in values]
    size = max(map(len, rows))
    if np.ndim(values[0]) == 0:
        return {name: [row[0] for row in rows]}
    return {
        f"{name}_{i + 1}": [row[i] if i < len(row) else None for row in rows]
        for i in range(size)
    }
