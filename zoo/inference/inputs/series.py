"""The last values of a series, which a forecast begins after."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo import messages
from zoo.datasets.table import Table
from zoo.datasets.table_file import read_table_file
from zoo.datasets.time_order import in_order
from zoo.errors import DatasetError
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(
    path: Path, column: str | None, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the last window of each series in a column of a table.

    Args:
        path: The table.
        column: Name of the column; that of the training if None, or the only one.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: If there is no such column, or it is too short.
    """
    if model.kind != "series":
        raise model.refusal(f"{path}:{column} is a column of a table")
    table = read_table_file(
        path, options.charset, no_header=options.no_header, sheet=options.sheet
    )
    name = column or _column(table, model)
    values = table.numbers(name)
    parts, findings = in_order(table, name, options.group)
    for finding in findings:
        messages.inform(f"{path}: {finding}")
    for part, rows in parts.items():
        called = f"{path}:{name}" + ("" if part is None else f" ({part})")
        window = values[rows][-(model.shape[0] or len(rows)) :]
        if len(window) < (model.shape[0] or 1):
            raise DatasetError(
                f"{called} has {len(window)} values; {model.name} reads the last "
                f"{model.shape[0]}."
            )
        if not np.isfinite(window).all():
            raise DatasetError(
                f"{called} has missing values among its last {len(window)}; fill them."
            )
        samples = window.astype("float32")[np.newaxis, :, np.newaxis]
        say_doubts(path, samples, model, options.remarks)
        yield Batch(samples, [called], [None], read=path.stat().st_size)


def _column(table: Table, model: ModelInput) -> str:
    if model.series in table.header:
        return model.series or ""
    numbers = [c.name for c in table.columns if c.kind in ("number", "boolean")]
    if len(numbers) == 1:
        return numbers[0]
    choices = " or ".join(f"{table.path}:{name}" for name in numbers[:3] or ["COLUMN"])
    raise DatasetError(f"Which column of {table.path} is the series? Give {choices}.")
