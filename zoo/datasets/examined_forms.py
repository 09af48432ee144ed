"""How the numbers of a table are written, and which of them are codes."""

from collections.abc import Iterator, Sequence

from zoo.datasets.column import Column
from zoo.datasets.examined_leaks import looks_like_groups
from zoo.datasets.finding import Finding, flags, listed


def examine_forms(features: Sequence[Column]) -> Iterator[Finding]:
    """Yields how numbers are read that are not written as a program writes them."""
    yield from _of_codes(features)
    points = [column.name for column in features if column.has_points_of_thousands]
    commas = [
        c.name for c in features if c.has_comma and any("," in x for x in c.cells)
    ]
    if commas:
        yield Finding(
            "decimal_commas", f"{listed(commas)} have decimal commas: read so"
        )
    if points:
        yield Finding(
            "points_of_thousands",
            f"points in {listed(points)} are read as those of thousands, as other "
            "numbers have decimal commas",
            "write decimal points as commas if they are decimal",
            "warning",
        )
    doubtful = {c.name: c.point_in_doubt for c in features if c.point_in_doubt}
    if doubtful:
        yield Finding(
            "points",
            f"points in {listed([*doubtful])}, such as that of "
            f"{next(iter(doubtful.values()))}, are read as decimal, and may be those "
            "of thousands: three digits are behind each, and others have none",
            "write no points between thousands if they are",
            "warning",
        )
    percent = [column.name for column in features if column.is_percent]
    if percent:
        yield Finding("percent", f"{listed(percent)}: per cent, 12 % is read as 12")


def _of_codes(features: Sequence[Column]) -> Iterator[Finding]:
    """Numbers whose order and distances say nothing, such as postal codes."""
    zeros = {c.name: c.leading_zeros for c in features if c.leading_zeros is not None}
    if zeros:
        yield Finding(
            "leading_zeros",
            f"{listed([*zeros])}: zeros before a number, such as "
            f"{next(iter(zeros.values()))!r}, are lost as it is read as a number",
            f"if these are codes: {flags('categories', [*zeros])}",
            "warning",
        )
    named = [
        c.name
        for c in features
        if c.looks_like_codes and c.name not in zeros and not looks_like_groups(c)
    ]
    if named:
        yield Finding(
            "codes",
            f"{listed(named)}: whole numbers that repeat, called as codes are; read as "
            "numbers, whose order and distances count",
            f"if these are codes: {flags('categories', named)}",
            "warning",
        )
