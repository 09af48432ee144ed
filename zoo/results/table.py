"""The page of results."""

import re
from collections.abc import Iterable, Mapping

from zoo import weights
from zoo.registry import model_spec
from zoo.results.record import Record, format_metric

_COLUMNS = (
    "model",
    "test",
    "of each seed",
    "shipped weights",
    "elsewhere",
    "baselines",
    "validation",
    "literature",
    "parameters",
    "seconds",
    "command",
)
_HEAD = """# Results

Figures on test splits. A model may have three: *test* is the median over the seeds (or
the figure of the only one), *of each seed* has them all, and *shipped weights* is that
of the weights in the package, which one of the seeds trained: `zoo list` shows it, and
`zoo evaluate NAME` recomputes it. *Validation* is the figure that chose the weights.

`python -m zoo.results` writes this page from the records in `zoo/results/records`,
which name device, versions and commit; seconds are wall time, on machines that had
other work at the same time.

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

*Literature* is what a paper reports for the same data, with the distance of our median
in points of accuracy. Sizes, epochs and augmentation may differ from ours.
"""
_TABLE = f"""| {" | ".join(_COLUMNS)} |
|{"---|" * len(_COLUMNS)}
"""
_INPUTS = {
    "features": "measurements",
    "image": "images",
    "tokens": "text",
    "video": "videos",
    "waveform": "sound",
}
_HIGHER_IS_BETTER = {
    *("accuracy", "ap50", "elbo", "exact_match", "probe_accuracy", "r2", "return"),
}


def table(found: Iterable[Record], baselines: Mapping[str, Mapping[str, float]]) -> str:
    """Returns the page in Markdown, a row for each record.

    Args:
        found: The records.
        baselines: The headline metric of simple methods, by record.
    """
    found = list(found)
    titles = sorted({_title(record) for record in found})
    text = _HEAD + "".join(map(_unfinished, found))
    links = (f"[{title}](#{title.lower().replace(' ', '-')})" for title in titles)
    text += f"\n{', '.join(links)}\n"
    for title in titles:
        text += f"\n## {title}\n\n{_TABLE}"
        for record in found:
            if _title(record) == title:
                cells = _cells(record, baselines.get(record.name, {}))
                text += f"| {' | '.join(cells)} |\n"
    return text


def _title(record: Record) -> str:
    """The heading that a record stands below: its task, or more closely its input."""
    if record.task == "classification":
        return f"Classification of {_INPUTS[model_spec(record.name).input]}"
    return record.task.replace("_", " ").capitalize()


def _unfinished(record: Record) -> str:
    """Says of a record that it has fewer epochs than the recipe."""
    spec = model_spec(record.name)
    if record.epochs >= spec.recipe.epochs:
        return ""
    text = (
        f"\n`{record.name}` was trained for {record.epochs} of the "
        f"{spec.recipe.epochs} epochs of its recipe, to {record.headline}.\n"
    )
    return text + (f"Reported is {_literature(record)}.\n" if spec.reported else "")


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
        _shipped(record),
        _elsewhere(record),
        ", ".join(_baseline(record, *pair) for pair in baselines.items()),
        record.chosen,
        _literature(record),
        f"{record.parameters:,}",
        f"{record.seconds:,.0f}",
        f"`{record.command}`",
    ]


def _shipped(record: Record) -> str:
    entry = weights.index().get(record.name)
    return (
        format_metric(record.metric, entry["metrics"][record.metric]) if entry else ""
    )


def _literature(record: Record) -> str:
    """What is reported; for accuracies with the difference of ours."""
    reported = model_spec(record.name).reported
    found = re.match(r"([\d.]+) %( error)?", reported)
    if record.metric != "accuracy" or not found:
        return reported
    theirs = 100 - float(found[1]) if found[2] else float(found[1])
    points = 100 * record.median["accuracy"] - theirs
    side = "above" if points > 0 else "below"
    return f"{reported}: ours {abs(points):.2f} points {side}"


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
