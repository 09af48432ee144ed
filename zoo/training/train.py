"""Trains a model by its recipe into a run folder."""

import contextlib
import dataclasses
import os
from typing import Any

import keras

from zoo import messages
from zoo.datasets.dataset import SPLIT_SEED
from zoo.datasets.fingerprint import as_number, fingerprint
from zoo.datasets.measured_inputs import largest_pixel, measured_inputs
from zoo.datasets.vocabulary import as_json
from zoo.errors import RunError
from zoo.inference.evaluate import scores
from zoo.machines.workers import Workers, translate_errors
from zoo.options import takes_options
from zoo.registry import Recipe
from zoo.runs.architecture import architecture
from zoo.runs.folder import (
    choose_folder,
    claimed,
    new_folder,
    open_folder,
    write_metrics,
)
from zoo.runs.own_model import with_logits
from zoo.runs.run import Run
from zoo.runs.timings import Timings
from zoo.tasks.assessment import Scores, estimates_probabilities
from zoo.training.assumptions import broken
from zoo.training.compile import make_metrics
from zoo.training.fit import fit
from zoo.training.history import columns
from zoo.training.job import Job, prepare
from zoo.training.session import save_model, scoring, session


@takes_options()
def train(
    name: str | keras.Model,
    *,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> Run:
    """Trains a model, keeps its best weights, and scores them on the test split.

    The weights are chosen on the validation split; the test split is read once,
    at the end. The run folder holds `config.json`, `history.csv`,
    `metrics.json`, `timings.json`, `model.keras`, `checkpoints/` and `logs/`
    (TensorBoard).

    A component (optimizer, loss, metric, schedule, callback, augmentation) is given by
    its name, as `"SGD"`; with arguments, as `("SGD", {"momentum": 0.9})`; as changes of
    the recipe's arguments, `{"momentum": 0.9}`; or as an object of Keras or ours.

    Args:
        name: A registered model. The recipe of `name.dataset` is used where there is
            one. A trained instance such as `lenet5.mnist` on other data than its own
            starts from its shipped weights. Or a `keras.Model` of your own, of one
            input and one output: functional, Sequential or subclassed, compiled or
            not. It is trained as it is, and its optimizer, loss and metrics are used
            where it was compiled. A resumed run needs it again.
        recipe: In place of the registered one: a `Recipe`, or a file that `zoo.tune`
            wrote, which holds overrides, too.
        {options}

    Raises:
        UnknownNameError: If there is no such model, or no such component.
        WeightsError: If the weights to start from are missing or do not fit.
        DatasetError: If the data is missing or does not fit the model.
        ArgumentError: If there is no such option, or a value does not fit.
        DivergedError: If the loss is not finite, or ends far above where it began; the
            run folder then has no model.
        RunError: If `output` holds another run, the disk is full, another worker is
            lost or does not start within ten minutes, or the trained model, which is
            saved before, cannot be scored.
    """
    timings = Timings()
    job = prepare(name, recipe=recipe, **options)
    config, data, devices, task = job.config, job.data, job.devices, job.task
    measured = measured_inputs(data)
    held = config.as_json() | {
        "dataset": data.name,
        "arguments": job.arguments,
        "seeds": {"training": job.recipe.seed, "split": SPLIT_SEED},
        "task": task.name,
        "monitor": job.recipe.monitor or task.monitor,
        "mode": job.mode,
        "labels": list(data.labels),
        "targets": list(data.targets),
        "vocabulary": as_json(data.vocabulary),
        "columns": [column.as_json() for column in data.columns],
        "text_column": data.text_column,
        "data": fingerprint(data),
        "architecture": architecture(job.model),
        "inputs": None if measured is None else measured.describe(),
        "largest_pixel": largest_pixel(data),
        "devices": devices.description,
        "weights": None if job.start is None else config.weights or job.start.name,
    }
    if job.traits is not None:
        held["own_model"] = dataclasses.asdict(job.traits)
    workers = Workers(devices)
    if config.output is not None:
        directory = config.output
    elif config.resume or workers.are_several:
        directory = choose_folder(config.name, data.name, resume=config.resume)
    else:
        directory = new_folder(config.name, data.name)
    with translate_errors(devices):
        # A barrier, too: all choose their folder before a new one is created.
        same_data = workers.agree(as_number(held["data"]))
    if not same_data:
        raise RunError(
            f"The workers do not find the same data in {data.name}; give all of them "
            "the same files, and the same versions of what reads them."
        )
    with claimed(directory) if devices.is_chief else contextlib.nullcontext():
        if devices.is_chief:
            if config.resume and not (directory / "config.json").exists():
                messages.inform(
                    f"{directory} holds no run to resume; training starts at the "
                    "beginning."
                )
            open_folder(directory, held, resume=config.resume)
            timings.open(directory / "timings.json")
        messages.inform(f"Training {config.name} on {devices.description}.")
        for sentence in broken(job.recipe, data):
            messages.warn(sentence)
        with session(directory, timings):
            with translate_errors(devices), devices.scope():
                progress = fit(
                    job.model,
                    data,
                    job.recipe,
                    directory,
                    devices,
                    augmentation=job.augmentation,
                    log_every=config.log_every,
                    callbacks=job.callbacks,
                    timings=timings,
                    is_new=job.is_new,
                )
            model = job.plain()
            if devices.is_chief:
                save_model(model, directory)
            with scoring(directory):
                metrics, details = _scores(model, job)
                if devices.is_chief:
                    write_metrics(directory, metrics, details)
    _compare(metrics, details)
    return Run(model, columns(progress.history), metrics, directory, held, details)


def _scores(model: keras.Model, job: Job) -> Scores:
    """Returns the test metrics and their details."""
    if job.task.figures is not None:
        words = job.data.vocabulary
        return job.task.figures(model, words, data_dir=job.config.data_dir)
    return scores(
        model,
        job.data,
        job.task,
        make_metrics(job.recipe, job.config.objects),
        None if job.traits is None else with_logits(model, job.traits),
        are_probable=estimates_probabilities(job.recipe.loss),
    )


def _compare(metrics: dict[str, float], details: dict[str, Any]) -> None:
    """Warns of a model that is no better than the baseline of its task."""
    baseline = details.get("baseline")
    if baseline is None or baseline["metric"] not in metrics:
        return
    metric, value = baseline["metric"], baseline["value"]
    has_classes = "classes" in details
    rare = ", and --class-weight balanced where classes are rare" * has_classes
    if metrics[metric] <= value:
        messages.warn(
            f"A test {metric} of {metrics[metric]:.4f} is no better than the baseline, "
            f"{baseline['method']}, with {value:.4f}. `zoo data` shows what the data "
            f"holds; try more --epochs, another --learning-rate or model{rare}."
        )
