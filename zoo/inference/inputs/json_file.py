"""A `.json` file: samples, or objects by the names of columns; an array, or lines."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from zoo.bounds import parse_json, read_bytes
from zoo.errors import DatasetError
from zoo.inference.inputs import json_lines, objects
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of a `.json` file, which may be one of JSON lines.

    Raises:
        DatasetError: If it is unreadable, or does not fit the model.
    """
    if _is_of_lines(path):
        yield from json_lines.read(path, model, options)
        return
    try:
        content = parse_json(read_bytes(path))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} is not a readable .json file: {error}") from error
    yield from objects.read_whole(path, content, model, options)


def _is_of_lines(path: Path) -> bool:
    """Whether the first line is a whole object, and more lines follow."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        lines = (line.strip() for line in file)
        first, more = (*itertools.islice(filter(None, lines), 2), b"", b"")[:2]
    try:
        return bool(more) and isinstance(json.loads(first), dict)
    except ValueError:
        return False
