"""The rows of a Parquet file, of which only a batch is in memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.datasets.parquet_file import open_parquet
from zoo.errors import DatasetError
from zoo.inference.inputs import series
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.chosen_columns import ChosenColumns
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


def read(
    path: Path,
    model: ModelInput,
    options: Options,
    groups: Sequence[int] | None = None,
) -> Iterator[Batch]:
    """Yields the rows of a Parquet file.

    Args:
        path: The file.
        model: What the model takes.
        options: How it is read.
        groups: The row groups to read; all if None.

    Raises:
        DatasetError: If it is damaged, does not fit the model, or pyarrow is missing.
    """
    if model.kind == "series":
        yield from series.read(path, None, model, options)
        return
    with open_parquet(path) as file:
        header = file.schema_arrow.names
        chosen: ChosenColumns | None = None
        counts = [
            file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)
        ]
        start = sum(counts[: groups[0]]) if groups else 0
        bytes_of_row = path.stat().st_size / max(1, file.metadata.num_rows)
        for rows in _rows(path, file, model.batch_size, groups):
            if chosen is None:
                chosen = ChosenColumns(path, header, rows, model, options)
            lines = range(start + 1, start + 1 + len(rows))
            read = round(bytes_of_row * len(rows))
            yield chosen.batch(rows, lines, start, read)
            start += len(rows)
        if chosen is None:
            raise DatasetError(f"{path} holds no rows.")


def _rows(
    path: Path, file: "ParquetFile", size: int, groups: Sequence[int] | None
) -> Iterator[list[tuple[Any, ...]]]:
    from pyarrow import ArrowException

    try:
        for batch in file.iter_batches(size, groups):
            columns = [column.to_pylist() for column in batch.columns]
            if len(batch):
                yield list(zip(*columns, strict=True))
    except (ArrowException, OSError) as error:
        raise DatasetError(f"{path} is damaged: {error}") from error
