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
BySeed = dict[int, dict[str, float]]


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
        epochs: Passes over the training data.
        seconds: Wall time of the median run.
        commit: Commit of the code.
        versions: Versions of the packages.
        device: The device.
        elsewhere: Test metrics of each seed where kernels may use fewer vector
            instructions, by the limits; see `zoo.machines.processor`.
    """

    name: str
    dataset: str
    task: str
    parameters: int
    command: str
    metrics: BySeed
    monitor: str
    validation: dict[int, float]
    epochs: int
    seconds: float
    commit: str
    versions: dict[str, str]
    device: dict[str, Any]
    elsewhere: dict[str, BySeed] = dataclasses.field(default_factory=dict)

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
    def spread(self) -> float | None:
        """Largest difference of the headline metric elsewhere, at the same seed.

        `None` where no seed was trained elsewhere.
        """
        differences = [
            abs(row[self.metric] - self.metrics[seed][self.metric])
            for rows in self.elsewhere.values()
            for seed, row in rows.items()
        ]
        return max(differences, default=None)

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
    _check(runs)
    first = runs[0]
    config = first.config
    name = record_name(first)
    return Record(
        name=name,
        dataset=config["dataset"],
        task=config["task"],
        parameters=parameters,
        command=_command(config, model_spec(name).recipe),
        metrics={_seed(run): run.metrics for run in runs},
        monitor=first.monitor,
        validation={_seed(run): run.best for run in runs if run.best is not None},
        epochs=config["recipe"]["epochs"],
        seconds=round(statistics.median(run.seconds for run in runs), 1),
        commit=config["code"]["commit"][:10],
        versions=config["versions"],
        device=config["device"],
    )


def add_elsewhere(record: Record, runs: Sequence[Summary]) -> Record:
    """Adds runs with fewer vector instructions to the record of the same seeds.

    Raises:
        RunError: If a run is not finished, is of another command, or has a seed that
            the record lacks.
    """
    _check(runs)
    for run in runs:
        command = _command(run.config, model_spec(record.name).recipe)
        if command != record.command or _seed(run) not in record.metrics:
            raise RunError(
                f"{run.directory} repeats no run of the record {record.name}: record "
                f"the seed {_seed(run)} of `{command}` first."
            )
    rows = {_seed(run): run.metrics for run in runs}
    limits = " ".join(f"{k}={v}" for k, v in sorted(limits_of(runs[0]).items()))
    return dataclasses.replace(record, elsewhere=record.elsewhere | {limits: rows})


def limits_of(run: Summary) -> dict[str, str]:
    """The limits of vector instructions that a run was trained under."""
    return run.config["device"].get("processor", {}).get("limits", {})


def _check(runs: Sequence[Summary]) -> None:
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


def record_name(run: Summary) -> str:
    """Name of the record of a run: the instance, where one is registered."""
    config = run.config
    instance = f"{config['name'].partition('.')[0]}.{config['dataset']}"
    return instance if instance in list_models() else config["name"]


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
            content[by_seed] = _seeds(content[by_seed])
        elsewhere = content.get("elsewhere", {})
        content["elsewhere"] = {k: _seeds(rows) for k, rows in elsewhere.items()}
        found[content["name"]] = Record(**content)
    return found


def _seeds(kept: dict[str, Any]) -> dict[int, Any]:
    return {int(seed): value for seed, value in kept.items()}
