"""What flatters the figures of a table: columns that say the target, shared groups."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.column import Column
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.table import Table

_LEAST_ROWS = 20  # of fewer, a column may say the target by chance
_ROWS_OF_A_VALUE = 5  # on average, at least
_LINEAR = 1 - 1e-8  # correlation of numbers of which one is computed from the other
_GROUP = re.compile(
    r"(^|.*[_ ])(patient|subject|participant|user|customer|client|speaker|author"
    r"|household|session)s?([_ ]?(id|nr|no|key|name))?$"
)


def looks_like_groups(column: Column) -> bool:
    """Returns whether a column names people, say, of whom each has several rows."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower()
    rows = len(column.present)
    return bool(_GROUP.match(name)) and 2 < column.distinct <= rows / 2


def examine_leaks(
    table: Table, targets: Sequence[Column], task: str, features: Sequence[Column]
) -> Iterator[Finding]:
    """Yields what makes the figures of the test split better than those of new rows.

    Args:
        table: The table.
        targets: Its columns of targets.
        task: `classification` or `regression`.
        features: The columns that are read.
    """
    says = _says_label if task == "classification" else _says_quantity
    for target in targets:
        found = [column.name for column in features if says(column, target)]
        if found:
            verb = "says" if len(found) == 1 else "each say"
            yield Finding(
                "leak",
                f"{listed(found)} {verb} {target.name!r} in all rows, alone, as a copy "
                "of it or what is known afterwards does",
                f"leave it out unless new rows have it: {flags('ignore', found)}",
                "warning",
            )
    groups = [c.name for c in features if looks_like_groups(c)]
    if groups and not table.parts:
        yield Finding(
            "groups",
            f"rows of one {listed(groups[:1])} stand in training and test, so the test "
            "says little of new ones",
            f"keep them together: {flags('group', groups[:1])}",
            "warning",
        )


def _says_label(column: Column, target: Column) -> bool:
    """Whether each value of a column stands with one label alone."""
    rows = len(column.cells)
    if rows < _LEAST_ROWS or not 1 < column.distinct <= rows / _ROWS_OF_A_VALUE:
        return False
    if column.kind == "text" or column.distinct < len(set(target.cells)):
        return False
    labels: dict[str, str] = {}
    pairs = zip(column.cells, target.cells, strict=True)
    return all(labels.setdefault(cell, label) == label for cell, label in pairs)


def _says_quantity(column: Column, target: Column) -> bool:
    """Whether a quantity is a multiple of another one, and perhaps a constant."""
    if column.values is None or target.values is None:
        return False
    known = np.isfinite(column.values) & np.isfinite(target.values)
    x, y = column.values[known], target.values[known]
    if len(x) < _LEAST_ROWS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    # Of numbers of any size: neither overflows.
    x, y = ((v / np.abs(v).max() - np.mean(v / np.abs(v).max())) for v in (x, y))
    norm = np.sqrt((x * x).sum() * (y * y).sum())
    return bool(norm > 0 and abs((x * y).sum()) >= _LINEAR * norm)
