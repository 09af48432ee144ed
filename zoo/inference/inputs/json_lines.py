"""JSON lines, read in a stream: a sample a line."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from zoo.bounds import parse_json
from zoo.datasets.text_stream import TextStream
from zoo.errors import DatasetError
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.objects import Objects
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of a `.jsonl` file.

    Raises:
        DatasetError: If a line is not JSON, or does not fit the model.
    """
    with path.open("rb") as file:
        yield from read_stream(file, path, model, options)


def read_stream(
    file: IO[bytes], path: Path, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the samples of an open file of JSON lines.

    Args:
        file: Open in binary mode.
        path: What it is called.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: As `read`.
    """
    reader, start = Objects(path, model, options), 0
    with TextStream(file, path, options.charset) as stream:
        found = _parsed(stream)
        while part := list(itertools.islice(found, model.batch_size)):
            lines, items = zip(*part, strict=True)
            yield reader.batch(items, lines, start, stream.read())
            start += len(part)
    if not start:
        raise DatasetError(f"{path} is empty; it must hold a sample a line.")


def _parsed(stream: TextStream) -> Iterator[tuple[int, Any]]:
    for line in stream:
        if line.strip():
            try:
                value = parse_json(line)
            except ValueError as error:
                raise DatasetError(
                    f"{stream.path}, line {stream.line} is not JSON: {error}."
                ) from error
            yield stream.line, value
