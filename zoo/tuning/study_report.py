"""The report of a search: a page, its data for scripts, and two plots."""

import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna

from zoo.files import replacing, write_json
from zoo.tuning.result import Tuning
from zoo.tuning.space import Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLE_ROWS = 10


def write_report(
    result: Tuning, study: optuna.Study, space: Space, config: dict[str, Any]
) -> None:
    """Writes `report.md`, `report.json`, `history.png` and `importance.png`.

    Args:
        result: What the study holds.
        study: The study.
        space: The search space.
        config: What is searched, and how.
    """
    directory = result.directory
    importance = _importance(study)
    content = {
        "config": config,
        "monitor": result.monitor,
        "counts": Counter(row.state for row in result.trials),
        "best": result.best._asdict(),
        "recipe": dataclasses.asdict(result.recipe),
        "importance": importance,
        "trials": [row._asdict() for row in result.trials],
    }
    write_json(directory / "report.json", content)
    about = f"{config['name']} on {config['dataset']}"
    _save_plot(
        directory / "history.png",
        "Optimization history",
        about,
        lambda axes: _draw_history(axes, result),
    )
    if importance:
        _save_plot(
            directory / "importance.png",
            "Importance of the hyperparameters",
            about,
            lambda axes: _draw_importance(axes, importance),
        )
    with replacing(directory / "report.md") as part:
        part.write_text("\n".join(_page(result, space, config, importance)) + "\n")


def _importance(study: optuna.Study) -> dict[str, float]:
    """Importance of each parameter (PED-ANOVA); empty below 4 completed trials."""
    done = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if len(done) < 4:
        return {}
    return optuna.importance.get_param_importances(study)


def _page(
    result: Tuning,
    space: Space,
    config: dict[str, Any],
    importance: dict[str, float],
) -> list[str]:
    counts = Counter(row.state for row in result.trials)
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    seconds = sum(row.seconds for row in result.trials)
    lines = [
        f"# Search: {config['name']} on {config['dataset']}",
        "",
        f"{len(result.trials)} trials of up to {config['epochs']} epochs ({states}) in "
        f"{seconds:.0f} s of training, seed {config['seed']}. `{result.monitor}` "
        "is optimized; the test split is not read.",
        "",
        f"**Best: trial {result.best.number}, `{result.monitor}` "
        f"{result.best.value:.4f}.** {_compare(result, space.baseline())}",
        "",
        "```",
        result.command,
        "```",
        "",
        "![history](history.png)",
        "",
        "## Search space",
        "",
        "| parameter | range | best | importance |",
        "|---|---|---|---|",
    ]
    for name, range_ in space.describe().items():
        share = f"{importance[name]:.0%}" if name in importance else ""
        best = _format(result.best.parameters.get(name, ""))
        lines.append(f"| {name} | {range_} | {best} | {share} |")
    if space.fixed:
        lines += ["", f"Not searched: {', '.join(space.fixed)}."]
    if importance:
        lines += ["", "![importance](importance.png)"]
    return lines + ["", "## The best trials", "", *_table(result)]


def _compare(result: Tuning, baseline: dict[str, Any]) -> str:
    values = [
        row.value
        for row in result.trials
        if row.value is not None and row.parameters == baseline
    ]
    if not values:
        return "The baseline, which is the recipe unchanged, did not complete."
    if result.best.parameters == baseline:
        return "That is the baseline: nothing better than the recipe was found."
    return f"The baseline, which is the recipe unchanged: {values[0]:.4f}."


def _table(result: Tuning) -> list[str]:
    sign = 1 if result.mode == "min" else -1
    done = [row for row in result.trials if row.value is not None]
    done.sort(key=lambda row: sign * (row.value or 0))
    names = list(dict.fromkeys(name for row in done for name in row.parameters))
    lines = [
        f"| trial | {result.monitor} | {' | '.join(names)} | s |",
        f"|---|---|{'---|' * len(names)}---|",
    ]
    for row in done[:TABLE_ROWS]:
        values = " | ".join(_format(row.parameters.get(name, "")) for name in names)
        lines.append(
            f"| {row.number} | {row.value:.4f} | {values} | {row.seconds:.1f} |"
        )
    return lines


def _format(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _save_plot(path: Path, title: str, about: str, draw: Any) -> None:
    from zoo.reports.drawing import new_figure, png

    figure = new_figure(title, about, 3.4)
    draw(figure.subplots())
    with replacing(path) as part:
        part.write_bytes(png(figure))


def _draw_history(axes: "Axes", result: Tuning) -> None:
    done = {row.number: row.value for row in result.trials if row.value is not None}
    numbers, values = list(done), list(done.values())
    better = min if result.mode == "min" else max
    best = [better(values[: i + 1]) for i in range(len(values))]
    axes.scatter(numbers, values, s=16, label="trial")
    axes.step(numbers, best, where="post", label="best so far")
    pruned = [row.number for row in result.trials if row.state == "pruned"]
    # Their values are those of early epochs, so only their numbers are shown.
    axes.plot(
        pruned,
        [0.0] * len(pruned),
        "x",
        color="grey",
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        label="pruned",
    )
    if result.mode == "min" and min(values) > 0:
        axes.set_yscale("log")
    axes.set(xlabel="trial", ylabel=result.monitor)
    axes.legend()


def _draw_importance(axes: "Axes", importance: dict[str, float]) -> None:
    names = list(importance)[::-1]
    from zoo.reports.labels import label

    axes.barh(range(len(names)), [importance[name] for name in names])
    # Whoever wrote into the study chose the names.
    axes.set_yticks(range(len(names)), [label(name, 40) for name in names])
    axes.set(xlabel="importance (share)")
