"""`zoo report`."""

from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.output_path import OutputPath

COMPARISON = "comparison.html"


@click.command()
@click.argument(
    "runs",
    metavar="RUN...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    shell_complete=completion.runs,
)
@click.option(
    "--output",
    type=OutputPath("file"),
    help=f"The page of several runs.  [default: {COMPARISON}]",
)
@options.data_dir
def report(runs: tuple[Path, ...], output: Path | None) -> None:
    """Draw the report of a finished run into its folder, or of several side by side.

    Writes PNG pictures and report.html, which holds them all; of several runs, one page
    with a column for each.

    Example: zoo report runs/corner_cnn.corners/1 runs/corner_mlp.corners/1
    """
    import zoo

    if output is not None and len(runs) == 1:
        raise click.UsageError(
            "--output is for several runs; the report of one lies in its folder."
        )
    if output is None and len(runs) > 1:
        output = OutputPath().convert(COMPARISON, None, None)
    elif len(runs) == 1 and runs[0].is_dir():
        OutputPath("folder").convert(runs[0], None, None)
    page = zoo.report(*runs, **({"output": output} if output else {}))
    display.say(str(page))
