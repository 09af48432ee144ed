"""A record: the published results of one model, over several seeds."""

import dataclasses
import functools
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo import tasks
from zoo.errors import RunError
from zoo.registry import Recipe, list_models, model_spec
from zoo.runs.summary import Summary

RECORDS = Path(__file__).with_name("records")


@dataclasses.dataclass(frozen=True)
class Record:
    """Test metrics of one model, by seed.

    Args:
        name: A registered `architecture.dataset`, or an architecture with the built-in
            data of its recipe.
        dataset: Name of the dataset.
        task: Name in `zoo.tasks`.
        parameters: Number of parameters.
        command: The command that reproduces a run, without its `--seed`.
        metrics: Test metrics of each seed.
        monitor: The validation metric that selected the best weights.
        validation: Its value for each seed.
        seconds: Wall time of the median run.
        commit: Commit of the code.
        versions: Versions of the packages.
        device: The device.
    """

    name: str
    dataset: str
    task: str
    parameters: int
    command: str
    metrics: dict[int, dict[str, float]]
    monitor: str
    validation: dict[int, float]
    seconds: float
    commit: str
    versions: dict[str, str]
    device: dict[str, Any]

    @property
    def median(self) -> dict[str, float]:
        """The median over the seeds of each metric."""
        rows = list(self.metrics.values())
        return {key: statistics.median(row[key] for row in rows) for key in rows[0]}

    @property
    def chosen(self) -> str:
        """The validation metric that selected the weights, median over the seeds."""
        metric = self.monitor.removeprefix("val_")
        median = statistics.median(self.validation.values())
        return f"{metric} {format_metric(metric, median)}"

    @property
    def metric(self) -> str:
        """Name of the headline metric of the task."""
        return tasks.get(self.task).headline

    @property
    def headline(self) -> str:
        """The headline metric, median over the seeds."""
        return f"{self.metric} {format_metric(self.metric, self.median[self.metric])}"


def format_metric(name: str, value: float) -> str:
    """Formats a metric, accuracies in percent.

    >>> format_metric("accuracy", 0.98333)
    '98.33 %'
    """
    return f"{value:.2%}".replace("%", " %") if name == "accuracy" else f"{value:.4f}"


def make_record(runs: Sequence[Summary], parameters: int) -> Record:
    """Makes a record of finished runs that differ in nothing but the seed.

    Raises:
        RunError: If a run is not finished, or they differ in something else.
    """
    first, *others = runs
    for run in runs:
        if run.state != "finished" or not run.metrics:
            raise RunError(f"{run.directory} is not finished.")
    for run in others:
        if _compared(run) != _compared(first):
            raise RunError(
                f"{run.directory} and {first.directory} differ in more than the seed; "
                "record runs of one recipe."
            )
    config = first.config
    instance = f"{config['name'].partition('.')[0]}.{config['dataset']}"
    name = instance if instance in list_models() else config["name"]
    return Record(
        name=name,
        dataset=config["dataset"],
        task=config["task"],
        parameters=parameters,
        command=_command(config, model_spec(name).recipe),
        metrics={_seed(run): run.metrics for run in runs},
        monitor=first.monitor,
        validation={_seed(run): run.best for run in runs if run.best is not None},
        seconds=round(statistics.median(run.seconds for run in runs), 1),
        commit=config["code"]["commit"][:10],
        versions=config["versions"],
        device=config["device"],
    )


def _seed(run: Summary) -> int:
    return run.config["recipe"]["seed"]


def _command(config: dict[str, Any], recipe: Recipe) -> str:
    command = f"zoo train {config['name']} --dataset {config['dataset']}"
    for argument in ("epochs", "batch_size"):
        given = config["recipe"][argument]
        if given != getattr(recipe, argument):
            command += f" --{argument.replace('_', '-')} {given}"
    if config["mixed_precision"]:
        command += f" --mixed-precision {config['mixed_precision']}"
    return command


def _compared(run: Summary) -> dict[str, Any]:
    keys = "name", "dataset", "arguments", "mixed_precision", "versions", "device"
    recipe = {k: v for k, v in run.config["recipe"].items() if k != "seed"}
    return {key: run.config[key] for key in keys} | {"recipe": recipe}


@functools.cache
def records() -> dict[str, Record]:
    """Reads all records, by name."""
    found = {}
    for path in sorted(RECORDS.glob("*.json")):
        content = json.loads(path.read_text())
        for by_seed in ("metrics", "validation"):
            content[by_seed] = {int(k): v for k, v in content[by_seed].items()}
        found[content["name"]] = Record(**content)
    return found
