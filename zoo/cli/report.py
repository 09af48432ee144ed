"""`zoo report`."""

from pathlib import Path

import click

from zoo.cli import completion, options


@click.command()
@click.argument("run", type=click.Path(path_type=Path), shell_complete=completion.runs)
@options.data_dir
def report(run: Path) -> None:
    """Draw the report of a finished run into its folder.

    Writes PNG pictures and report.html, which holds them all.

    Example: zoo report runs/lenet5.digits/1
    """
    import zoo

    click.echo(zoo.report(run))
