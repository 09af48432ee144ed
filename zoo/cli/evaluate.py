"""`zoo evaluate`."""

import dataclasses
from typing import Any

import click

from zoo.cli import completion, display, options, training_options
from zoo.cli.scores import echo_classes, say_scores


@click.command(cls=training_options.ReadingCommand)
@click.argument(
    "model",
    required=False,
    metavar="NAME|RUN",
    shell_complete=completion.models_and_runs,
)
@options.dataset
@options.data_dir
@options.weights
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Recompute the published metrics of every model with shipped weights.",
)
@options.as_json
@click.pass_context
def evaluate(
    context: click.Context,
    model: str | None,
    dataset: str | None,
    weights: str | None,
    every: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Evaluate a trained model on a test split.

    NAME|RUN is a model with shipped weights, a run folder, or a .keras file. With
    --all, models whose data is missing are skipped, and the command fails if a metric
    differs from the published one by more than its tolerance.

    Example: zoo evaluate runs/lenet5.digits/1
    """
    if every == (model is not None):
        raise click.UsageError("Give NAME|RUN, or --all.")
    if model is None:
        _evaluate_all(as_json)
        return
    import zoo

    chosen, dataset = options.with_weights(model, weights, dataset)
    reading = training_options.given_of_reading(context)
    metrics, details = zoo.assess(chosen, dataset, **reading)
    if as_json:
        found = {"metrics": metrics, "details": details}
        display.echo_json({"model": model, "dataset": dataset, **found})
    else:
        say_scores(metrics, details)
        echo_classes(details)


def _evaluate_all(as_json: bool) -> None:
    from zoo.results.recomputing import recompute

    rows, found = [], []
    for each in recompute():
        found.append(each)
        rows.append(dataclasses.asdict(each) | {"state": each.state})
        if not as_json:
            detail = display.format_metrics(each.recomputed) or each.missing
            display.echo(f"{each.name}: {each.state}: {detail}")
    if as_json:
        display.echo_json({"models": rows})
    off = [each for each in found if each.off]
    if off:
        differences = "; ".join(
            f"{each.name}: {metric} {each.recomputed[metric]:.4f}, published "
            f"{each.published[metric]:.4f} +- {each.tolerance[metric]:.2g}"
            for each in off
            for metric in each.off
        )
        raise click.ClickException(f"Not the published metrics: {differences}")
