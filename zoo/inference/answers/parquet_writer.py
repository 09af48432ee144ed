"""Answers as a Parquet file."""

from pathlib import Path
from typing import Any

from zoo.inference.answers.table import Columns
from zoo.inference.answers.writer import OutputError, Writer


class ParquetWriter(Writer):
    """A row group for each batch.

    Raises:
        OutputError: If pyarrow is missing.
    """

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise OutputError(
                "Parquet files are written by pyarrow: "
                'pip install "keras-serving-zoo[tables]".'
            ) from error
        self._path = path
        self._writer: Any = None

    def write(self, columns: Columns) -> None:
        """See `Writer.write`; the first rows decide about the types."""
        import pyarrow
        from pyarrow.parquet import ParquetWriter as FileWriter

        schema = None if self._writer is None else self._writer.schema
        arrays = []
        for name, values in columns.items():
            kind = schema.field(name).type if schema else _type(pyarrow, name, values)
            try:
                arrays.append(pyarrow.array(values, kind))
            except pyarrow.ArrowException as error:
                raise OutputError(
                    f"Column {name!r} holds values of several types, which Parquet "
                    f"does not take; write .csv or .jsonl. ({error})"
                ) from error
        table = pyarrow.table(arrays, names=list(columns))
        if self._writer is None:
            self._writer = FileWriter(self._path, table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        """See `Writer.close`."""
        if self._writer is not None:
            self._writer.close()


def _type(pyarrow: Any, name: str, values: Any) -> Any:
    """Returns the type of a column whose first values may all be missing."""
    if name == "row":
        return pyarrow.int64()
    is_missing = not hasattr(values, "dtype") and all(value is None for value in values)
    return pyarrow.string() if is_missing else None
