"""The columns of a table as a model takes them, fitted to the training split."""

import dataclasses

import numpy as np

from zoo.datasets import cells as forms
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.input_column import UNKNOWN, InputColumn, are_numbers
from zoo.errors import DatasetError


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
    return InputColumn(
        name, "number", decimal_comma=column.has_comma, is_percent=column.is_percent
    )


def is_plain(data: Dataset) -> bool:
    """Returns whether a model can take the samples as they are.

    They are no table, or one of numbers and booleans where nothing is missing.
    """
    if not data.columns:
        return True
    gaps = (np.isnan(split.x).any() for split in data.splits.values())
    return are_numbers(data.columns) and not any(gaps)


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


def matched(data: Dataset, columns: tuple[InputColumn, ...]) -> Dataset:
    """Returns a table encoded as another one is, by the names of its columns.

    Categories that the other one lacks become unknown ones, and columns that it lacks
    are left out.

    Args:
        data: Any dataset; one without columns is returned as it is.
        columns: Of the table that a model was trained on; nothing is done without any.

    Raises:
        DatasetError: If a column is missing, or holds another kind of values.
    """
    if not columns or not data.columns or data.columns == columns:
        return data
    places = {column.name: place for place, column in enumerate(data.columns)}
    for column in columns:
        _check_same_kind(data, places, column)
    if are_numbers(columns) and not is_plain(data):
        raise DatasetError(
            f"{data.name} has missing values, which the model does not know; fill them,"
            " leave the rows out, or train it on data that has some."
        )
    splits = {}
    for part, split in data.splits.items():
        x = np.empty((len(split.x), len(columns)), split.x.dtype)
        for index, column in enumerate(columns):
            place = places[column.name]
            values, own = split.x[:, place], data.columns[place]
            is_category = column.kind == "category"
            x[:, index] = _translated(values, own, column) if is_category else values
        splits[part] = split._replace(x=x)
    return dataclasses.replace(data, **splits, columns=columns)


def _check_same_kind(
    data: Dataset, places: dict[str, int], column: InputColumn
) -> None:
    if column.name not in places:
        raise DatasetError(
            f"{data.name} has no column {column.name!r}, which the model takes; it has "
            f"{', '.join(places)}."
        )
    kind = data.columns[places[column.name]].kind
    if kind != column.kind and {kind, column.kind} != {"number", "boolean"}:
        raise DatasetError(
            f"{data.name}: column {column.name!r} is a {kind}, and a {column.kind} in "
            "what the model was trained on; write it alike."
        )


def _translated(ids: np.ndarray, own: InputColumn, other: InputColumn) -> np.ndarray:
    """Returns the ids of categories as another table counts them."""
    known = {name: place for place, name in enumerate(other.categories)}
    table = np.array([known.get(name, UNKNOWN) for name in own.categories] + [UNKNOWN])
    is_missing = np.isnan(ids)
    found = table[np.where(is_missing, UNKNOWN, ids).astype("int64")]
    return np.where(is_missing, np.nan, found)
