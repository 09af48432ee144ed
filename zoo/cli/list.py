"""`zoo list`."""

from typing import Any

import click

from zoo.cli import completion, display, options
from zoo.cli.cards import card_of
from zoo.errors import suggestion


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
@click.option(
    "--wide",
    is_flag=True,
    help="Also show family, seeds, the figure of the shipped weights, and formats.",
)
@options.as_json
def list_(
    filter: str,
    family: str | None,
    task: str | None,
    pretrained: bool,
    exclude: tuple[str, ...],
    wide: bool,
    as_json: bool,
) -> None:
    """List the models by task, with their published test metrics.

    A figure is the median over the seeds of `docs/results.md`; that of the weights
    which ship, one of these seeds, is shown by --wide. Size is the number of parameters
    of the published model.

    Example: zoo list "lenet*"
    """
    import zoo

    names = zoo.list_models(
        filter, family=family, task=task, pretrained=pretrained, exclude=exclude
    )
    if not names:
        raise click.ClickException(_said_of_none(filter, family, task))
    rows = [_row(card_of(name)) for name in names]
    if as_json:
        display.echo_json({"models": rows})
        return
    make = _wide if wide else _narrow
    for task_name in dict.fromkeys(row["task"] for row in rows):
        display.echo_table(
            [make(row) for row in rows if row["task"] == task_name],
            title=task_name.replace("_", " "),
        )
        display.say()
    display.echo(
        "Figures are medians over the seeds; * marks shipped weights. `zoo info NAME` "
        "shows more."
    )


def _said_of_none(filter: str, family: str | None, task: str | None) -> str:
    """Says which filter no model passes, and which names are similar to it."""
    import zoo

    cards = [card_of(name) for name in zoo.list_models()]
    families = {part for card in cards for part in card["family"].split("/")}
    families |= {card["family"] for card in cards}
    tasks = {each for card in cards for each in card["tasks"]}
    if task is not None and task not in tasks:
        return f"No task is named {task!r}.{suggestion(task, tasks)}"
    if family is not None and family not in families:
        return f"No family is named {family!r}.{suggestion(family, families)}"
    if not zoo.list_models(filter):
        similar = suggestion(filter.strip("*"), zoo.list_models())
        return f"No model is named {filter!r}.{similar} `zoo list` shows all."
    return "No model matches all of this; `zoo list` shows all."


def _row(card: dict[str, Any]) -> dict[str, Any]:
    from export import DEFAULT_FORMATS

    return {
        "name": card["name"],
        "family": card["family"],
        "task": card["task"],
        "dataset": card["recipe"]["dataset"],
        "parameters": card["published_parameters"] or card["parameters"],
        "headline": card["headline"] or None,
        "seeds": len(card["seeds"]),
        "has_weights": bool(card["weights"]),
        "weights_metrics": card["results"] if card["weights"] else None,
        "formats": list(DEFAULT_FORMATS),
    }


def _narrow(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"] + "*" * row["has_weights"],
        "data": row["dataset"],
        "figure": row["headline"] or "",
        "size": row["parameters"],
    }


def _wide(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **_narrow(row),
        "seeds": row["seeds"],
        "weights": display.format_metrics(row["weights_metrics"] or {}),
        "family": row["family"],
        "formats": ", ".join(row["formats"]),
    }
