"""`zoo data`."""

from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options, training_options

if TYPE_CHECKING:
    from zoo.datasets.examination import Examination

_MANY_COLUMNS = 40  # of a table, that are shown
_MANY_CLASSES = 20


@click.command(cls=training_options.ReadingCommand)
@click.argument("path", metavar="NAME|PATH", shell_complete=completion.datasets)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=completion.models,
    help="Say whether this model takes the data.",
)
@options.data_dir
@options.as_json
@click.pass_context
def data(
    context: click.Context,
    path: str,
    model: str | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Examine data before a model is trained on it.

    Shows what was recognized: kind, samples, classes and columns, what was decided,
    what is wrong and what to do, and which models take it. Exits with 1 where nothing
    can be trained on it.

    Example: zoo data mine.csv --target species
    """
    from zoo.datasets.examination import examine_data
    from zoo.errors import DatasetError
    from zoo.inference.fitting import arguments_of, fitting

    found = examine_data(path, **training_options.given_of_reading(context))
    models: dict[str, Any] = {}
    refusal = found.refusal
    if found.data is not None and model is not None:
        try:
            models = {model: arguments_of(model, found.data)}
        except DatasetError as error:
            refusal = str(error)
    elif found.data is not None:
        models = fitting(found.data)
    if as_json:
        display.echo_json(
            found.as_json() | {"models": models, "refusal": refusal or None}
        )
    elif found.data is not None or found.columns:
        _echo(found)
        if models:
            display.echo_facts({"models": ", ".join(models)})
    if refusal:
        raise click.ClickException(refusal)


def _echo(found: "Examination") -> None:
    display.echo_facts(_facts(found))
    if found.columns:
        display.say()
        rows = [column.describe() for column in found.columns[:_MANY_COLUMNS]]
        display.echo_table([_row(row) for row in rows])
        if len(found.columns) > _MANY_COLUMNS:
            display.say(f"... and {len(found.columns) - _MANY_COLUMNS} more columns")
        display.say()
    for finding in found.findings:
        display.echo(f"{finding.level}: {finding}")


def _facts(found: "Examination") -> dict[str, str]:
    facts = {"data": f"{found.name}, {found.kind}"}
    if found.data is None:
        return facts
    splits = ", ".join(f"{len(s.x):,} {k}" for k, s in found.data.splits.items())
    facts |= {"task": found.data.task.replace("_", " "), "samples": splits}
    if found.data.input_shape:
        facts["shape"] = " x ".join(map(str, found.data.input_shape))
    if found.classes:
        shown = found.classes[:_MANY_CLASSES]
        named = [f"{c['name']} {c['samples']:,} ({c['share']:.1%})" for c in shown]
        more = len(found.classes) - len(shown)
        facts["classes"] = ", ".join(named) + (f" and {more} more" if more else "")
    if found.words:
        lengths = ", ".join(f"{n:,} at {q}" for q, n in found.words.items())
        facts["words"] = f"{lengths} of the texts"
    return facts


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
