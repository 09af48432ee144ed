"""The columns of a table as a model takes them, fitted to the training split."""

import dataclasses

import numpy as np

from zoo.datasets import cells as forms
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.input_column import UNKNOWN, InputColumn


def input_column(column: Column) -> InputColumn:
    """Returns what a column of a file is to a model.

    Numbers that are 0 and 1 stay numbers; a boolean is one in words.
    """
    name = column.name
    if column.kind == "date":
        return InputColumn(name, "date", date_format=column.date_format)
    if column.values is None:
        present = {c for c in column.cells if not forms.is_missing(c)}
        return InputColumn(name, "category", tuple(sorted(present)))
    if column.is_in_words:
        return InputColumn(name, "boolean")
    return InputColumn(name, "number", decimal_comma=column.has_comma)


def fitted(data: Dataset) -> Dataset:
    """Returns a table whose columns hold what the training split holds, and no more.

    Categories that stand in validation and test alone become unknown ones there, as
    they would be at a prediction.

    Args:
        data: Encoded by its `columns`.
    """
    splits = {
        name: split._replace(x=split.x.copy()) for name, split in data.splits.items()
    }
    columns = []
    for index, column in enumerate(data.columns):
        values = splits["train"].x[:, index]
        if column.kind == "category":
            kept = np.unique(values[values >= 0]).astype("int64")
            for split in splits.values():
                split.x[:, index] = _renumbered(split.x[:, index], kept)
            names = tuple(column.categories[place] for place in kept)
            column = dataclasses.replace(column, categories=names)
        times = np.nan_to_num(values) % 1 if column.kind == "date" else np.zeros(1)
        columns.append(
            dataclasses.replace(
                column,
                has_missing=bool(np.isnan(values).any()),
                has_times=bool(times.any()),
            )
        )
    return dataclasses.replace(data, **splits, columns=tuple(columns))


def _renumbered(ids: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Returns ids as their places among those that are kept, the others as unknown."""
    found = np.searchsorted(kept, ids)
    is_kept = np.append(kept, np.nan)[found] == ids
    new = np.where(is_kept, found, UNKNOWN)
    return np.where(np.isnan(ids), np.nan, new)
