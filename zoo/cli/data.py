"""`zoo data`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options, training_options
from zoo.cli.output_path import OutputPath

if TYPE_CHECKING:
    from zoo.datasets.examination import Examination
    from zoo.inference.fitting import Fit

_MANY_COLUMNS = 40  # of a table, that are shown


@click.command(cls=training_options.ReadingCommand)
@click.argument("path", metavar="NAME|PATH", shell_complete=completion.datasets)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=completion.models,
    help="Ask this model alone.",
)
@click.option(
    "--page",
    type=OutputPath("file"),
    metavar="FILE",
    help="Write a page with samples, histograms and the rest: one HTML file.",
)
@options.data_dir
@options.as_json
@click.pass_context
def data(
    context: click.Context,
    path: str,
    model: str | None,
    page: Path | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Examine data before a model is trained on it.

    Shows what was recognized: kind, samples, classes and columns, what was decided,
    what is wrong and what to do; and what each model would make of it, or why it does
    not fit. Exits with 1 where nothing can be trained on it.

    Example: zoo data mine.csv --target species
    """
    from zoo.datasets.examination import examine_data
    from zoo.errors import DatasetError
    from zoo.inference.fitting import Fitting

    found = examine_data(path, **training_options.given_of_reading(context))
    fits: list[Fit] = []
    refused: dict[str, str] = {}
    refusal = found.refusal
    if found.data is not None and model is not None:
        try:
            fits = [Fitting(found.data).fit(model)]
        except DatasetError as error:
            refusal, refused = str(error), {model: str(error)}
    elif found.data is not None:
        fits, refused = Fitting(found.data).all()
    if page is not None:
        from zoo.reports.data_page import data_page

        _write(page, data_page(found, fits, refused))
    if as_json:
        display.echo_json(
            found.as_json()
            | {
                "models": {fit.name: _fit(fit) for fit in fits},
                "not_fitting": refused,
                "refusal": refusal or None,
            }
        )
    elif found.data is not None or found.columns:
        _echo(found)
        _echo_models(fits, {} if model is not None else refused)
    if page is not None:
        display.say(f"page: {page}", err=as_json)
    if refusal:
        raise click.ClickException(refusal)


def _write(path: Path, page: str) -> None:
    from zoo.files import replacing

    with replacing(path) as part:
        part.write_text(page, encoding="utf-8")


def _fit(fit: "Fit") -> dict[str, Any]:
    found = dataclasses.asdict(fit)
    del found["name"]
    return found | {"findings": [dataclasses.asdict(each) for each in fit.findings]}


def _echo_models(fits: "list[Fit]", refused: dict[str, str]) -> None:
    from zoo.inference.fitting import cuts, reasons

    if fits:
        display.say()
        rows = [
            {
                "model": fit.name,
                "task": fit.task.replace("_", " "),
                "input": " x ".join(map(str, fit.input_shape)),
                "parameters": fit.parameters,
            }
            for fit in fits
        ]
        display.echo_table(rows)
    for text, names in cuts(fits).items():
        display.echo(f"{', '.join(names)}: {text}")
    if refused:
        display.say()
    for reason, names in reasons(refused).items():
        display.echo(f"not {', '.join(names)}: {reason}")


def _echo(found: "Examination") -> None:
    display.echo_facts(found.facts())
    if found.columns:
        display.say()
        rows = [column.describe() for column in found.columns[:_MANY_COLUMNS]]
        display.echo_table([_row(row) for row in rows])
        if len(found.columns) > _MANY_COLUMNS:
            display.say(f"... and {len(found.columns) - _MANY_COLUMNS} more columns")
        display.say()
    for finding in found.findings:
        display.echo(f"{finding.level}: {finding}")


def _row(column: dict[str, Any]) -> dict[str, Any]:
    return {
        "column": column["name"],
        "kind": column["kind"],
        "lowest": _number(column.get("lowest")),
        "highest": _number(column.get("highest")),
        "missing": column["missing"],
        "distinct": column["distinct"],
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
