"""Time series: one generated, or a column of a table."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.column import Column
from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.dataset_type import FILES, DatasetType, register_dataset_type
from zoo.datasets.finding import Finding
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.table_file import read_table_file, split_column
from zoo.datasets.time_order import in_order
from zoo.errors import DatasetError

_HELD_OUT = 0.1  # fractions at the end: for validation, then for the test
_LEAST = 20


def series(name: str, values: np.ndarray) -> Dataset:
    """Splits a series in the order of time.

    Args:
        name: Of the dataset.
        values: The series, of shape (time,).

    Raises:
        DatasetError: If it is too short, or a value is not a number.
    """
    if len(values) < _LEAST:
        raise DatasetError(f"{name} has {len(values)} values; {_LEAST} are the least.")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise DatasetError(
            f"{name}: {len(bad)} of {len(values)} values are NaN or infinite, the "
            f"first is number {bad[0]}; fill them."
        )
    held = round(_HELD_OUT * len(values))
    train, validation, test = np.split(values, [len(values) - 2 * held, -held])
    splits = Split(train, train), Split(validation, validation), Split(test, test)
    return Dataset(name, *splits, labels=(), task="forecasting")


@register_dataset("toy_series", licence=GENERATED)
def toy_series() -> Dataset:
    """5,000 hours with a trend, a day of 24, a week of 168, and noise."""
    hours = np.arange(5_000)
    day = 3 * np.sin(2 * math.pi * hours / 24) + np.cos(4 * math.pi * hours / 24)
    week = 2 * np.sin(2 * math.pi * hours / 168)
    noise = np.random.default_rng(SPLIT_SEED).normal(scale=0.5, size=len(hours))
    return series("toy_series", 10 + 0.002 * hours + day + week + noise)


def column(
    path: Path,
    name: str | None = None,
    *,
    charset: str | None = None,
    no_header: bool = False,
    group: str | None = None,
    sheet: str | None = None,
) -> Dataset:
    """Loads a column of a table as a series.

    Where another column holds dates, they give the order; the rows do otherwise.

    Args:
        path: The file.
        name: Of the column; the first without it.
        charset: The file's character encoding; UTF-8 if None.
        no_header: Whether the first row of the file holds values.
        group: Name of the column that says which of several series a row belongs to.
        sheet: Name of the sheet of an Excel file; the first one if None.

    Raises:
        DatasetError: If there is no such column, a value of it is not a number, or
            there are several series and no `group`.
    """
    table = read_table_file(path, charset, no_header=no_header, sheet=sheet)
    name = table.header[0] if name is None else name
    values = table.numbers(name)
    called = f"{path}:{name}"
    parts, findings = in_order(table, name, group)
    made = [series(_named(called, part), values[rows]) for part, rows in parts.items()]
    data = _together(called, made)
    whole = values[np.isfinite(values)]
    if len(whole) and np.ptp(whole) == 0:
        what = f"{name!r} is {whole[0]:g} in all rows, so there is nothing to forecast"
        findings.append(Finding("constant", what, "choose another column", "warning"))
    return dataclasses.replace(data, findings=(*table.findings, *findings))


def _named(called: str, part: str | None) -> str:
    return called if part is None else f"{called} ({part})"


def _together(name: str, made: list[Dataset]) -> Dataset:
    """Makes one dataset of several series, each split in its own order of time."""
    if len(made) == 1:
        return dataclasses.replace(made[0], name=name)
    splits = {}
    for part in made[0].splits:
        held = np.empty(len(made), object)
        held[:] = [each.splits[part].x for each in made]
        splits[part] = Split(held, held)
    return Dataset(name, **splits, labels=(), task="forecasting")


def _matches(name: str | Path) -> bool:
    return split_column(str(name)) is not None


def _load(name: str | Path, data_dir: str | Path | None, **reading: Any) -> Dataset:
    path, name = split_column(str(name)) or (name, "")
    return column(Path(path), str(name), **reading)


def _columns(
    name: str | Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    group: str | None = None,
    sheet: str | None = None,
) -> list[Column]:
    path = Path((split_column(str(name)) or (name, ""))[0])
    return read_table_file(path, charset, no_header=no_header, sheet=sheet).columns


register_dataset_type(
    DatasetType(
        name="column",
        help="a column of a table (table.csv:column)",
        matches=_matches,
        load=_load,
        priority=FILES,
        options=("charset", "no_header", "group", "sheet"),
        columns=_columns,
    )
)
