"""Which columns of a table are its targets, and whether they are classes."""

import collections
import dataclasses
import re
import shlex
from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.cells import is_like_number
from zoo.datasets.column import IN_TIME, Column, is_called_identifier
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.near_twins import near_twins
from zoo.datasets.quantities import is_quantity
from zoo.datasets.table import Table
from zoo.errors import DatasetError

TASKS = ("classification", "regression")
_LABELS = ("label", "class", "target", "species")
_WEAK_LABEL = "y"  # which may be a coordinate beside an `x`
_FEW_CLASSES = 5  # distinct numbers of which nobody doubts that they are classes
_YEAR = re.compile(r"(^|[^a-z])(year|jahr)s?($|[^a-z])", re.I)
_MANY = 20  # rows with another label each are no classes


def choose_targets(
    table: Table,
    given: Sequence[str],
    features: Sequence[str],
    ignore: Sequence[str],
) -> tuple[list[str], str]:
    """Returns the names of the columns of targets, and how they were guessed.

    Args:
        table: The table.
        given: Names of the columns; guessed if none.
        features: Names of the columns to read.
        ignore: Names of columns to leave out.

    Raises:
        DatasetError: If there is no such column, or several may be meant.
    """
    if given:
        return [table.header[table.index(name)] for name in dict.fromkeys(given)], ""
    name, how = _guess(table, features, ignore)
    return [name], how


def _guess(
    table: Table, features: Sequence[str], ignore: Sequence[str]
) -> tuple[str, str]:
    names = [n for n in table.header if n not in (*ignore, *features)]
    if not names:
        raise DatasetError(
            f"{table.path}: no column is left for the label; name it: --target COLUMN."
        )
    found = [name for name in names if name.lower() in _LABELS]
    found = found or [name for name in names if name.lower() == _WEAK_LABEL]
    if len(found) > 1:
        raise DatasetError(
            f"{table.path}: which column is the label? {listed(found)} may be; say it: "
            f"{' or '.join(flags('target', [name]) for name in found)}, and "
            f"{flags('ignore', ['OTHER'])} where the other says the same."
        )
    if found:
        return found[0], "by its name (--target names another)"
    if len(names) == 1:
        return names[0], "the only column that is left"
    filled = [n for n in names if table.columns[table.index(n)].kind != "empty"]
    likely = [n for n in filled if _may_be_target(table.columns[table.index(n)])]
    if likely and likely[-1] != filled[-1]:
        return likely[-1], "the last column that may be one (--target names another)"
    return (filled or names)[-1], "the last column (--target names another)"


def _may_be_target(column: Column) -> bool:
    """Whether a column is no row number, identifier, date or year."""
    if column.kind in ("row number", "date") or _are_years(column):
        return False
    return not (is_called_identifier(column.name) and column.kind == "identifier")


def _are_years(column: Column) -> bool:
    """Whether a column that is called so holds whole numbers from 1000 to 2200."""
    if column.values is None or not _YEAR.search(column.name):
        return False
    present = column.values[np.isfinite(column.values)]
    are_whole = (present == np.floor(present)).all()
    return (
        bool(are_whole and present.size)
        and 1000 <= present.min() <= present.max() <= 2200
    )


def without_missing(
    table: Table, targets: Sequence[str]
) -> tuple[Table, list[Finding]]:
    """Returns the table without the rows that lack a target, and says how many.

    Raises:
        DatasetError: If no row is left.
    """
    held = [table.columns[table.index(name)] for name in targets]
    missing = np.any([column.missing for column in held], axis=0)
    if missing.all():
        raise DatasetError(f"{table.path}: no row has a label in {listed([*targets])}.")
    if not missing.any():
        return table, []
    first = int(np.flatnonzero(missing)[0])
    gaps = [column.cells[first] for column in held if column.missing[first]]
    written = gaps[0] or "an empty cell"
    finding = Finding(
        "missing_labels",
        f"{missing.sum()} of {len(missing)} rows have no label in "
        f"{listed([*targets])}, the first in line {table.lines[first]} ({written}): "
        "left out",
        level="warning",
    )
    return table.without(missing), [finding]


@dataclasses.dataclass(frozen=True)
class ExaminedTarget:
    """What the targets are for.

    Args:
        task: `classification` or `regression`.
        findings: How that was decided, and what is wrong.
    """

    task: str
    findings: list[Finding]


