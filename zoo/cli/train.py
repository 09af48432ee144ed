"""`zoo train`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.cli import completion, options

if TYPE_CHECKING:
    from zoo import Plan

_USES = {"train": "train on", "validation": "validate", "test": "test"}


@click.command()
@click.argument("name", required=False, shell_complete=completion.models)
@options.dataset
@options.data_dir
@click.option("--epochs", type=int, help="In place of the recipe's.")
@click.option("--batch-size", type=int, help="In place of the recipe's.")
@click.option(
    "--strategy",
    default="auto",
    show_default=True,
    help="auto, cpu, gpu, mirrored, multiworker or tpu.",
)
@click.option(
    "--jit",
    type=click.Choice(["auto", "on", "off"]),
    default="auto",
    show_default=True,
    help="XLA; auto leaves it out for convolutions on a CPU.",
)
@click.option(
    "--mixed-precision",
    type=click.Choice(["bf16", "fp16"]),
    help="For accelerators; the saved model computes in float32.",
)
@click.option(
    "--deterministic",
    is_flag=True,
    help="The same bits on GPUs, too, at a cost there; on a CPU within the noise.",
)
@click.option("--log-every", type=int, help="Steps between two moves of the bar.")
@click.option("--seed", type=int, help="In place of the recipe's.")
@click.option("--output", type=click.Path(path_type=Path), help="The run folder.")
@click.option("--resume", is_flag=True, help="Go on after the last checkpoint.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print memory, steps and an estimate of the time; write nothing.",
)
@click.option(
    "--overrides",
    type=options.JsonObject(),
    help="""Arguments of the model, such as '{"hidden_units": [64, 64]}'.""",
)
@options.encoding
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="A file that `zoo tune` wrote; it tells the model, too.",
)
@click.option(
    "--weights",
    metavar="PATH|NAME",
    shell_complete=completion.models_and_runs,
    help="What to start from: a run folder, .keras or .weights.h5 file, or a model "
    "whose weights ship.",
)
@click.option(
    "--freeze",
    multiple=True,
    metavar="PATTERN",
    help="Layers not to train, such as 'C*'; '*' trains the head alone.",
)
@click.option(
    "--ensemble",
    type=int,
    metavar="N",
    help="Train N models of seeds one apart; the result is their average.",
)
@options.as_json
def train(
    name: str | None,
    dataset: str | None,
    epochs: int | None,
    batch_size: int | None,
    strategy: str,
    jit: str,
    mixed_precision: str | None,
    deterministic: bool,
    log_every: int | None,
    seed: int | None,
    output: Path | None,
    resume: bool,
    dry_run: bool,
    overrides: dict | None,
    encoding: dict | None,
    recipe: Path | None,
    weights: str | None,
    freeze: tuple[str, ...],
    ensemble: int | None,
    as_json: bool,
) -> None:
    """Train a model by its recipe into a run folder.

    A trained instance, such as lenet5.mnist, goes on from its shipped weights where it
    is given other data than its own.

    Example: zoo train lenet5 --dataset mnist --epochs 10
    """
    import zoo
    from zoo.machines.cluster import is_chief

    if name is None:
        name = _named(recipe)
    asked = {
        "dataset": dataset,
        "epochs": epochs,
        "batch_size": batch_size,
        "strategy": strategy,
        "jit": jit,
        "mixed_precision": mixed_precision,
        "deterministic": deterministic,
        "seed": seed,
        "overrides": overrides,
        "encoding": encoding,
        "recipe": recipe,
        "weights": weights,
        "freeze": freeze,
    }
    if dry_run:
        if ensemble is not None:
            raise click.UsageError("--dry-run tells of one training; leave --ensemble.")
        _echo_plan(zoo.plan(name, **asked), as_json)
        return
    asked |= {"log_every": log_every, "output": output, "resume": resume}
    try:
        if ensemble is None:
            run = zoo.train(name, **asked)
        else:
            run = zoo.train_ensemble(name, members=ensemble, **asked)
    except KeyboardInterrupt:
        click.echo("What is done is kept; add --resume to go on.", err=True)
        raise
    if as_json:
        options.echo_json({"directory": run.directory, "metrics": run.metrics})
        return
    if not is_chief():
        return
    click.echo(f"test: {options.figures(run.metrics)}")
    click.echo(f"run: {run.directory}")
    click.echo(f'Next: zoo export "{run.directory}" --base-path models')


def _named(recipe: Path | None) -> str:
    if recipe is None:
        raise click.UsageError("Missing argument 'NAME', or --recipe.")
    from zoo.training.recipe_file import read_recipe

    return read_recipe(recipe).name


def _echo_plan(plan: "Plan", as_json: bool) -> None:
    if as_json:
        options.echo_json(dataclasses.asdict(plan))
        return
    samples = ", ".join(f"{count:,} to {_USES[p]}" for p, count in plan.samples.items())
    memory = ", ".join(f"{part} {_size(n)}" for part, n in plan.memory.items())
    seconds = plan.seconds
    lines = {
        "model": f"{plan.name}: {plan.parameters:,} parameters, "
        f"{plan.trainable:,} of them trainable",
        "data": f"{plan.dataset}: {samples}",
        "devices": f"{plan.devices}, {'with' if plan.xla else 'without'} XLA",
        "steps": f"{plan.steps_per_epoch:,} an epoch, {plan.steps:,} in "
        f"{plan.epochs:,} epochs, batches of {plan.batch_size:,}",
        "memory": f"{memory} (the peak is measured, activations are estimated)",
        "time": f"about {seconds['total']:.1f} s, {seconds['compiling']:.1f} s of them "
        f"to compile, {seconds['step'] * 1000:.3g} ms a step (an estimate from "
        f"{plan.timed_steps:,} steps)",
    }
    for name, line in lines.items():
        click.echo(f"{name:9}{line}")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
