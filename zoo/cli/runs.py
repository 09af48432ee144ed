"""`zoo runs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options
from zoo.errors import RunError

if TYPE_CHECKING:
    from zoo.runs.summary import Summary


@click.command()
@click.argument(
    "folders",
    nargs=-1,
    type=click.Path(path_type=Path),
    metavar="[RUN]...",
    shell_complete=completion.runs,
)
@click.option(
    "--wide",
    is_flag=True,
    help="Also show all test metrics, the best on validation, seconds and date.",
)
@options.as_json
def runs(folders: tuple[Path, ...], wide: bool, as_json: bool) -> None:
    """List the runs below runs/ or below a folder, or compare several.

    With two or more folders, shows the differences of their runs' configurations and
    their metrics side by side.

    Example: zoo runs runs/lenet5.digits/1 runs/lenet5.digits/2
    """
    from zoo.runs.summary import RUNS, find

    found, damaged = [], []
    for folder in folders or (RUNS,):
        if folders and not folder.is_dir():
            raise RunError(f"There is no folder {folder}; `zoo runs` lists them all.")
        here, broken = find(folder)
        found += here
        damaged += broken
    if damaged and not found:
        raise RunError(" ".join(damaged))
    for sentence in damaged:
        display.say(sentence, err=True)
    if not found and not as_json:
        where = ", ".join(map(str, folders or (RUNS,)))
        display.say(f"No runs below {where}; `zoo train lenet5` starts one.", err=True)
    elif len(folders) > 1:
        _compare(found, as_json)
    elif as_json:
        display.echo_json({"runs": [_row(summary) for summary in found]})
    else:
        make = _wide if wide else _narrow
        display.echo_table([make(summary) for summary in found])


def _row(summary: "Summary") -> dict[str, Any]:
    return {
        "run": summary.directory,
        "name": summary.name,
        "dataset": summary.dataset,
        "state": summary.state,
        "epochs": summary.epochs,
        "asked": summary.asked,
        "monitor": summary.monitor,
        "best": summary.best,
        "test": summary.metrics,
        "seconds": summary.seconds,
        "steps_per_second": summary.steps_per_second,
        "peak_memory_bytes": summary.peak_memory_bytes,
        "started": summary.started,
    }


def _narrow(summary: "Summary") -> dict[str, str]:
    return {
        "run": str(summary.directory),
        "model": f"{summary.name.partition('.')[0]}, {Path(summary.dataset).name}",
        "state": summary.state,
        "epochs": f"{summary.epochs}/{summary.asked}",
        "test": _headline(summary.metrics),
    }


def _headline(metrics: dict[str, float]) -> str:
    """The metric to know a run by, as `accuracy 0.9917`."""
    names = [name for name in metrics if name != "loss"] or [*metrics]
    name = "accuracy" if "accuracy" in names else names[0] if names else ""
    return f"{name} {metrics[name]:.4f}" if name else "-"


def _wide(summary: "Summary") -> dict[str, str]:
    best = _format(summary.best)
    return {
        **_narrow(summary),
        "test": display.format_metrics(summary.metrics) or "-",
        "best on validation": f"{summary.monitor.removeprefix('val_')} {best}",
        "seconds": f"{summary.seconds:.1f}",
        "date": summary.started[:16].replace("T", " "),
    }


def _compare(found: list["Summary"], as_json: bool) -> None:
    from zoo.runs.summary import differences

    rows = [_row(summary) for summary in found]
    tests = dict.fromkeys(name for row in rows for name in row["test"])
    names = ("state", "epochs", "best", "seconds", "steps_per_second")
    measured = {name: [row[name] for row in rows] for name in names}
    measured |= {
        f"test {name}": [row["test"].get(name) for row in rows] for name in tests
    }
    measured["peak_memory_bytes"] = [row["peak_memory_bytes"] for row in rows]
    different = differences(found)
    if as_json:
        paths = [row["run"] for row in rows]
        display.echo_json({"runs": paths, "different": different, "figures": measured})
        return
    display.echo_table(
        [
            {"": name}
            | {str(row["run"]): _format(v) for row, v in zip(rows, values, strict=True)}
            for name, values in {**different, **measured}.items()
        ]
    )


def _format(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
