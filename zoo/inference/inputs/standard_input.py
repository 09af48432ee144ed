"""Standard input, or a pipe: its form is found out by its first line."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from zoo.bounds import parse_json
from zoo.datasets.text_form import LABEL_NAMES, TEXT_NAMES
from zoo.errors import DatasetError
from zoo.inference.inputs import json_lines, objects, sentences, tables
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options

NAME = "-"
FORMS = (".csv", ".tsv", ".txt", ".jsonl", ".json")
_START = 2**16


def read(
    file: IO[bytes], name: str, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the samples of a stream.

    Args:
        file: Open in binary mode.
        name: What it is called.
        model: What the model takes.
        options: How it is read; without a `form`, it is found out.

    Raises:
        DatasetError: If it is empty, or does not fit the model.
    """
    buffered = io.BufferedReader(file, _START)  # pyright: ignore
    start = buffered.peek(_START)
    if not start:
        raise DatasetError("Standard input is empty.")
    form = options.form or find_form(start, model)
    path = Path(f"{name}.tsv" if form == ".tsv" else name)
    if form == ".json":
        try:
            content = parse_json(buffered.read())
        except ValueError as error:
            raise DatasetError(f"Standard input is not JSON: {error}.") from error
        yield from objects.read_whole(path, content, model, options)
        return
    reader = {
        ".jsonl": json_lines.read_stream,
        ".txt": sentences.read_stream,
    }.get(form, tables.read_stream)
    yield from reader(buffered, path, model, options)


def find_form(start: bytes, model: ModelInput) -> str:
    """Returns the form of a stream by its first bytes and by what the model takes.

    >>> texts = ModelInput("m", (None,), takes_text=True)
    >>> find_form(b"so good", texts), find_form(b"id,text", texts)
    ('.txt', '.csv')
    >>> find_form(b'{"text": "so good"}', texts), find_form(b"[[1, 2], [3, 4]]", texts)
    ('.jsonl', '.json')
    """
    line = start.decode("utf-8-sig", "replace").lstrip().splitlines() or [""]
    first = "".join(line[0].split())
    if first.startswith(("[[", '[{"', '["')) or first in ("[", "{"):
        return ".json"
    if first.startswith(("{", "[")):
        return ".jsonl"
    if not model.takes_text:
        return ".csv"
    tab = "\t" in line[0]
    cells = {c.strip(' "').lower() for c in line[0].split("\t" if tab else ",")}
    has_names = (
        len(cells) > 1
        and cells & {*TEXT_NAMES}
        and (cells & {*TEXT_NAMES, *LABEL_NAMES, "id"} > cells & {*TEXT_NAMES} or tab)
    )
    return (".tsv" if tab else ".csv") if has_names else ".txt"
