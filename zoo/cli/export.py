"""`zoo export`."""

from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.registered import RegisteredNames


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.option(
    "--base-path",
    type=click.Path(path_type=Path),
    default="models",
    show_default=True,
    help="Folder of models.",
)
@click.option(
    "--formats",
    type=RegisteredNames("format", "export.formats:list_formats"),
    default="saved_model,onnx",
    show_default=True,
    help="Separated by commas.",
)
@click.option(
    "--version", type=int, help="An unused version number.  [default: the next]"
)
@options.weights
@options.as_json
def export(
    model: str,
    base_path: Path,
    formats: list[str],
    version: int | None,
    weights: str | None,
    as_json: bool,
) -> None:
    """Publish a trained model as SavedModel and ONNX, after a parity check.

    NAME|RUN is a model with shipped weights, a run folder, or a .keras file.

    Example: zoo export runs/lenet5.digits/1 --base-path models
    """
    from export import export_model

    subject, _ = options.with_weights(model, weights)
    artifact = export_model(subject, base_path, formats=formats, version=version)
    if as_json:
        display.echo_json({"path": artifact.path, "manifest": artifact.manifest})
        return
    click.echo(f"published {artifact.path}")
    echo_parity(artifact.manifest["parity"])
    click.echo(f'Next: zoo serve --model-base-path "{base_path}"')


def echo_parity(parity: dict) -> None:
    """Prints the largest difference of each output from the model's, by format."""
    display.echo_table(
        [
            {"format": name, "output": output, "max |difference|": f"{difference:.2g}"}
            for name, differences in parity["max_difference"].items()
            for output, difference in differences.items()
        ]
    )
    sizes = " and ".join(map(str, parity["batch_sizes"]))
    display.echo(f"tolerance {parity['tolerance']:g}, at batch sizes {sizes}")
