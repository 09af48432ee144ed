"""`zoo train`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options, training_options
from zoo.cli.scores import format_scores, say_baseline, say_scores

if TYPE_CHECKING:
    from zoo import CrossValidation, Plan

_USES = {"train": "train on", "validation": "validate", "test": "test"}


@click.command(cls=training_options.TrainingCommand)
@click.argument("name", required=False, shell_complete=completion.models)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Recipe file of `zoo tune`; it names the model, too.",
)
@click.option(
    "--ensemble",
    type=int,
    metavar="N",
    help="Train N models with consecutive seeds and average their predictions.",
)
@click.option(
    "--folds",
    type=int,
    metavar="N",
    help="Cross-validate: train N models, each tested on another N-th of all samples.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print memory, steps and an estimate of the time; write nothing.",
)
@training_options.set_
@options.as_json
@click.pass_context
def train(
    context: click.Context,
    name: str | None,
    recipe: Path | None,
    ensemble: int | None,
    folds: int | None,
    dry_run: bool,
    changes: tuple[str, ...],
    as_json: bool,
    **values: Any,
) -> None:
    """Train a model by its recipe into a run folder.

    Options override the recipe. A component (optimizer, loss, metric, schedule,
    callback, augmentation) is a name, or JSON of its name and its arguments:
    --optimizer '["SGD", {"momentum": 0.9}]'. A trained instance, such as lenet5.mnist,
    starts from its shipped weights if another dataset is given.

    Example: zoo train lenet5 --dataset digits --epochs 10 --set optimizer.beta_1=0.8
    """
    import zoo
    from zoo.machines.cluster import is_chief

    if name is None:
        name = _named(recipe)
    given = training_options.given(context, changes) | {"recipe": recipe}
    if dry_run:
        if ensemble is not None or folds is not None:
            other = "--ensemble" if folds is None else "--folds"
            raise click.UsageError(f"--dry-run does not work with {other}.")
        for key in ("output", "resume", "log_every"):
            given.pop(key, None)
        _echo_plan(zoo.plan(name, **given), as_json)
        return
    if ensemble is not None and folds is not None:
        raise click.UsageError("--folds does not work with --ensemble.")
    try:
        if folds is not None:
            _echo_folds(zoo.cross_validate(name, folds=folds, **given), as_json)
            return
        if ensemble is None:
            run = zoo.train(name, **given)
        else:
            run = zoo.train_ensemble(name, members=ensemble, **given)
    except KeyboardInterrupt:
        display.say("Progress is kept; add --resume to continue.", err=True)
        raise
    if as_json:
        found = {"metrics": run.metrics, "details": run.details}
        display.echo_json({"directory": run.directory, **found})
        return
    if not is_chief():
        return
    say_scores(run.metrics, run.details)
    display.say(f"run: {run.directory}")
    directory = str(run.directory)
    display.say_next("zoo", "export", directory, "--base-path", "models")


def _echo_folds(found: "CrossValidation", as_json: bool) -> None:
    if as_json:
        display.echo_json(found.as_json())
        return
    for number, run in enumerate(found.runs, 1):
        display.say(f"fold {number}: {format_scores(run.metrics, run.details)}")
    for name, each in found.metrics.items():
        low, high = each.interval
        tested = found.samples if name == "accuracy" else None
        number = f", {tested:,} samples" if tested else ""
        display.say(
            f"{name}: {each.mean:.4f} +- {each.std:.4f} between folds "
            f"({low:.4f} to {high:.4f}{number})"
        )
    say_baseline(found.baseline)
    display.say(f"runs: {found.directory}")


def _named(recipe: Path | None) -> str:
    if recipe is None:
        raise click.UsageError("Missing argument 'NAME', or --recipe.")
    from zoo.training.recipe_file import read_recipe

    return read_recipe(recipe).name


def _echo_plan(plan: "Plan", as_json: bool) -> None:
    if as_json:
        display.echo_json(dataclasses.asdict(plan))
        return
    samples = ", ".join(f"{count:,} to {_USES[p]}" for p, count in plan.samples.items())
    memory = ", ".join(f"{part} {_size(n)}" for part, n in plan.memory.items())
    seconds = plan.seconds
    lines = {
        "model": f"{plan.name}: {plan.parameters:,} parameters, "
        f"{plan.trainable:,} trainable",
        "data": f"{plan.dataset}: {samples}",
        "devices": f"{plan.devices}, {'with' if plan.xla else 'without'} XLA",
        "steps": f"{plan.steps_per_epoch:,} per epoch, {plan.steps:,} in "
        f"{plan.epochs:,} epochs, batch size {plan.batch_size:,}",
        "memory": f"{memory} (the peak is measured, activations are estimated)",
        "time": f"about {seconds['total']:.1f} s, of which compiling takes "
        f"{seconds['compiling']:.1f} s, {seconds['step'] * 1000:.3g} ms per step (an "
        f"estimate from {plan.timed_steps:,} steps)",
    }
    for name, line in lines.items():
        display.say(f"{name:9}{line}")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
