"""A `.json` file: an array of samples, or of objects by the names of columns."""

from collections.abc import Iterator
from pathlib import Path

from zoo.bounds import parse_json, read_bytes
from zoo.errors import DatasetError
from zoo.inference.inputs import objects
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of a `.json` file.

    Raises:
        DatasetError: If it is unreadable, or does not fit the model.
    """
    try:
        content = parse_json(read_bytes(path))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} is not a readable .json file: {error}") from error
    yield from objects.read_whole(path, content, model, options)
