"""Inputs in parts that are answered by themselves, wherever there is room."""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.datasets.parquet_file import open_parquet
from zoo.errors import DatasetError
from zoo.inference.inputs import folder, parquet
from zoo.inference.inputs.batch import Batch, merged
from zoo.inference.inputs.form import READERS, form_of
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read

_ROWS = 100_000  # of a Parquet file, at least if it has as many
_SINGLES = 256  # files of one sample each


@dataclasses.dataclass(frozen=True)
class Part:
    """Some of the inputs.

    Args:
        number: Its place among the others.
        paths: Files.
        groups: The row groups of the only file, if it is divided.
    """

    number: int
    paths: tuple[str, ...]
    groups: tuple[int, ...] | None = None


def parts_of(inputs: Sequence[str], model: ModelInput) -> list[Part]:
    """Divides inputs into parts, in their order.

    A Parquet file is divided at its row groups; pictures and sounds are put together;
    any other file is one part.

    Raises:
        DatasetError: If an input is no file or folder, or there is nothing in it.
    """
    found: list[tuple[tuple[str, ...], tuple[int, ...] | None]] = []
    singles: list[str] = []
    for path in _files(inputs, model):
        if READERS.get(form_of(path) or "") is parquet.read:
            found += [((str(path),), groups) for groups in _groups(path)]
        elif model.kind in ("pictures", "sounds"):
            singles.append(str(path))
        else:
            found.append(((str(path),), None))
    for start in range(0, len(singles), _SINGLES):
        found.append((tuple(singles[start : start + _SINGLES]), None))
    return [Part(number, *each) for number, each in enumerate(found)]


def read_part(part: Part, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of a part.

    Raises:
        DatasetError: If one is unreadable, or does not fit the model.
    """
    if part.groups is None:
        return read(part.paths, model, options)
    batches = parquet.read(Path(part.paths[0]), model, options, part.groups)
    return merged(batches, model.batch_size)


def _files(inputs: Sequence[str], model: ModelInput) -> Iterator[Path]:
    for given in inputs:
        path = Path(given)
        if os.path.isdir(given):  # noqa: PTH112  (a text may be no path)
            yield from folder.files_in(path, model)[0]
        elif os.path.isfile(given):  # noqa: PTH113
            yield path
        else:
            raise DatasetError(
                f"There is no file or folder {given}; others are answered without "
                "--engine."
            )


def _groups(path: Path) -> Iterator[tuple[int, ...]]:
    """Yields row groups that have enough rows together."""
    with open_parquet(path) as file:
        held: list[int] = []
        rows = 0
        for group in range(file.num_row_groups):
            held.append(group)
            rows += file.metadata.row_group(group).num_rows
            if rows >= _ROWS:
                yield tuple(held)
                held, rows = [], 0
        if held:
            yield tuple(held)
