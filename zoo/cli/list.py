"""`zoo list`."""

from typing import Any

import click

from zoo.cli import completion, options
from zoo.cli.cards import card_of


@click.command("list")
@click.argument("filter", default="", shell_complete=completion.models)
@click.option("--family", help="Only this family, such as cnn.")
@click.option("--task", help="Only this task, such as classification.")
@click.option("--pretrained", is_flag=True, help="Only models with shipped weights.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out names, such as '*_hs*'. May be repeated.",
)
@options.as_json
def list_(
    filter: str,
    family: str | None,
    task: str | None,
    pretrained: bool,
    exclude: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the models with their published test metrics.

    `zoo export` writes SavedModel and ONNX, and verifies both against the model.

    Example: zoo list "lenet*"
    """
    import zoo

    names = zoo.list_models(
        filter, family=family, task=task, pretrained=pretrained, exclude=exclude
    )
    rows = [_row(card_of(name)) for name in names]
    if not rows:
        click.echo("No model matches; `zoo list` shows all.", err=True)
    if as_json:
        options.echo_json(rows)
    else:
        options.echo_table(rows)


def _row(card: dict[str, Any]) -> dict[str, Any]:
    from export import DEFAULT_FORMATS

    return {
        "name": card["name"],
        "family": card["family"],
        "task": card["task"],
        "parameters": card["parameters"],
        "dataset": card["recipe"]["dataset"],
        "test": card["headline"],
        "weights": "yes" if card["weights"] else "no",
        **dict.fromkeys(DEFAULT_FORMATS, "exports"),
    }
