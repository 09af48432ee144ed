"""Files named as texts that hold a table: columns of numbers, separated by tabs."""

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.datasets import csv_file, text_file
from zoo.datasets.cells import is_decimal_comma, is_missing, is_number
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import FILES, DatasetType, register_dataset_type
from zoo.datasets.dialect import choose_form, has_stray_quote, read_rows
from zoo.datasets.table_roles import TASKS

_SUFFIXES = (".tsv", ".tsv.gz", ".txt", ".txt.gz")
_LOOKED_AT = 64 * 1024  # bytes at the beginning


def is_table(path: Path) -> bool:
    """Returns whether a `.tsv` or `.txt` file holds a table.

    All its rows have one width; of two columns both hold numbers; a `.txt` file has one
    column at most without numbers. Anything else is text.
    """
    if not str(path).lower().endswith(_SUFFIXES) or not path.is_file():
        return False
    lines = _first_lines(path)
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2 or not all(lines):
        return False
    is_text = ".txt" in path.name.lower()
    form = choose_form(lines, None if is_text else "\t")
    if has_stray_quote(lines, form):
        form = form._replace(quote="")
    rows = [row for _, row in read_rows(lines, *form)]
    width = len(rows[0])
    if width < 2 or any(len(row) != width for row in rows):
        return False
    numeric = sum(map(_holds_numbers, zip(*rows[1:], strict=True)))
    return numeric >= (width - 1 if is_text and width > 2 else 2 if width == 2 else 0)


def _holds_numbers(cells: Sequence[str]) -> bool:
    return all(is_number(c) or is_decimal_comma(c) or is_missing(c) for c in cells)


def _first_lines(path: Path) -> list[str]:
    """Complete lines at the beginning; none of what cannot be read."""
    is_packed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path) if is_packed else path.open("rb") as file:
            content = file.read(_LOOKED_AT)
    except (OSError, EOFError, zlib.error):
        return []
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if len(content) == _LOOKED_AT else lines


def _load(
    path: str | Path,
    data_dir: str | Path | None,
    *,
    kind: str | None = None,
    charset: str | None = None,
    **reading: Any,
) -> Dataset:
    if kind is not None:
        return text_file.load(Path(path), charset, kind)
    return csv_file.load(Path(path), charset, **reading)


register_dataset_type(
    DatasetType(
        name="tab_table",
        help="a table in a .tsv or .txt file",
        matches=lambda path: is_table(Path(path)),
        load=_load,
        priority=FILES + 1,
        options=(*csv_file.OPTIONS, "kind"),
        tasks=TASKS,
        columns=csv_file.columns,
    )
)
