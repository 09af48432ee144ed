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
    choose_form,
    extended_header,
    has_header,
    read_rows,
    without_preamble,
)
from zoo.datasets.input_column import UNKNOWN, encode_rows
from zoo.datasets.table_rows import OtherRows
from zoo.datasets.text_form import (
    LABEL_NAMES,
    TEXT_NAMES,
    two_columns,
    universal_columns,
)
from zoo.datasets.text_stream import TextStream
from zoo.errors import DatasetError
from zoo.inference.inputs import series
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.chosen_columns import ChosenColumns, places_of
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.token_lines import are_token_lines
from zoo.inference.inputs.token_lines import sentences as token_sentences

_WORDS_OF_A_NAME = 3
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
        head, lines = begun(stream)
        if is_of_tokens(head, model):
            yield from token_batches(stream, head, lines, model)
        else:
            yield from read_lines(stream, head, lines, model, options)


def begun(stream: TextStream) -> tuple[list[str], Iterator[str]]:
    """Returns the first lines of a stream, and all of them."""
    lines = iter(stream)
    head = list(itertools.islice(lines, _LOOKED_AT))
    return head, itertools.chain(head, lines)


def is_of_tokens(head: list[str], model: ModelInput) -> bool:
    """Whether a file holds a token a line, for a model that takes such."""
    return model.kind == "tokens" and are_token_lines(head)


def token_batches(
    stream: TextStream, head: list[str], lines: Iterator[str], model: ModelInput
) -> Iterator[Batch]:
    """Yields the sentences of a file with a token in each line."""
    is_universal = universal_columns(head) is not None
    path = str(stream.path)
    messages.inform(
        f"{path}: a token in each line, empty lines between the sentences; tags are "
        "not read."
    )
    found = enumerate(token_sentences(lines, is_universal=is_universal), 1)
    while part := list(itertools.islice(found, model.batch_size)):
        tokens = [sentence for _, (_, sentence) in part]
        rows = [number for number, _ in part]
        texts = list(map(" ".join, tokens))
        yield Batch(tokens, [path] * len(part), rows, texts, read=stream.read())


def read_lines(
    stream: TextStream,
    head: list[str],
    lines: Iterator[str],
    model: ModelInput,
    options: Options,
) -> Iterator[Batch]:
    """Yields the rows of a table.

    Args:
        stream: Of the file.
        head: Its first lines, by which delimiter and header are decided.
        lines: All of them.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: As `read`.
    """
    try:
        yield from _batches(stream, head, lines, model, options)
    except csv.Error as error:
        raise DatasetError(f"{stream.path}, {error}.") from error


def are_pairs(head: list[str], model: ModelInput) -> bool:
    """Whether one tab stands in each line, between a label and a text."""
    filled = [line for line in head if line.strip()]
    return model.takes_text and bool(filled) and all(x.count("\t") == 1 for x in filled)


def _rows(
    path: Path, head: list[str], lines: Iterator[str], model: ModelInput
) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """Returns the rows and what separates their cells."""
    if are_pairs(head, model):
        # As in training, where a quote is a part of the text.
        rows = (
            (number, [cell.strip() for cell in line.split("\t")])
            for number, line in enumerate(lines, 1)
            if line.strip()
        )
        return rows, "\t"
    form = choose_form(head, "\t" if ".tsv" in path.name.lower() else None)
    return read_rows(lines, *form), form.delimiter


def _batches(
    stream: TextStream,
    head: list[str],
    lines: Iterator[str],
    model: ModelInput,
    options: Options,
) -> Iterator[Batch]:
    path = stream.path
    above, _ = without_preamble(head)
    lines = itertools.chain(above, itertools.islice(lines, len(head), None))
    rows, delimiter = _rows(path, above, lines, model)
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
        return _names_texts(first, below, model)
    if model.columns:
        names = {model.column_key(column.name) for column in model.columns}
        found = names & {*map(model.column_key, first)}
        if all(map(is_number, names)):  # which values are as well
            is_above = found == names and bool(below) and has_header([first, *below])
        else:
            is_above = not all(map(is_number, found))
        return is_above or not _are_values(first, model)
    if not below:
        return not any(map(is_number, first))
    return has_header([first, *below])


def _names_texts(
    first: list[str], below: Sequence[Sequence[str]], model: ModelInput
) -> bool:
    own = model.text_column
    if own in first and not is_number(own):
        return True
    rows = [(row[0], row[1]) for row in (first, *below) if len(row) == 2]
    if len(first) == 2 and two_columns(rows).has_header:
        return True
    # Words such as `spam` and `x` are labels and texts as well.
    known = {*TEXT_NAMES, *LABEL_NAMES}
    are_names = all(len(cell.split()) <= _WORDS_OF_A_NAME for cell in first)
    pairs = zip(first, zip(*below, strict=False), strict=False)
    recurs = any(name in column for name, column in pairs if name)
    return are_names and not recurs and any(cell.lower() in known for cell in first)


def _are_values(row: list[str], model: ModelInput) -> bool:
    """Whether a row holds what the columns of the training hold, without names."""
    places = places_of(model.columns, len(row))
    if places is None:
        return all(map(is_number, row))
    try:
        encoded = encode_rows(model.columns, [[row[p] for p in places]])[0]
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
