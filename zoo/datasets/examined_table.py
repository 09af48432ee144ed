"""Which columns of a table are features, which the label, and what is wrong."""

import collections
import dataclasses
import re
from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.cells import is_like_number, is_measure, is_missing, is_number
from zoo.datasets.column import IN_TIME, Column
from zoo.datasets.examined_dates import (
    examine_dates,
    examine_strays,
    examine_zones,
)
from zoo.datasets.examined_forms import examine_forms
from zoo.datasets.examined_leaks import examine_leaks
from zoo.datasets.examined_target import (
    choose_targets,
    examine_targets,
    without_missing,
)
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.free_texts import examine_free_texts
from zoo.datasets.near_twins import near_twins
from zoo.datasets.table import Table

_LEAST_KEPT = 0.95  # fraction of the distinct values that float32 must keep
_ROWS_OF_A_CATEGORY = 5
_MANY_CATEGORIES = 30
# `fnlwgt` is that of the census ("Adult").
_WEIGHTS = re.compile(
    r"(sample|instance|case|row|survey|importance)[ _-]?weights?|fnlwgt"
)
_DATE = re.compile(r"(^|[^a-z])(date|day|datum|fecha)s?($|[^a-z])", re.I)
_DAYS = 20_000, 70_000  # since 1900, of dates from 1954 to 2091
_PLACEHOLDERS = (-99, -999, -9999, -99999, 999, 9999, 99999)


@dataclasses.dataclass(frozen=True)
class ExaminedTable:
    """A table whose columns have their roles.

    Args:
        table: Without the rows that have no target.
        targets: The columns of targets: one of labels, or those of quantities.
        task: `classification` or `regression`.
        features: The columns that are read.
        findings: What was decided and found; of the level `refusal` where nothing can
            be trained on it.
    """

    table: Table
    targets: list[Column]
    task: str
    features: list[Column]
    findings: tuple[Finding, ...]


def examine(
    table: Table,
    target: Sequence[str] = (),
    features: Sequence[str] = (),
    ignore: Sequence[str] = (),
    task: str | None = None,
) -> ExaminedTable:
    """Gives the columns their roles and looks for what is wrong with them.

    Args:
        table: The table.
        target: Names of the columns of targets; one is guessed if none.
        features: Names of the columns to read; all others if none.
        ignore: Names of columns to leave out.
        task: `classification` or `regression`; decided by the targets if None.

    Raises:
        DatasetError: If there is no such column, or several may be that of labels.
    """
    for name in (*features, *ignore):
        table.index(name)
    findings = [*table.findings]
    empty = [column.name for column in table.columns if column.kind == "empty"]
    left_out = {*ignore, *empty}
    names, how = choose_targets(table, target, features, ignore)
    if empty:
        findings.append(
            Finding("empty", f"nothing stands in {listed(empty)}: left out")
        )
    table, missing = without_missing(table, names)
    chosen = [
        column
        for column in table.columns
        if column.name not in (*names, *left_out)
        and (not features or column.name in features)
    ]
    targets = [table.columns[table.index(name)] for name in names]
    decided = examine_targets(table, targets, chosen, task)
    distinct = targets[0].distinct
    if missing and decided.task == "classification" and distinct == 1:
        findings.append(
            Finding(
                "one_class",
                f"{listed(names)} has one class, {targets[0].cells[0]!r}, and "
                f"{missing[0]}"[:-1],
                "if a class is called so, call it otherwise",
                "refusal",
            )
        )
    if how:
        word = "label" if decided.task == "classification" else "target"
        findings.append(Finding("target", f"the {word} is {names[0]!r}, {how}"))
    findings += [*missing, *decided.findings, *_of_features(table, chosen)]
    findings += examine_leaks(table, targets, decided.task, chosen)
    if decided.task == "regression":
        findings += [each for column in targets for each in _placeholders(column)]
    return ExaminedTable(table, targets, decided.task, chosen, tuple(findings))


