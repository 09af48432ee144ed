"""What is found in the columns of dates."""

from collections.abc import Iterator, Sequence

from zoo.datasets.column import Column
from zoo.datasets.date_cells import other_order, seconds, stray_date, zone_of
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.table import Table

_WORDS = {"%d": "day", "%m": "month"}
_LATE = 2_208_988_800.0  # the beginning of 2040, in seconds since 1970


def examine_dates(columns: Sequence[Column]) -> Iterator[Finding]:
    """Yields how dates are read, and where day and month could be either."""
    dates = [column for column in columns if column.kind == "date"]
    if dates:
        yield Finding(
            "dates",
            f"{listed([column.name for column in dates])}: read as time, and as time "
            "of the year, week and day",
        )
    for column in dates:
        yield from order_of_dates(column)


def order_of_dates(column: Column) -> Iterator[Finding]:
    """Yields warnings where day and month, or the century, could be another."""
    form = column.date_format
    if "%y" in form:
        latest = max(column.present, key=lambda cell: seconds(cell, form))
        if seconds(latest, form) >= _LATE:
            yield Finding(
                "two_digit_years",
                f"years of two digits in {column.name!r} are those of 1969 to 2068, so "
                f"that {latest} is in the future",
                "write all four digits",
                "warning",
            )
    if other_order(column.present, form) is None:
        return
    first, second = sorted(_WORDS, key=form.index)
    yield Finding(
        "ambiguous_dates",
        f"dates of {column.name!r} such as {column.present[0]} are read as "
        f"{_WORDS[first]}, then {_WORDS[second]}, and could be the other way round",
        "write the month in letters, or 2024-12-31",
        "warning",
    )


def examine_zones(columns: Sequence[Column]) -> Iterator[Finding]:
    """Yields a refusal for the first column whose times name a zone by its letters."""
    for column in columns:
        if column.kind == "date" or column.values is not None:
            continue
        zone = zone_of(column.present)
        if zone is not None:
            yield Finding(
                "time_zone",
                f"times of {column.name!r} such as {column.present[0]!r} have a time "
                f"zone as {zone}, and such abbreviations stand for several",
                "write how far it is from UTC, as in 2024-12-31T12:00-07:00, or "
                f"{flags('ignore', [column.name])}",
                "refusal",
            )
            return


def examine_strays(table: Table, columns: Sequence[Column]) -> Iterator[Finding]:
    """Yields a refusal for the first cell that is no date among others that are."""
    for column in columns:
        if column.kind == "date" or column.values is not None:
            continue
        found = stray_date(column.cells)
        if found is not None:
            place, date = found
            ignored = flags("ignore", [column.name])
            yield Finding(
                "not_a_date",
                f"line {table.lines[place]}, column {column.name!r}: "
                f"{column.cells[place]!r} is no date as the others are, such as {date}",
                f"write it alike, leave the row out, or {ignored}",
                "refusal",
            )
            return
