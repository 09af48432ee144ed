"""The page of results."""

from collections.abc import Iterable, Mapping

from zoo.registry import model_spec
from zoo.results.record import Record, format_metric

_COLUMNS = (
    "model",
    "test",
    "of each seed",
    "elsewhere",
    "baselines",
    "validation",
    "literature",
    "parameters",
    "seconds",
    "command",
)
_HEAD = f"""# Results

Figures on test splits; *validation* is the figure that chose the weights. Where there
are several seeds, the first figure is their median. `python -m zoo.results` writes this
page from the records in `zoo/results/records`, which name device, versions and commit;
seconds are wall time, on machines that had other work at the same time.

The command of a row, with `--seed`, repeats a run to the digit where the versions and
the vector instructions of the processor are the same: oneDNN and XLA choose kernels by
these, kernels round sums differently, and training amplifies the difference. Records
name the processor and its instruction sets, but for older ones, of which they are not
known. *Elsewhere* is the largest difference of the figure, at the seeds in brackets, to
trainings with AVX2 at most: `ONEDNN_MAX_CPU_ISA=AVX2` and
`XLA_FLAGS=--xla_cpu_max_isa=AVX2`. Eigen's kernels cannot be limited: TensorFlow's
wheels compile them for one instruction set. An empty cell was not measured.

*Baselines* are simple methods on the same splits, by
`python -m zoo.results.baselines`; one in **bold** is as good as the model or better.
`log_likelihood`, in nats, is estimated with 200 importance samples for each binarized
test image.

| {" | ".join(_COLUMNS)} |
|{"---|" * len(_COLUMNS)}
"""
_HIGHER_IS_BETTER = {"accuracy", "elbo"}


def table(found: Iterable[Record], baselines: Mapping[str, Mapping[str, float]]) -> str:
    """Returns the page in Markdown, a row for each record.

    Args:
        found: The records.
        baselines: The headline metric of simple methods, by record.
    """
    rows = (_cells(record, baselines.get(record.name, {})) for record in found)
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _cells(record: Record, baselines: Mapping[str, float]) -> list[str]:
    spec = model_spec(record.name)
    metrics = ", ".join(f"{k} {format_metric(k, v)}" for k, v in record.median.items())
    seeds = ", ".join(
        f"{seed}: {format_metric(record.metric, row[record.metric])}"
        for seed, row in sorted(record.metrics.items())
    )
    name = f"`{record.name}`"
    if record.epochs < spec.recipe.epochs:
        name += f" ({record.epochs} of {spec.recipe.epochs} epochs trained)"
    return [
        name,
        metrics,
        seeds,
        _elsewhere(record),
        ", ".join(_baseline(record, *pair) for pair in baselines.items()),
        record.chosen,
        spec.reported,
        f"{record.parameters:,}",
        f"{record.seconds:,.0f}",
        f"`{record.command}`",
    ]


def _elsewhere(record: Record) -> str:
    if record.spread is None:
        return ""
    seeds = sorted({seed for rows in record.elsewhere.values() for seed in rows})
    difference = format_metric(record.metric, record.spread)
    return f"± {difference} (seed {', '.join(map(str, seeds))})"


def _baseline(record: Record, method: str, value: float) -> str:
    median = record.median[record.metric]
    better = value >= median if record.metric in _HIGHER_IS_BETTER else value <= median
    text = f"{method} {format_metric(record.metric, value)}"
    return f"**{text}**" if better else text
