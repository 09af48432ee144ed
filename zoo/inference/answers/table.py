"""Answers as the rows of a table: labels with probabilities, quantities, tags."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.inference.answers.answerer import Answerer
from zoo.inference.inputs.batch import Batch

Columns = dict[str, Any]  # a sequence or an array each
_TAGS = ("tags", "tag_ids")


def tabulate(
    batch: Batch, outputs: Mapping[str, Any], answerer: Answerer, top: int
) -> Columns:
    """Returns the answers of a batch by column.

    There is a row for each sample, in their order; of tagged sentences for each token,
    and of forecasts for each step.

    Args:
        batch: The samples.
        outputs: Of the batch.
        answerer: With the names of classes and quantities.
        top: How many classes a row names, the most probable first.
    """
    sources: Columns = {"input": batch.inputs, "row": batch.rows, **batch.kept}
    if any(name in outputs for name in _TAGS):
        return _tagged(batch, sources, outputs, answerer)
    if "forecast" in outputs:
        steps = np.asarray(outputs["forecast"])
        counts = [steps.shape[1]] * len(batch)
        numbers = list(range(1, steps.shape[1] + 1)) * len(batch)
        return _repeated(sources, counts) | {
            "step": numbers,
            "forecast": steps.reshape(-1),
        }
    if "indicators" in outputs:
        return sources | _labelled(outputs, answerer)
    if are_classes(outputs):
        return sources | _classified(outputs, answerer, top)
    if "predictions" in outputs:
        return sources | _quantities(outputs["predictions"], answerer.targets)
    found: Columns = {}
    for name, values in outputs.items():
        found |= _flat(name, values)
    return sources | found


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


def _tagged(
    batch: Batch, sources: Columns, outputs: Mapping[str, Any], answerer: Answerer
) -> Columns:
    counts = list(map(len, batch.samples))
    tokens, tags, best = [], [], []
    for place, sentence in enumerate(batch.samples):
        shares = np.asarray(outputs["probabilities"][place])[: len(sentence)]
        ids = shares.argmax(axis=-1)
        tokens += list(sentence)
        tags += [answerer.labels[i] if answerer.labels else str(i) for i in ids]
        best += shares.max(axis=-1).tolist()
    return _repeated(sources, counts) | {
        "token": tokens,
        "tag": tags,
        "probability": np.array(best, "float32"),
    }


def _repeated(columns: Columns, counts: Sequence[int]) -> Columns:
    return {
        name: [v for v, n in zip(values, counts, strict=True) for _ in range(n)]
        for name, values in columns.items()
    }


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