def examine_targets(
    table: Table,
    targets: Sequence[Column],
    features: Sequence[Column],
    task: str | None,
) -> ExaminedTarget:
    """Decides whether targets are classes or quantities, unless `task` says it.

    `is_quantity` decides it; several targets are a regression.

    Args:
        table: The table.
        targets: Its columns of targets.
        features: Those that are read.
        task: Of `TASKS`; decided if None.
    """
    findings = list(_of_task(table, targets, features, task))
    if task is None:
        are_quantities = all(map(_is_quantity, targets))
        task = "regression" if len(targets) > 1 or are_quantities else "classification"
    if task == "classification":
        findings += _of_labels(table, targets[0], features)
    return ExaminedTarget(task, findings)


def _is_quantity(column: Column) -> bool:
    if column.values is None:
        return False
    most_are_single = column.distinct > max(2, len(column.values) / 2)
    return most_are_single or is_quantity(column.values)


def _of_task(
    table: Table,
    targets: Sequence[Column],
    features: Sequence[Column],
    task: str | None,
) -> Iterator[Finding]:
    """Says what was decided, and what the targets cannot be."""
    names = listed([column.name for column in targets])
    texts = [column for column in targets if column.values is None]
    if len(targets) > 1 and task == "classification":
        yield Finding(
            "several_targets",
            f"{names} are several targets, and a classifier learns one",
            f"name one: {flags('target', [targets[0].name])}",
            "refusal",
        )
    elif texts and (len(targets) > 1 or task == "regression"):
        yield Finding(
            "target_of_text",
            f"the targets of a regression are numbers, and {texts[0].name!r} holds "
            f"others: {table.wrong_cell(texts[0])}",
            "name other targets by --target, or correct the cells",
            "refusal",
        )
    elif task is None and all(map(_is_quantity, targets)):
        one = f"the target {names} is a quantity: regression"
        several = f"the targets {names} are quantities: regression"
        remedy = _other_ways(table, targets, features)
        yield Finding("quantity", one if len(targets) == 1 else several, remedy)
    elif task is None and targets[0].values is not None and len(targets) == 1:
        distinct = targets[0].distinct
        if distinct > _FEW_CLASSES:
            yield Finding(
                "numeric_classes",
                f"the target {names} holds {distinct} different numbers: classes",
                "--task regression takes them for a quantity",
            )


def _other_ways(
    table: Table, targets: Sequence[Column], features: Sequence[Column]
) -> str:
    """Says what else can be made of quantities."""
    if len(targets) > 1:
        return ""
    remedy = "--task classification takes each value for a class"
    if any(map(_tells_time, features)):
        given = shlex.quote(f"{table.path}:{targets[0].name}")
        return (
            f"{remedy}; for a forecast of it, as a series: zoo train forecaster "
            f"--dataset {given}"
        )
    return remedy


def _tells_time(column: Column) -> bool:
    """Whether a column may be the time of a series of all rows."""
    is_called_so = column.kind == "identifier" and IN_TIME.search(column.name)
    return column.kind in ("date", "row number") or bool(is_called_so)


def _may_be_classes(column: Column) -> bool:
    if column.values is None or column.kind == "boolean":
        return column.kind in ("category", "boolean")
    present = column.values[np.isfinite(column.values)]
    return 1 < column.distinct <= _MANY and not is_quantity(present)


def _of_labels(
    table: Table, target: Column, features: Sequence[Column]
) -> Iterator[Finding]:
    counts = collections.Counter(target.cells)
    rows, name = len(target.cells), target.name
    pairs = [(group[0], other) for group in near_twins(counts) for other in group[1:]]
    if pairs:
        named = ", ".join(
            f"{a!r} ({counts[a]}) and {b!r} ({counts[b]})" for a, b in pairs[:3]
        )
        yield Finding(
            "near_twins",
            f"labels that differ in spelling only are classes of their own: {named}",
            "write them alike if they are one class",
            "warning",
        )
    many = target.values is None and len(counts) > rows / 2 and rows > _MANY
    if many and sum(map(is_like_number, target.cells)) >= rows / 2:
        yield Finding(
            "not_a_number",
            table.wrong_cell(target),
            "write the number alone, or leave the row out",
            "refusal",
        )
    elif many:
        choices = [c.name for c in features if _may_be_classes(c)]
        found = [flags("target", [name]) for name in choices[:3]]
        yield Finding(
            "many_labels",
            f"{name!r} holds {len(counts)} different labels in {rows} rows, too many "
            "for classes",
            f"for classes: {' or '.join(found or ['--target COLUMN'])}",
            "refusal",
        )
