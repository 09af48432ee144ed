"""Time series: one generated, or a column of a table."""

import math
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.dataset_type import FILES, DatasetType, register_dataset_type
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.table import SUFFIXES, read_table
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


def column(path: Path, name: str | None = None) -> Dataset:
    """Loads a column of a CSV file with a header, its rows in the order of time.

    Args:
        path: The file.
        name: Of the column; the first without it.

    Raises:
        DatasetError: If there is no such column, or a value of it is not a number.
    """
    table = read_table(path)
    name = table.header[0] if name is None else name
    values = table.numbers([table.index(name)])[:, 0]
    return series(f"{path}:{name}", values)


def _matches(name: str | Path) -> bool:
    path, colon, _ = str(name).rpartition(":")
    return bool(colon) and path.endswith(SUFFIXES)


def _load(name: str | Path, data_dir: str | Path | None) -> Dataset:
    path, _, name = str(name).rpartition(":")
    return column(Path(path), name)


register_dataset_type(
    DatasetType(
        name="column",
        help="a column of a .csv table (table.csv:column)",
        matches=_matches,
        load=_load,
        priority=FILES,
    )
)
