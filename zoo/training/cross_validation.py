"""Cross-validation: a run for each fold, and the figures over all of them."""

import dataclasses
import math
import os
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from zoo import messages
from zoo.datasets import Dataset, load_dataset
from zoo.datasets.examined_splits import examine_splits
from zoo.datasets.file_groups import HELD_OUT
from zoo.datasets.finding import Finding, say
from zoo.errors import ArgumentError, RunError
from zoo.files import write_json
from zoo.machines.cluster import read_cluster
from zoo.options import takes_options
from zoo.reading import reading_of
from zoo.registry import Recipe
from zoo.runs.folder import check_empty, choose_folder
from zoo.runs.run import Run
from zoo.tasks.intervals import mean_interval, wilson
from zoo.training.resolve import dataset_name, resolve
from zoo.training.train import train

FILE = "cross_validation.json"


@dataclasses.dataclass(frozen=True)
class Figure:
    """A test metric over the folds.

    Args:
        mean: Of the folds.
        std: Standard deviation between the folds.
        interval: 95 % confidence interval: of an accuracy that of Wilson over all
            samples, of other metrics that of the mean by Student's t.
    """

    mean: float
    std: float
    interval: tuple[float, float]


@dataclasses.dataclass(frozen=True)
class CrossValidation:
    """What a cross-validation found.

    Args:
        directory: The folder, with a run folder for each fold in `folds/`.
        runs: The run of each fold.
        metrics: Test metrics over the folds.
        baseline: The mean of the baseline of the task, as in the details of a run; None
            where the task has none.
        samples: Number of samples, each of which was tested once; None where it is not
            known.
    """

    directory: Path
    runs: list[Run]
    metrics: dict[str, Figure]
    baseline: dict[str, Any] | None
    samples: int | None

    def as_json(self) -> dict[str, Any]:
        """Returns what `cross_validation.json` holds."""
        return {
            "directory": str(self.directory),
            "metrics": {k: dataclasses.asdict(v) for k, v in self.metrics.items()},
            "baseline": self.baseline,
            "samples": self.samples,
            "folds": [
                {"directory": str(run.directory), "metrics": run.metrics}
                for run in self.runs
            ],
        }


@takes_options(without=("fold",))
def cross_validate(
    name: str,
    *,
    folds: int = 5,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> CrossValidation:
    """Trains a model once for each fold, and tests it on that fold.

    All samples, also those of a test split that the data brings, are divided into
    `folds` parts, class by class where they have classes, the same way on every
    machine; samples of one `group` stay in one part. Each part is the test split once,
    and each sample is tested once; weights are chosen on a part of the rest.

    Args:
        name: A registered model.
        folds: Their number, 2 or more.
        recipe: As for `train`.
        {options}

    A resumed cross-validation continues the folds that are not finished.

    Raises:
        ArgumentError: If there are fewer than two folds, the model is not a registered
            one, or there are several workers.
        DatasetError: If samples follow each other in order, such as those of a series,
            or are too few.
        ZooError: What `train` raises.

    Reference:
        Stone, 1974, Cross-validatory choice and assessment of statistical predictions.
    """
    _check(name, folds)
    _, config = resolve(name, recipe=recipe, **options)
    data = _load(config.objects.get("dataset"), config)
    directory = _folder(name, data.name, config.output, resume=config.resume)
    runs = []
    for number in range(1, folds + 1):
        messages.inform(f"Fold {number} of {folds}.")
        own = {"dataset": data, "fold": f"{number}/{folds}"}
        own["output"] = directory / "folds" / str(number)
        runs.append(train(name, recipe=recipe, **{**options, **own}))
    found = summarize(directory, runs)
    write_json(directory / FILE, found.as_json())
    return found


def summarize(directory: Path, runs: Sequence[Run]) -> CrossValidation:
    """Summarizes the runs of all folds."""
    sizes = [run.details.get("samples") for run in runs]
    samples = None if None in sizes else sum(filter(None, sizes))
    metrics = {
        name: _figure([run.metrics[name] for run in runs]) for name in runs[0].metrics
    }
    if samples and "accuracy" in metrics:
        right = sum(run.metrics["accuracy"] * run.details["samples"] for run in runs)
        interval = wilson(right / samples, samples)
        found = metrics["accuracy"]
        metrics["accuracy"] = dataclasses.replace(found, interval=interval)
    baselines = [run.details.get("baseline") for run in runs]
    baseline = baselines[0]
    if baseline is not None:
        mean = statistics.fmean(each["value"] for each in baselines if each)
        baseline = baseline | {"value": mean}
    return CrossValidation(directory, list(runs), metrics, baseline, samples)


def _figure(values: list[float]) -> Figure:
    if not all(map(math.isfinite, values)):
        return Figure(math.nan, math.nan, (math.nan, math.nan))
    return Figure(
        statistics.fmean(values), statistics.stdev(values), mean_interval(values)
    )


def _check(name: Any, folds: int) -> None:
    if folds < 2:
        raise ArgumentError(
            f"A cross-validation has 2 folds or more. Received: {folds}"
        )
    if isinstance(name, keras.Model):
        raise ArgumentError(
            "A cross-validation is of a registered model, which is built anew for each "
            "fold; register yours."
        )
    if read_cluster() is not None:
        raise ArgumentError(
            "A cross-validation is of one process: unset TF_CONFIG, or train each "
            "fold by itself: --fold 1/5."
        )


def _load(given: Dataset | None, config: Any) -> Dataset:
    if given is not None:
        return given
    recipe = config.recipe
    if recipe.test_group:
        raise ArgumentError(
            "In folds each group is tested once; leave --test-group out."
        )
    data = load_dataset(recipe.dataset, data_dir=config.data_dir, **reading_of(recipe))
    findings = [each for each in data.findings if each.kind != HELD_OUT]
    if data.groups:
        count = len({each for held in data.groups.values() for each in held})
        findings.append(Finding(HELD_OUT, f"{count:,} groups, each within one fold"))
    say(data.name, (*findings, *examine_splits(data)))
    return data


def _folder(
    name: str, dataset: str, output: str | os.PathLike | None, *, resume: bool
) -> Path:
    if output is None:
        return choose_folder(name, dataset_name(dataset), resume=resume)
    directory = Path(output)
    if (directory / "folds").is_dir() and not resume:
        raise RunError(
            f"{directory} holds a cross-validation; give --resume to continue it or "
            "another --output."
        )
    if not (directory / "folds").is_dir():
        check_empty(directory)
    return directory
