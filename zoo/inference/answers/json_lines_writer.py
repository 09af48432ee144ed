"""Answers as JSON lines."""

from pathlib import Path

import orjson

from zoo.inference.answers.table import Columns
from zoo.inference.answers.writer import Writer, plain


class JsonLinesWriter(Writer):
    """An object for each row; NaN is null, as JSON has none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, columns: Columns) -> None:
        """See `Writer.write`."""
        for row in zip(*map(plain, columns.values()), strict=True):
            content = dict(zip(columns, row, strict=True))
            self._file.write(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """See `Writer.close`."""
        self._file.close()
