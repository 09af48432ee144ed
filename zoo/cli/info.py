"""`zoo info`."""

import dataclasses
import inspect
from typing import Any

import click

from zoo.cli import options


@click.command()
@click.argument("name")
@options.as_json
def info(name: str, as_json: bool) -> None:
    """Show what a model is and how it is trained.

    Example: zoo info lenet5
    """
    import zoo
    from zoo import weights

    spec = zoo.model_spec(name)
    model = zoo.create_model(name)
    card = {
        "name": name,
        "family": spec.family,
        "task": spec.task,
        "paper": spec.paper,
        "input": {spec.input: model.input_shape},
        "parameters": model.count_params(),
        "arguments": spec.parameters,
        "recipe": dataclasses.asdict(spec.recipe),
        "results": weights.index().get(name, {}).get("metrics", "no weights ship"),
        "train": f"zoo train {name}",
    }
    if as_json:
        options.echo_json(card)
        return
    click.echo(f"{inspect.getdoc(spec.builder)}\n")
    for key, value in card.items():
        click.echo(f"{key:11}{_line(value)}")
    model.summary(print_fn=click.echo)


def _line(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{k} {v}" for k, v in value.items() if v is not None)
