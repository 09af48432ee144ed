"""`zoo verify`."""

from pathlib import Path

import click

from zoo.cli import display, options
from zoo.cli.export import echo_parity


@click.command()
@click.argument("artifact_path", type=click.Path(path_type=Path))
@options.as_json
def verify(artifact_path: Path, as_json: bool) -> None:
    """Check the files and the outputs of a published artifact.

    Example: zoo verify models/lenet5/1
    """
    from export import verify as verify_artifact

    parity = verify_artifact(artifact_path)
    if as_json:
        display.echo_json(parity)
    else:
        echo_parity(parity)
