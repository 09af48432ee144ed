"""Answers on a terminal, as plain text, and as JSON."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import numpy as np

from zoo.inference.answers.answerer import Answerer
from zoo.inference.answers.detections import are_detections, found_in
from zoo.inference.answers.sentences import are_sentences, captions
from zoo.inference.answers.table import (
    Columns,
    are_classes,
    label_sets,
    most_probable,
    repeated,
    row_counts,
    tabulate,
)
from zoo.inference.answers.writer import plain
from zoo.inference.inputs.batch import Batch
from zoo.messages import printable

_BAR = 20  # columns of a terminal for a probability of 1
_PARTS = " ▏▎▍▌▋▊▉█"


class Printer:
    """Prints answers batch by batch; widths are those of the first one.

    On a terminal a probability has a bar; in a pipe cells are separated by tabs.

    Args:
        answerer: With the names of classes.
        top: Classes to print for each sample.
    """

    def __init__(self, answerer: Answerer, top: int) -> None:
        self._answerer, self._top = answerer, top
        self._is_terminal = sys.stdout.isatty()
        self._widths: list[int] = []

    def print(self, batch: Batch, outputs: Mapping[str, Any]) -> None:
        """Prints the answers of a batch."""
        columns = self._columns(batch, outputs)
        cells = [[_cell(name, v) for v in plain(c)] for name, c in columns.items()]
        names = list(columns)
        is_first = not self._widths
        if is_first:
            longest = [
                max([len(name), *map(len, column[:1000])])
                for name, column in zip(names, cells, strict=True)
            ]
            limit = max(20, shutil.get_terminal_size().columns - 2 - _BAR)
            self._widths = [min(width, limit // 2) for width in longest]
        rows = zip(*cells, strict=True)
        lines = [self._line(row) for row in ([names] if is_first else [])]
        has_bar = self._is_terminal and "probability" in names
        place = names.index("probability") if has_bar else 0
        for row in rows:
            bar = f"  {bar_of(float(row[place]))}" if has_bar else ""
            lines.append((self._line(row) + bar).rstrip())
        click.echo("\n".join(lines))

    def _columns(self, batch: Batch, outputs: Mapping[str, Any]) -> Columns:
        if are_classes(outputs):
            return self._ranked(batch, np.asarray(outputs["probabilities"]))
        found = tabulate(batch, outputs, self._answerer, self._top)
        del found["input"], found["row"]
        counts = row_counts(batch, outputs)
        return repeated({"input": batch.names}, counts) | found

    def _ranked(self, batch: Batch, probabilities: np.ndarray) -> Columns:
        """A row for each of the most probable classes of a sample."""
        ranks = most_probable(probabilities, self._answerer.labels, self._top)
        count = len(ranks)
        names = [name for name in batch.names for _ in range(count)]
        if self._is_terminal:
            names = [n if i % count == 0 else "" for i, n in enumerate(names)]
        kept = {
            key: [value for value in values for _ in range(count)]
            for key, values in batch.kept.items()
        }
        pairs = list(zip(*(labels for labels, _ in ranks), strict=True))
        return {
            "input": names,
            **kept,
            "label": [label for row in pairs for label in row],
            "probability": np.stack([v for _, v in ranks], axis=1).reshape(-1),
        }

    def _line(self, cells: Sequence[str]) -> str:
        if not self._is_terminal:
            return "\t".join(cells)
        pairs = zip(cells, self._widths, strict=True)
        return "  ".join(_fit(cell, width) for cell, width in pairs).rstrip()


def bar_of(probability: float) -> str:
    """Returns a bar of blocks.

    >>> bar_of(0.5), len(bar_of(1.0))
    ('██████████', 20)
    """
    if not 0 <= probability <= 1:
        return ""
    eighths = round(probability * _BAR * 8)
    return _PARTS[-1] * (eighths // 8) + _PARTS[eighths % 8].strip()


def as_json(batch: Batch, outputs: Mapping[str, Any], answerer: Answerer) -> Iterator:
    """Yields an object with all outputs for each sample."""
    objects = found_in(outputs, answerer.labels) if are_detections(outputs) else None
    for place, name in enumerate(batch.inputs):
        row: dict[str, Any] = {"input": name}
        if batch.rows[place] is not None:
            row["row"] = batch.rows[place]
        row |= {key: values[place] for key, values in batch.kept.items()}
        found = {key: np.asarray(value[place]) for key, value in outputs.items()}
        if objects is not None:
            yield row | {"objects": [each._asdict() for each in objects[place]]}
            continue
        row |= {key: value.tolist() for key, value in found.items()}
        probabilities = found.get("probabilities")
        if are_sentences(outputs):
            ids = {"token_ids": found["token_ids"][np.newaxis]}
            (row["caption"],) = captions(ids, answerer.labels)
        elif "indicators" in found:
            (row["labels"],) = label_sets(
                {"indicators": found["indicators"][None]}, answerer.labels
            )
        elif probabilities is not None and probabilities.ndim == 1:
            best = int(probabilities.argmax())
            row["label"] = answerer.labels[best] if answerer.labels else str(best)
        elif "tag_ids" in found and answerer.labels:
            tokens = batch.samples[place]
            row["tokens"] = list(map(str, tokens))
            ids = found["tag_ids"][: len(tokens)]
            row["tags"] = [answerer.labels[i] for i in ids]
        yield row


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if name == "probability" else f"{value:.6g}"
    return printable(str(value)).replace("\t", " ").replace("\n", " ")


def _fit(text: str, width: int) -> str:
    return text.ljust(width)
