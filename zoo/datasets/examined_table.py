"""Which columns of a table are features, which the label, and what is wrong."""

import collections
import dataclasses
import shlex
from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.cells import is_missing, is_number
from zoo.datasets.column import Column
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.near_twins import near_twins
from zoo.datasets.table import Table
from zoo.errors import DatasetError

_LABELS = ("label", "class", "target", "species")
_WEAK_LABEL = "y"  # which may be a coordinate beside an `x`
_LEAST_KEPT = 0.95  # fraction of the distinct values that float32 must keep
_CONTINUOUS = 20  # distinct numbers of which each stands in fewer than _ROWS rows
_ROWS_OF_A_CLASS = 5
_ROWS_OF_A_CATEGORY = 5
_MANY_CATEGORIES = 30
_PLACEHOLDERS = (-99, -999, -9999, -99999, 999, 9999, 99999)


@dataclasses.dataclass(frozen=True)
class ExaminedTable:
    """A table whose columns have their roles.

    Args:
        table: Without the rows that have no label.
        target: The column of labels.
        features: The columns that are read.
        findings: What was decided and found; of the level `refusal` where nothing can
            be trained on it.
    """

    table: Table
    target: Column
    features: list[Column]
    findings: tuple[Finding, ...]


def examine(
    table: Table,
    target: str | None = None,
    features: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> ExaminedTable:
    """Gives the columns their roles and looks for what is wrong with them.

    Args:
        table: The table.
        target: Name of the column of labels; guessed if None.
        features: Names of the columns to read; all others if none.
        ignore: Names of columns to leave out.

    Raises:
        DatasetError: If there is no such column, or several may be that of labels.
    """
    for name in (*features, *ignore):
        table.index(name)
    findings = [*table.findings]
    empty = [column.name for column in table.columns if column.kind == "empty"]
    left_out = {*ignore, *empty}
    label, how = _target(table, target, features, ignore)
    if empty:
        findings.append(
            Finding("empty", f"nothing stands in {listed(empty)}: left out")
        )
    if how:
        findings.append(Finding("target", f"the label is {label!r}, {how}"))
    missing = table.columns[table.index(label)].missing
    if missing.any():
        findings.append(_missing_labels(table, label, missing))
        table = table.without(missing)
    if not table.rows:
        raise DatasetError(f"{table.path}: no row has a label in {label!r}.")
    chosen = [
        column
        for column in table.columns
        if column.name != label
        and column.name not in left_out
        and (not features or column.name in features)
    ]
    held = table.columns[table.index(label)]
    findings += [*_of_labels(table, held, chosen), *_of_features(table, chosen)]
    return ExaminedTable(table, held, chosen, tuple(findings))


def _target(
    table: Table, given: str | None, features: Sequence[str], ignore: Sequence[str]
) -> tuple[str, str]:
    """Returns the name of the column of labels, and how it was guessed."""
    if given is not None:
        return table.header[table.index(given)], ""
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
    return (filled or names)[-1], "the last column (--target names another)"


def _missing_labels(table: Table, label: str, missing: np.ndarray) -> Finding:
    first = int(np.flatnonzero(missing)[0])
    written = table.rows[first][table.index(label)] or "an empty cell"
    return Finding(
        "missing_labels",
        f"{missing.sum()} of {len(missing)} rows have no label in {label!r}, the first "
        f"in line {table.lines[first]} ({written}): left out",
        level="warning",
    )


def _of_labels(
    table: Table, target: Column, features: list[Column]
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
    remedy = _other_target(table, target, features)
    rare = rows < _ROWS_OF_A_CLASS * len(counts) or min(counts.values()) < 2
    if target.values is not None and len(counts) > _CONTINUOUS and rare:
        yield Finding(
            "numeric_target",
            f"{name!r} holds {len(counts)} different numbers in {rows} rows, a "
            "quantity and no classes, and the models here learn classes",
            f"{remedy}; or put it into ranges",
            "refusal",
        )
    elif target.values is None and len(counts) > rows / 2 and rows > _CONTINUOUS:
        yield Finding(
            "many_labels",
            f"{name!r} holds {len(counts)} different labels in {rows} rows, too many "
            "for classes",
            remedy,
            "refusal",
        )


def _other_target(table: Table, target: Column, features: list[Column]) -> str:
    """Says how to go on where a column holds no classes."""
    choices = [c.name for c in features if c.kind in ("category", "boolean")]
    found = [flags("target", [name]) for name in choices[:3]]
    remedy = f"for classes: {' or '.join(found or ['--target COLUMN'])}"
    in_time = any(column.kind in ("date", "row number") for column in features)
    if in_time and target.values is not None:
        given = shlex.quote(f"{table.path}:{target.name}")
        command = f"zoo train forecaster --dataset {given}"
        return f"for a forecast of it, as a series: {command}; {remedy}"
    return remedy


def _of_features(table: Table, features: list[Column]) -> Iterator[Finding]:
    if not features:
        yield Finding(
            "no_features",
            "no column is left to learn from",
            "leave out --ignore, or name some by --features",
            "refusal",
        )
    commas = [column.name for column in features if column.has_comma]
    if commas:
        yield Finding(
            "decimal_commas", f"{listed(commas)} have decimal commas: read so"
        )
    truths = [c.name for c in features if c.is_in_words]
    if truths:
        yield Finding(
            "booleans", f"{listed(truths)}: 1 stands for yes or true, 0 for no or false"
        )
    yield from _of_texts(table, [c for c in features if c.values is None])
    yield from _of_missing(features)
    for column in features:
        yield from _of_numbers(table, column)
    for kind, form in (
        ("row number", "counts the rows"),
        ("identifier", "has another value in each row, as an identifier has"),
        ("constant", "has one value in all rows"),
    ):
        names = [c.name for c in features if c.kind == kind and _is_read(c)]
        if names:
            verb = form if len(names) == 1 else f"each {form}"
            yield Finding(
                kind.replace(" ", "_"),
                f"{listed(names)} {verb}; a model learns nothing true from that",
                f"leave it out: {flags('ignore', names)}",
                "warning",
            )


def _is_read(column: Column) -> bool:
    """Whether a model can read a column: all but texts and identifiers in words."""
    return column.values is not None or column.kind not in ("text", "identifier")


def _of_texts(table: Table, others: list[Column]) -> Iterator[Finding]:
    """What is found in the columns of other things than numbers."""
    for column in others:
        numeric = sum(map(is_number, column.cells))
        if column.kind != "date" and numeric >= len(column.cells) / 2:
            yield Finding(
                "not_a_number",
                table.wrong_cell(column),
                f"correct it, leave the row out, or {flags('ignore', [column.name])}",
                "refusal",
            )
            return
    texts = [column.name for column in others if not _is_read(column)]
    if texts:
        verb = "hold" if len(texts) > 1 else "holds"
        yield Finding(
            "free_text",
            f"{listed(texts)} {verb} another text in most rows, such as names or "
            "identifiers, of which a model of tables can learn nothing",
            f"go on without: {flags('ignore', texts)}",
            "refusal",
        )
    dates = [column.name for column in others if column.kind == "date"]
    if dates:
        yield Finding(
            "dates",
            f"{listed(dates)}: read as time, and as time of the year, week and day",
        )
    categories = [c for c in others if c.kind in ("category", "constant")]
    if categories:
        named = listed([column.name for column in categories])
        yield Finding("categories", f"{named}: read as categories")
    for column in categories:
        yield from _of_categories(column)


def _of_categories(column: Column) -> Iterator[Finding]:
    counts = collections.Counter(c for c in column.cells if not is_missing(c))
    twins = near_twins(counts)
    if twins:
        named = " and ".join(repr(name) for name in twins[0])
        yield Finding(
            "near_twin_categories",
            f"categories of {column.name!r} that differ in spelling only are read as "
            f"different ones, such as {named}",
            "write them alike if they are one",
            "warning",
        )
    rare = sum(count < _ROWS_OF_A_CATEGORY for count in counts.values())
    if rare and len(counts) > 1:
        ignored = flags("ignore", [column.name])
        is_many = rare > len(counts) / 2 and len(counts) > _MANY_CATEGORIES
        yield Finding(
            "many_categories" if is_many else "rare_categories",
            f"{rare:,} of the {len(counts):,} categories of {column.name!r} stand in "
            f"fewer than {_ROWS_OF_A_CATEGORY} rows; a model learns little of these",
            f"leave it out if it is an identifier: {ignored}" if is_many else "",
            "warning" if is_many else "note",
        )


def _of_missing(features: list[Column]) -> Iterator[Finding]:
    gaps = {c.name: int(c.missing.sum()) for c in features if c.missing.any()}
    if gaps:
        named = ", ".join(f"{n:,} in {name!r}" for name, n in [*gaps.items()][:6])
        more = f" and in {len(gaps) - 6} more columns" if len(gaps) > 6 else ""
        yield Finding(
            "missing_values",
            f"missing values ({named}{more}): filled by the mean and marked in the "
            "model",
        )


def _of_numbers(table: Table, column: Column) -> Iterator[Finding]:
    if column.values is None:
        return
    ignored = flags("ignore", [column.name])
    infinite = np.isinf(column.values)
    if infinite.any():
        first = int(np.flatnonzero(infinite)[0])
        yield Finding(
            "infinite",
            f"column {column.name!r}: {infinite.sum()} of {len(infinite)} values are "
            f"infinite, the first in line {table.lines[first]} ({column.cells[first]})",
            f"leave them empty, leave the rows out, or {ignored}",
            "refusal",
        )
        return
    present = column.values[~np.isnan(column.values)]
    far = np.abs(present).max()
    if far > np.finfo("float32").max:
        yield Finding(
            "range",
            f"column {column.name!r} reaches {far:.3g}, beyond float32, in which "
            "models compute",
            f"write it in another unit or as a logarithm, or {ignored}",
            "refusal",
        )
        return
    yield from _placeholders(column)
    lost = column.collapsed()
    if lost > (1 - _LEAST_KEPT) * column.distinct:
        lowest = present.min()
        yield Finding(
            "precision",
            f"column {column.name!r}: {lost} of its {column.distinct} different values "
            f"are none any more in float32, in which models compute (they begin at "
            f"{lowest:.17g})",
            f"subtract {lowest:.17g} from them, or {ignored}",
            "refusal",
        )


def _placeholders(column: Column) -> Iterator[Finding]:
    """Numbers such as -999 that stand for a missing value."""
    if column.values is None:
        return
    for code in _PLACEHOLDERS:
        stands = column.values == code
        others = column.values[~stands & ~column.missing]
        if stands.sum() < 2 or len(others) < 2:
            continue
        distance = max(others.min() - code, code - others.max())
        if distance > np.ptp(others):
            yield Finding(
                "placeholder",
                f"column {column.name!r} holds {code} {stands.sum()} times, far from "
                "its other values, as where values are missing; a model takes it for a "
                "measurement",
                "leave these cells empty",
                "warning",
            )
