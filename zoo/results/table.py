"""The page of results."""

from collections.abc import Iterable

from zoo.registry import model_spec
from zoo.results.record import Record, format_metric

_COLUMNS = (
    "model",
    "test",
    "of each seed",
    "validation",
    "literature",
    "parameters",
    "seconds",
    "command",
)
_HEAD = f"""# Results

Figures on test splits; *validation* is the figure that chose the weights. Where there
are several seeds, the first figure is their median. `python -m zoo.results` writes this
page from the records in `zoo/results/records`; the command of a row, with `--seed`,
repeats a run. The records name device, versions and commit; seconds are wall time, on
machines that had other work at the same time.

| {" | ".join(_COLUMNS)} |
|{"---|" * len(_COLUMNS)}
"""


def table(found: Iterable[Record]) -> str:
    """Returns the page in Markdown, a row for each record."""
    return _HEAD + "".join(f"| {' | '.join(_cells(record))} |\n" for record in found)


def _cells(record: Record) -> list[str]:
    metrics = ", ".join(f"{k} {format_metric(k, v)}" for k, v in record.median.items())
    seeds = ", ".join(
        f"{seed}: {format_metric(record.metric, row[record.metric])}"
        for seed, row in sorted(record.metrics.items())
    )
    return [
        f"`{record.name}`",
        metrics,
        seeds,
        record.chosen,
        model_spec(record.name).reported,
        f"{record.parameters:,}",
        f"{record.seconds:,.0f}",
        f"`{record.command}`",
    ]