def _of_features(table: Table, features: list[Column]) -> Iterator[Finding]:
    if not features:
        yield Finding(
            "no_features",
            "no column is left to learn from",
            "leave out --ignore, or name some by --features",
            "refusal",
        )
    yield from examine_forms(features)
    weights = [c.name for c in features if _WEIGHTS.fullmatch(c.name.strip().lower())]
    if weights:
        yield Finding(
            "sample_weights",
            f"{listed(weights)} looks like the weights of rows, and is read as a "
            "feature; rows are not weighted",
            f"leave it out: {flags('ignore', weights)}",
            "warning",
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
    for column in filter(_are_days_of_excel, features):
        yield Finding(
            "days_of_excel",
            f"{column.name!r} holds numbers such as {column.present[0]}, as Excel "
            "counts days, and is read as a number",
            "write dates as 2024-12-31 to learn from the place in the year and week",
            "warning",
        )
    for kind, form in (
        ("row number", "counts the rows"),
        ("identifier", "has another value in each row, as an identifier has"),
        ("constant", "has one value in all rows"),
    ):
        found = [c for c in features if c.kind == kind and _is_read(c)]
        names = [c.name for c in found if not _are_days_of_excel(c)]
        if names:
            verb = form if len(names) == 1 else f"each {form}"
            yield Finding(
                kind.replace(" ", "_"),
                f"{listed(names)} {verb}; a model learns nothing true from that",
                f"leave it out: {flags('ignore', names)}",
                "warning",
            )


def _are_days_of_excel(column: Column) -> bool:
    """Whether numbers of a column of dates are days since 1900, as of 1954 to 2091."""
    if column.values is None or not _DATE.search(column.name):
        return False
    present = column.values[np.isfinite(column.values)]
    return bool(present.size) and _DAYS[0] <= present.min() <= present.max() <= _DAYS[1]


def _is_read(column: Column) -> bool:
    """Whether a model can read a column: all but texts and identifiers in words."""
    return column.values is not None or column.kind not in ("text", "identifier")


def _of_texts(table: Table, others: list[Column]) -> Iterator[Finding]:
    """What is found in the columns of other things than numbers."""
    named = [column for column in others if column.name not in table.categories]
    for finding in (*examine_zones(named), *examine_strays(table, named)):
        yield finding
        return
    for column in others:
        numeric = sum(map(is_like_number, column.cells))
        is_chosen = column.kind == "date" or column.name in table.categories
        if not is_chosen and numeric >= len(column.cells) / 2:
            yield Finding(
                "not_a_number",
                table.wrong_cell(column),
                f"{_remedy(column)}, leave the row out, or "
                f"{flags('ignore', [column.name])}",
                "refusal",
            )
            return
    for column in others:
        present = [cell for cell in column.cells if not is_missing(cell)]
        if not _is_read(column) and sum(map(is_measure, present)) > len(present) / 2:
            yield Finding(
                "not_a_number",
                f"column {column.name!r} holds numbers with something beside them, "
                f"such as {next(filter(is_measure, present))!r}",
                "write the number alone, in one unit, or "
                f"{flags('ignore', [column.name])}",
                "refusal",
            )
            return
    for column in others:
        if not _is_read(column) and IN_TIME.search(column.name) and _digits(column):
            yield Finding(
                "unread_times",
                f"{column.name!r} is called a time, and {column.present[0]!r} is none "
                "in a form that is read",
                f"write it as 2024-12-31T12:00:00, or {flags('ignore', [column.name])}",
                "refusal",
            )
            return
    texts = [column for column in others if not _is_read(column)]
    if texts:
        yield examine_free_texts(table.columns, texts)
    yield from examine_dates(others)
    categories = [c for c in others if c.kind in ("category", "constant")]
    if categories:
        named = listed([column.name for column in categories])
        yield Finding("categories", f"{named}: read as categories")
    for column in categories:
        yield from _of_categories(column)


def _digits(column: Column) -> bool:
    return all(any(map(str.isdigit, cell)) for cell in column.present)


def _remedy(column: Column) -> str:
    """What to do about a cell that is no number, beside others that are like one."""
    is_alone = not any(map(is_number, column.present))
    return "write numbers alone, with a decimal point" if is_alone else "correct it"


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
        if np.count_nonzero(stands) < 2:
            continue
        others = column.values[~stands & ~column.missing]
        if len(others) < 2:
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
