"""The columns of a table that a model takes, by their names or in their order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo import messages
from zoo.datasets import text_table
from zoo.datasets.cells import is_missing
from zoo.datasets.finding import flags, listed
from zoo.datasets.input_column import InputColumn, category_of, encode_rows
from zoo.datasets.text_form import LABEL_NAMES, TEXT_NAMES, two_columns
from zoo.errors import DatasetError, suggestion
from zoo.inference.inputs.arrays import check_finite
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.tokens import split_tokens

Row = Sequence[Any]


class ChosenColumns:
    """Makes batches of the rows of a table.

    Args:
        path: The file.
        header: Names of the columns; None where it has none.
        first: Its first rows.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: If it lacks a column, has one twice, or is no table that the model
            takes.
    """

    def __init__(
        self,
        path: Path,
        header: list[str] | None,
        first: Sequence[Row],
        model: ModelInput,
        options: Options,
    ) -> None:
        if model.is_for_a_command or model.kind not in ("rows", "texts", "tokens"):
            raise model.refusal(f"{path} is a table")
        self._path, self._model, self._remarks = path, model, options.remarks
        self.width = len(header if header is not None else first[0])
        names = header or [str(place) for place in range(1, self.width + 1)]
        self._kept = {name: self._place(names, name) for name in options.keep}
        if model.kind == "rows":
            self._columns = model.columns or _numbers(model)
            self._places = self._of_model(header)
        else:
            self._places = [self._text_column(names, first)]
            self._say_guess(names, first)
        ignored = [
            name
            for place, name in enumerate(names)
            if place not in (*self._places, *self._kept.values())
        ]
        if ignored and header is not None:
            messages.inform(
                f"{path}: {listed(ignored)} {'is' if len(ignored) == 1 else 'are'} not "
                f"read; {flags('keep', ignored[:1])} puts it beside the answers."
            )

    def batch(
        self, rows: Sequence[Row], lines: Sequence[int], start: int, read: int = 0
    ) -> Batch:
        """Returns rows as samples.

        Args:
            rows: Their cells.
            lines: Where they stand, for messages.
            start: Rows before them.
            read: Bytes of the file that they took.

        Raises:
            DatasetError: If a cell does not fit its column.
        """
        texts = None
        if self._model.kind == "rows":
            samples: Any = self._encoded(rows, lines, start)
        else:
            (place,) = self._places
            texts = ["" if row[place] is None else str(row[place]) for row in rows]
            is_tagging = self._model.kind == "tokens"
            samples = list(map(split_tokens, texts)) if is_tagging else texts
        return Batch(
            samples,
            [str(self._path)] * len(rows),
            range(start + 1, start + 1 + len(rows)),
            texts,
            {name: [row[place] for row in rows] for name, place in self._kept.items()},
            read,
        )

    def _encoded(self, rows: Sequence[Row], lines: Sequence[int], start: int) -> Any:
        if self._places != list(range(self.width)):
            rows = [[row[place] for place in self._places] for row in rows]
        self._say_unknown(rows, lines)
        if self._model.takes_cells:
            return self._cells(rows, lines)
        samples = self._numbers(self._columns, rows, lines)
        check_finite(self._path, samples, self._model, start)
        self._say_missing(samples, lines)
        say_doubts(self._path, samples, self._model, self._remarks)
        return samples

    def _say_missing(self, samples: np.ndarray, lines: Sequence[int]) -> None:
        """Says where values are missing in columns that had all of them in training."""
        for place, column in enumerate(self._columns):
            if column.has_missing:
                continue
            for row in np.flatnonzero(np.isnan(samples[:, place])).tolist():
                self._remarks.warn(
                    "values are missing that the training had",
                    f"{self._path}, line {lines[row]}, column {column.name!r}: the "
                    "value is missing, as none was in training; it counts as the mean, "
                    "or as no category.",
                )

    def _say_unknown(self, rows: Sequence[Row], lines: Sequence[int]) -> None:
        """Says which cells are none of the categories of the training."""
        for place, column in enumerate(self._columns):
            if not column.categories:
                continue
            cells = [category_of(row[place], column) for row in rows]
            unknown = {*map(str.strip, cells)} - {*column.categories}
            unknown = {cell for cell in unknown if not is_missing(cell)}
            for line, cell in zip(lines, cells, strict=True) if unknown else ():
                if cell.strip() in unknown:
                    self._remarks.warn(
                        "cells are no categories of the training",
                        f"{self._path}, line {line}, column {column.name!r}: the "
                        f"training held no {cell.strip()!r}; it counts as no category.",
                    )

    def _numbers(
        self, columns: Sequence[InputColumn], rows: Sequence[Row], lines: Sequence[int]
    ) -> np.ndarray:
        try:
            return encode_rows(columns, rows, lines)
        except DatasetError as error:
            raise DatasetError(f"{self._path}, {error}") from error

    def _cells(self, rows: Sequence[Row], lines: Sequence[int]) -> np.ndarray:
        """Returns numbers and texts in an array of objects."""
        found = np.empty((len(rows), len(self._columns)), object)
        for place, column in enumerate(self._columns):
            cells = [row[place] for row in rows]
            if column.kind in ("number", "date"):
                numbers = self._numbers([column], [[cell] for cell in cells], lines)
            if column.kind == "number":
                found[:, place] = numbers[:, 0]
            else:
                found[:, place] = [category_of(cell, column) for cell in cells]
        return found

    def _of_model(self, header: list[str] | None) -> list[int]:
        key = self._model.column_key
        wanted = [column.name for column in self._columns]
        if header is not None and self._model.columns:
            header = list(map(key, header))
            missing = [name for name in wanted if key(name) not in header]
            if missing:
                raise DatasetError(
                    f"{self._path} has no column {listed(missing)}, which "
                    f"{self._model.name} was trained on."
                    f"{suggestion(missing[0], filter(None, header))}"
                )
            return [self._place(header, key(name)) for name in wanted]
        if self._model.takes_cells:
            raise DatasetError(
                f"{self._path} has no header, by which {self._model.name} takes its "
                f"columns: {', '.join(wanted)}."
            )
        places = None
        if header is None and self._model.columns:
            places = places_of(self._columns, self.width)
        if places is not None:
            return places
        if self.width != len(wanted):
            names = f" ({', '.join(wanted)})" if self._model.columns else ""
            has = f"{self.width} columns" + ("" if header else " and no header")
            raise DatasetError(
                f"{self._path} has {has}; {self._model.name} takes {len(wanted)}"
                f"{names}."
            )
        return list(range(self.width))

    def _text_column(self, names: list[str], first: Sequence[Row]) -> int:
        cells = {
            name: ["" if row[i] is None else str(row[i]) for row in first]
            for i, name in enumerate(names)
        }
        if len(names) == 1:
            return 0
        if self._model.text_column in names:
            return self._place(names, self._model.text_column)
        lowered = [name.strip().lower() for name in names]
        labels = [n for n in names if n.strip().lower() in LABEL_NAMES][:1]
        is_clear = len(cells) == len(names)
        found = text_table.find_text(cells, labels) if is_clear else None
        named = [i for i, name in enumerate(lowered) if name in TEXT_NAMES]
        if found is None and len(named) == 1:
            return named[0]
        if found is None and len(names) == 2:
            columns = zip(*(cells[name] for name in names), strict=True)
            return 1 - two_columns(list(columns)).label
        if found is None:
            raise DatasetError(
                f"{self._path}: which column holds the texts? It has {listed(names)}; "
                "call it text."
            )
        return names.index(found)

    def _say_guess(self, names: list[str], first: Sequence[Row]) -> None:
        (place,) = self._places
        cells = [
            ["" if c is None else str(c) for c in x] for x in zip(*first, strict=True)
        ]
        others = [
            name
            for i, name in enumerate(names)
            if i != place
            and (name.strip().lower() in TEXT_NAMES or text_table.are_texts(cells[i]))
        ]
        if others and self._model.text_column is None:
            messages.warn(guess(self._path, names[place], others))

    def _place(self, header: list[str], name: str) -> int:
        places = [place for place, found in enumerate(header) if found == name]
        if len(places) == 1:
            return places[0]
        if places:
            raise DatasetError(
                f"{self._path} has {len(places)} columns {name!r}; rename one."
            )
        raise DatasetError(
            f"{self._path} has no column {name!r}.{suggestion(name, header)}"
        )


def guess(path: Path, chosen: str, others: Sequence[str]) -> str:
    """Returns what to say where the column of the training is not known.

    >>> guess(Path("a.csv"), "text", ["title"])
    "a.csv: the texts are taken from 'text', and not from 'title', as it is not known \
which column the model was trained on; leave it out if another is right."
    """
    return (
        f"{path}: the texts are taken from {chosen!r}, and not from "
        f"{listed(list(others))}, as it is not known which column the model was "
        "trained on; leave it out if another is right."
    )


def places_of(columns: Sequence[InputColumn], width: int) -> list[int] | None:
    """Returns where columns stand in rows without a header.

    They stand in their order; or, in rows of a training that had no header either,
    where their names say, beside columns such as the label.

    >>> columns = [InputColumn("1", "number"), InputColumn("3", "number")]
    >>> places_of(columns, 2), places_of(columns, 3), places_of(columns, 1)
    ([0, 1], [0, 2], None)
    """
    if width == len(columns):
        return list(range(width))
    names = [column.name for column in columns]
    if not all(name.isdecimal() and 0 < int(name) <= width for name in names):
        return None
    return [int(name) - 1 for name in names]


def _numbers(model: ModelInput) -> tuple[InputColumn, ...]:
    """The columns of a model that was trained on arrays."""
    count = model.shape[0] or 0
    return tuple(InputColumn(str(i), "number") for i in range(1, count + 1))
