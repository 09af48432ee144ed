"""`zoo predict`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options
from zoo.cli.output_path import OutputPath
from zoo.errors import ArgumentError

if TYPE_CHECKING:
    from zoo.inference.answers.answerer import Answerer
    from zoo.inference.inputs.options import Options


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@options.url
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Classes to name for each sample.",
)
@click.option(
    "--output",
    type=OutputPath("either"),
    metavar="FILE",
    help="Write the answers to a .csv, .jsonl or .parquet file, for inputs of any "
    "length.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help="Column of a table to put beside the answers, such as an id.",
)
@click.option("--invert", is_flag=True, help="Invert pictures: black becomes white.")
@click.option("--charset", help="Character encoding of text files.  [default: UTF-8]")
@click.option(
    "--no-header", is_flag=True, help="The first row of a table holds values."
)
@click.option(
    "--sheet", metavar="NAME", help="Sheet of an Excel file.  [default: the first]"
)
@click.option(
    "--group", metavar="COLUMN", help="Column that says which of several series it is."
)
@click.option(
    "--rate",
    type=click.IntRange(1),
    help="Samples a second that a served model of sounds takes.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "tsv", "txt", "jsonl", "json"]),
    help="Form of standard input.  [default: found out by its first line]",
)
@click.option(
    "--engine",
    type=click.Choice(["ray"]),
    help="Answer files and folders by Ray Data, in many processes or on the machines "
    "of a cluster (RAY_ADDRESS); --output is a folder of Parquet files.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes of --engine ray.  [default: one for each CPU]",
)
@options.trust
@options.as_json
def predict(
    model: str,
    inputs: tuple[str, ...],
    url: str | None,
    top: int,
    output: Path | None,
    engine: str | None,
    workers: int | None,
    trust: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Predict for pictures, sounds, tables, texts or arrays.

    NAME|RUN is a model with shipped weights, a run folder, a .keras file or an
    exported artifact. INPUT is a picture or a sound, a folder of them, a table (.csv,
    .tsv, .parquet, .xlsx) with the columns of the training, TABLE:COLUMN for a
    forecast, a .jsonl or .json file, a batch of samples in a .npy or .npz file, a .txt
    file of a text a line, a text itself, or - for standard input.

    Example: zoo predict lenet5.mnist examples/seven.png --top 3
    """
    from zoo.cli.predicting.asking import open_answerer
    from zoo.inference.inputs.options import Options
    from zoo.inference.inputs.remarks import remarks

    if reading["form"] is not None:
        reading["form"] = f".{reading['form']}"
    if engine is not None:
        if output is None or url is not None:
            raise click.UsageError("--engine ray takes --output FOLDER, and no --url.")
        from zoo.cli.predicting.ray_engine import Job, score

        answers = score(Job(model, reading, top, trust), inputs, output, workers)
        _say_written(output, answers, as_json)
        return
    if output is not None:
        _check_output(output, inputs)
    with remarks() as said:
        given = Options(**reading, remarks=said)
        with open_answerer(model, said, url=url, trust=trust) as answerer:
            if output is not None:
                _write(answerer, inputs, given, top, output, as_json)
            elif as_json:
                _print_json(answerer, inputs, given)
            else:
                _print(answerer, inputs, given, top)


def _check_output(output: Path, inputs: Sequence[str]) -> None:
    """Checks before the model is loaded that answers can be written there."""
    from zoo.inference.answers.files import writer_of

    writer_of(output)
    files = [each for each in inputs if os.path.exists(each)]  # noqa: PTH110
    if output.exists() and any(map(output.samefile, files)):
        raise ArgumentError(f"--output {output} is an input; give another file.")


def _write(
    answerer: "Answerer",
    inputs: Sequence[str],
    given: "Options",
    top: int,
    output: Path,
    as_json: bool,
) -> None:
    from zoo.cli.predicting.progress import Progress
    from zoo.inference.answers.answerer import outputs_of
    from zoo.inference.answers.files import writer_of
    from zoo.inference.answers.table import tabulate
    from zoo.inference.answers.writer import writing
    from zoo.inference.inputs.reading import read, total_bytes

    total = total_bytes(inputs, answerer.takes)
    with Progress(total) as progress, writing(output, writer_of(output)) as writer:
        for batch in read(inputs, answerer.takes, given):
            outputs = outputs_of(answerer, batch)
            writer.write(tabulate(batch, outputs, answerer, top))
            progress.add(len(batch), batch.read)
    _say_written(output, progress.answers, as_json)


def _say_written(output: Path, answers: int, as_json: bool) -> None:
    if as_json:
        display.echo_json({"output": str(output), "answers": answers})
    else:
        display.say(f"{output}: {answers:,} answers", err=True)


def _print(
    answerer: "Answerer", inputs: Sequence[str], given: "Options", top: int
) -> None:
    from zoo.cli.predicting.printing import Printer
    from zoo.inference.answers.answerer import outputs_of
    from zoo.inference.inputs.reading import read

    printer = Printer(answerer, top)
    for batch in read(inputs, answerer.takes, given):
        printer.print(batch, outputs_of(answerer, batch))


def _print_json(answerer: "Answerer", inputs: Sequence[str], given: "Options") -> None:
    from zoo.cli.predicting.printing import as_json
    from zoo.inference.answers.answerer import outputs_of
    from zoo.inference.inputs.reading import read

    found = [
        row
        for batch in read(inputs, answerer.takes, given)
        for row in as_json(batch, outputs_of(answerer, batch), answerer)
    ]
    display.echo_json({"predictions": found})
