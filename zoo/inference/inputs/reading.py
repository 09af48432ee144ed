"""The samples of all inputs, in the order in which they were given."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.datasets.other_forms import conversion, is_unread_medium
from zoo.datasets.table_file import split_column
from zoo.errors import DatasetError
from zoo.inference.inputs import folder, pictures, sentences, series, standard_input
from zoo.inference.inputs.batch import Batch, merged
from zoo.inference.inputs.form import READERS, form_of
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(
    inputs: Sequence[str | os.PathLike], model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the samples of files, folders and texts, in batches of the model's size.

    Args:
        inputs: Paths; `table.csv:column`; texts; `-` for standard input.
        model: What the model takes.
        options: How they are read.

    Raises:
        DatasetError: If one is missing, unreadable, or does not fit the model.
    """
    found = (batch for given in inputs for batch in _read(given, model, options))
    return merged(found, model.batch_size)


def total_bytes(inputs: Sequence[str | os.PathLike], model: ModelInput) -> int | None:
    """Returns how many bytes will be read; None where a stream is among them."""
    total = 0
    for each in inputs:
        given = os.fspath(each)
        if given == standard_input.NAME or _is_stream(given):
            return None
        if os.path.isdir(given):  # noqa: PTH112  (a text may be no path)
            files = folder.files_in(Path(given), model)[0]
            total += sum(path.stat().st_size for path in files)
        elif _is_file(given):
            total += Path(given).stat().st_size
    return total


def _read(
    given: str | os.PathLike, model: ModelInput, options: Options
) -> Iterator[Batch]:
    name = os.fspath(given)
    if name == standard_input.NAME:
        stream = sys.stdin.buffer
        yield from standard_input.read(stream, name, model, options)
    elif os.path.isdir(name):  # noqa: PTH112
        yield from folder.read(Path(name), model, options)
    elif _is_stream(name):
        with Path(name).open("rb") as file:
            yield from standard_input.read(file, name, model, options)
    elif _is_file(name):
        yield from _read_file(Path(name), model, options)
    elif _is_column(name):
        path, column = split_column(name) or (name, None)
        yield from series.read(Path(path), column, model, options)
    else:
        yield _text(name, model)


def _read_file(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    form = form_of(path)
    if form is not None:
        yield from READERS[form](path, model, options)
    elif is_unread_medium(path):
        raise DatasetError(f"{path} is of a form that is not read; {conversion(path)}.")
    elif model.kind == "pictures":
        yield from pictures.read(path, model, options)
    else:
        raise DatasetError(
            f"{path} has no suffix of a form that is read: {', '.join(_common())}."
        )


def _common() -> list[str]:
    return [
        *(".csv", ".tsv", ".parquet", ".xlsx", ".jsonl", ".json", ".npy", ".npz"),
        ".txt",
    ]


def _text(name: str, model: ModelInput) -> Batch:
    looks_like_a_path = form_of(Path(name)) is not None and not name.count(" ")
    if looks_like_a_path or not model.takes_text:
        raise model.missing(name, is_path=looks_like_a_path)
    return sentences.of_argument(name, model)


def _is_column(name: str) -> bool:
    found = split_column(name)
    return found is not None and _is_file(found[0])


def _is_file(name: str) -> bool:
    """Whether there is a file; a text may be longer than any path."""
    return os.path.isfile(name)  # noqa: PTH113


def _is_stream(name: str) -> bool:
    try:
        mode = Path(name).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
