"""The forms of files of answers, by their suffix."""

from pathlib import Path

from zoo.errors import ArgumentError
from zoo.inference.answers.csv_writer import CsvWriter
from zoo.inference.answers.json_lines_writer import JsonLinesWriter
from zoo.inference.answers.parquet_writer import ParquetWriter
from zoo.inference.answers.writer import Writer

WRITERS: dict[str, type[Writer]] = {
    ".csv": CsvWriter,
    ".jsonl": JsonLinesWriter,
    ".parquet": ParquetWriter,
}


def writer_of(path: Path) -> type[Writer]:
    """Returns what writes a file of this name.

    Raises:
        ArgumentError: If its suffix is none of a form.
    """
    # `/dev/stdout` has none.
    suffix = path.suffix.lower() or (".csv" if path.parts[:2] == ("/", "dev") else "")
    if suffix not in WRITERS:
        raise ArgumentError(
            f"--output {path} must end in {', '.join(WRITERS)}, which says its form."
        )
    return WRITERS[suffix]
