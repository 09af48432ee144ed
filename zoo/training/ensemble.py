"""Ensembles: members trained with different seeds, and their averaged predictions."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from zoo.errors import ArgumentError, RunError
from zoo.files import write_json
from zoo.inference.evaluate import scores
from zoo.machines.cluster import read_cluster
from zoo.options import takes_options
from zoo.registry import Recipe
from zoo.runs.environment import environment
from zoo.runs.folder import check_empty, choose_folder, write_metrics
from zoo.runs.run import Run
from zoo.runs.timings import Timings
from zoo.tasks.assessment import estimates_probabilities
from zoo.training.compile import make_metrics
from zoo.training.job import prepare
from zoo.training.session import save_model, scoring, session
from zoo.training.train import train


@takes_options(without=("callbacks",))
def train_ensemble(
    name: str,
    *,
    members: int,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> Run:
    """Trains members that differ in their seeds, and averages their predictions.

    .. math::

        p(y \\mid x) = \\frac{1}{n} \\sum_{i=1}^n p_i(y \\mid x)

    Forecasts are averaged as they are. The run folder has the files of `train` except
    checkpoints and history, which each member keeps in `members/0`, `members/1`, and
    so on.

    Args:
        name: A registered model, of a task whose predictions can be averaged.
        members: Number of members, 2 or more; their seeds are consecutive.
        recipe: As for `train`.
        {options}

    A resumed ensemble continues the training of its members; with a larger `members`
    it trains the additional ones.

    Raises:
        ArgumentError: If there are fewer than two members, their predictions cannot be
            averaged, or there are several workers.
        ZooError: What `train` raises.

    Reference:
        Hansen and Salamon, 1990, Neural network ensembles; Lakshminarayanan,
        Pritzel and Blundell, 2017, Simple and scalable predictive uncertainty
        estimation using deep ensembles.
    """
    if members < 2:
        raise ArgumentError(f"An ensemble has 2 members or more. Received: {members}")
    if not isinstance(name, str):
        raise ArgumentError(
            "An ensemble is of a registered model, which is built for each member; "
            "register yours."
        )
    if read_cluster() is not None:
        raise ArgumentError("An ensemble is trained by one process: unset TF_CONFIG.")
    timings = Timings()
    job = prepare(name, recipe=recipe, **options)
    output, resume = job.config.output, job.config.resume
    task = job.task
    if task.average is None:
        raise ArgumentError(
            f"{name!r} is for {task.name}: codes of several models do not mean the "
            "same, so they have no average."
        )
    directory = _folder(name, job.data.name, output, resume=resume)
    runs = [
        train(
            name,
            recipe=recipe,
            **options
            | {
                "output": directory / "members" / str(number),
                "seed": job.recipe.seed + number,
            },
        )
        for number in range(members)
    ]
    model = average([run.model for run in runs], task.average)
    config = runs[0].config | {"ensemble": members} | environment()
    write_json(directory / "config.json", config)
    timings.open(directory / "timings.json")
    with session(directory, timings):
        save_model(model, directory)
        with scoring(directory):
            metrics, details = scores(
                model,
                job.data,
                task,
                make_metrics(job.recipe, job.config.objects),
                are_probable=estimates_probabilities(job.recipe.loss),
            )
            write_metrics(directory, metrics, details)
    return Run(model, {}, metrics, directory, config, details)


def average(
    models: Sequence[keras.Model], combine: Callable[[list[Any]], Any]
) -> keras.Model:
    """Returns a model whose output is the average of the outputs of several models.

    Args:
        models: Models with equal inputs and outputs; they become parts of the new one.
        combine: Computes one output from several: the `average` of a task.
    """
    inputs = keras.Input(
        batch_shape=models[0].input.shape,
        dtype=models[0].input.dtype,
        name=models[0].input.name,
    )
    answers = []
    name = models[0].name
    for number, model in enumerate(models):
        model.name = f"member_{number}"  # parts of a model need names of their own
        answers.append(model(inputs))
    return keras.Model(inputs, combine(answers), name=name)


def _folder(
    name: str, dataset: str, output: str | os.PathLike | None, *, resume: bool
) -> Path:
    if output is None:
        return choose_folder(name, dataset, resume=resume)
    directory = Path(output)
    if (directory / "members").is_dir() and not resume:
        raise RunError(
            f"{directory} holds an ensemble; give --resume to continue it or another "
            "--output."
        )
    if not (directory / "members").is_dir():
        check_empty(directory)
    return directory
