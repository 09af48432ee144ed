"""`zoo info`."""

from typing import Any

import click

from zoo.cli import completion, display, options
from zoo.cli.cards import card_of

_FIGURES = {"published_parameters", "headline", "seeds", "results", "weights"}


@click.command()
@click.argument("name", shell_complete=completion.models)
@options.as_json
def info(name: str, as_json: bool) -> None:
    """Show the model card: architecture, input, recipe and published metrics.

    Example: zoo info lenet5
    """
    card = card_of(name)
    if as_json:
        display.echo_json(card)
        return
    about, layers = card.pop("about"), card.pop("layers")
    display.echo_docstring(about)
    display.say()
    display.echo_facts({key: _line(value) for key, value in _facts(card).items()})
    display.say()
    display.echo_table(
        [
            {
                "layer": f"{layer['name']} ({layer['class']})",
                "output": " ".join(map(str, layer["output_shape"])),
                "parameters": layer["parameters"],
            }
            for layer in layers
        ]
    )


def _facts(card: dict[str, Any]) -> dict[str, Any]:
    """The card, with the median of the seeds beside the shipped weights' metrics."""
    facts = {k: v for k, v in card.items() if k not in _FIGURES}
    published = card["published_parameters"]
    if published not in (None, card["parameters"]):
        facts["parameters"] = (
            f"{published:,} as published; {card['parameters']:,} by these arguments"
        )
    if card["headline"]:
        facts["published"] = f"{card['headline']}, the median of the seeds"
        facts["seeds"] = [
            f"{seed}: {display.format_metrics(metrics)}"
            for seed, metrics in card["seeds"].items()
        ]
    if card["weights"]:
        metrics = display.format_metrics(card["results"])
        facts["weights"] = f"{card['weights']}: {metrics}"
    return facts


def _line(value: Any) -> str:
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v not in (None, {})}
        return ", ".join(f"{k} {_line(v)}" for k, v in known.items()) or "none"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value) or "none"
    if isinstance(value, list | tuple) and value and isinstance(value[0], str):
        return " ".join(_line(each) for each in value if each)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value in (None, "") else str(value)
