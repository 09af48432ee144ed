"""The rows of a sheet of an Excel file."""

from collections.abc import Iterator
from pathlib import Path

from zoo import messages
from zoo.datasets.excel_file import read_sheet
from zoo.inference.inputs import series
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.chosen_columns import ChosenColumns
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the rows of a sheet, cells as they would stand in a CSV file.

    Raises:
        DatasetError: If it is no table, does not fit the model, or openpyxl is missing.
    """
    if model.kind == "series":
        yield from series.read(path, None, model, options)
        return
    least = min(2, len(model.columns)) or 1
    table = read_sheet(path, options.sheet, no_header=options.no_header, least=least)
    header = table.header if table.has_header else None
    for finding in table.findings:
        messages.inform(f"{path}: {finding}")
    chosen = ChosenColumns(path, header, table.rows, model, options)
    for start in range(0, len(table.rows), model.batch_size):
        part = slice(start, start + model.batch_size)
        rows, lines = table.rows[part], table.lines[part]
        yield chosen.batch(rows, lines, start, path.stat().st_size if not start else 0)
