"""The rows of a CSV or TSV file, read in a stream."""

import csv
import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from zoo import messages
from zoo.datasets.cells import is_number
from zoo.datasets.dialect import (
    Rows,
    choose_delimiter,
    choose_quote,
    extended_header,
    has_header,
    read_rows,
    without_preamble,
)
from zoo.datasets.input_column import UNKNOWN, encode_rows
from zoo.datasets.table_rows import OtherRows
from zoo.datasets.text_form import LABEL_NAMES, TEXT_NAMES
from zoo.datasets.text_stream import TextStream
from zoo.errors import DatasetError
from zoo.inference.inputs import series
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.chosen_columns import ChosenColumns
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options

_LOOKED_AT = 200  # lines by which delimiter and header are decided


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the rows of a table.

    Raises:
        DatasetError: If it is no table, or does not fit the model; the message names
            line and column.
    """
    if model.kind == "series":
        yield from series.read(path, None, model, options)
        return
    with path.open("rb") as file:
        yield from read_stream(file, path, model, options)


def read_stream(
    file: IO[bytes], path: Path, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the rows of an open table.

    Args:
        file: Open in binary mode.
        path: What it is called; by its suffix it may be compressed, or separated by
            tabs.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: As `read`.
    """
    with TextStream(file, path, options.charset) as stream:
        try:
            yield from _batches(stream, model, options)
        except csv.Error as error:
            raise DatasetError(
                f"{path}, line {stream.line}: a cell is too long; a quote that opens "
                f"it is perhaps never closed ({error})."
            ) from error


def _batches(
    stream: TextStream, model: ModelInput, options: Options
) -> Iterator[Batch]:
    path, lines = stream.path, iter(stream)
    head, _ = without_preamble(list(itertools.islice(lines, _LOOKED_AT)))
    is_tabbed = ".tsv" in path.name.lower()
    quote = choose_quote(head)
    delimiter = "\t" if is_tabbed else choose_delimiter(head, quote)
    rows = read_rows(itertools.chain(head, lines), delimiter, quote)
    first = list(itertools.islice(rows, model.batch_size))
    if not first:
        raise DatasetError(f"{path} is empty; it must hold rows.")
    header, first, others = _divided(first, model, options)
    if not first:
        raise DatasetError(f"{path} holds a header and no rows.")
    rows = others.without(rows)
    if header is not None:
        header = [unicodedata.normalize("NFC", name) for name in header]
    cells = [row for _, row in first[:_LOOKED_AT]]
    chosen = ChosenColumns(path, header, cells, model, options)
    start = 0
    while first:
        _check_widths(path, first, chosen.width, delimiter)
        places, cells = [line for line, _ in first], [row for _, row in first]
        yield chosen.batch(cells, places, start, stream.read())
        start += len(first)
        first = list(itertools.islice(rows, model.batch_size))
    for finding in others.findings():
        messages.inform(f"{path}: {finding}")


def _divided(
    rows: Rows, model: ModelInput, options: Options
) -> tuple[list[str] | None, Rows, OtherRows]:
    """Divides the header, if there is one, from the rows below it.

    Returns:
        The header, the rows of the table, and what tells others from these.
    """
    (_, header), *below = rows
    kept = OtherRows(None, below).without(below)
    cells = [row for _, row in itertools.islice(kept, _LOOKED_AT)]
    if options.no_header or not _names_columns(header, cells, model):
        others = OtherRows(None, rows)
        return None, list(others.without(rows)), others
    others = OtherRows(header, below)
    below = list(others.without(below))
    cells = [row for _, row in below[:_LOOKED_AT]]
    return extended_header(header, cells) if cells else header, below, others


def _names_columns(
    first: list[str], below: Sequence[Sequence[str]], model: ModelInput
) -> bool:
    if model.takes_text:
        # A text is no number, as a name is none.
        names = {*TEXT_NAMES, *LABEL_NAMES}
        return any(cell.lower() in names for cell in first)
    if model.columns:
        names = {model.column_key(column.name) for column in model.columns}
        has_names = bool(names & {*map(model.column_key, first)})
        return has_names or not _are_values(first, model)
    if not below:
        return not any(map(is_number, first))
    return has_header([first, *below])


def _are_values(row: list[str], model: ModelInput) -> bool:
    """Whether a row holds what the columns of the training hold, in their order."""
    if len(row) != len(model.columns):
        return all(map(is_number, row))
    try:
        encoded = encode_rows(model.columns, [row])[0]
    except DatasetError:
        return False
    pairs = zip(model.columns, encoded, strict=True)
    return any(c.kind != "category" or value != UNKNOWN for c, value in pairs)


def _check_widths(path: Path, rows: Rows, width: int, delimiter: str) -> None:
    for line, row in rows:
        if len(row) != width:
            raise DatasetError(
                f"{path}, line {line} has {len(row)} columns, the first one {width}; "
                f"quote cells that hold {delimiter!r}, or correct the line."
            )
