"""`zoo export`."""

from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.output_path import OutputPath
from zoo.cli.registered import RegisteredNames


@click.command()
@click.argument(
    "model", metavar="NAME|RUN|FILE", shell_complete=completion.models_and_runs
)
@click.option(
    "--base-path",
    type=OutputPath("folder"),
    default="models",
    show_default=True,
    help="Folder of models.",
)
@click.option(
    "--formats",
    type=RegisteredNames("format", "export.formats:list_formats"),
    help="Separated by commas.  [default: saved_model, and onnx where it can]",
)
@click.option(
    "--version", type=int, help="An unused version number.  [default: the next]"
)
@click.option("--name", help="What it is published as.  [default: the model's name]")
@click.option(
    "--sample",
    metavar="FILE|DATASET",
    help="Inputs to compare outputs on: a .npz of arrays by input, or a dataset.",
)
@click.option("--keep", type=int, help="Newest versions to keep.  [default: all]")
@click.option("--opset", type=int, help="Of ONNX.  [default: 18]")
@click.option(
    "--quantize",
    type=click.Choice(["int8"]),
    help="Store weights of ONNX and LiteRT in 8 bits; see --calibration.",
)
@click.option(
    "--half", is_flag=True, help="Store weights of ONNX and LiteRT in 16 bits."
)
@click.option(
    "--calibration",
    metavar="FILE|DATASET",
    help="Inputs that ranges are measured on, for activations of 8 bits, too.",
)
@click.option(
    "--max-accuracy-drop",
    type=float,
    default=1.0,
    show_default=True,
    help="Points of accuracy that --quantize and --half may cost.",
)
@click.option(
    "--sign",
    type=click.Path(path_type=Path),
    metavar="KEY",
    help="Sign with this private key; `zoo verify --key` checks it.",
)
@options.trust
@options.weights
@options.as_json
def export(
    model: str,
    base_path: Path,
    formats: list[str] | None,
    version: int | None,
    name: str | None,
    sample: str | None,
    keep: int | None,
    opset: int | None,
    quantize: str | None,
    half: bool,
    calibration: str | None,
    max_accuracy_drop: float,
    sign: Path | None,
    trust: bool,
    weights: str | None,
    as_json: bool,
) -> None:
    """Publish a trained model as SavedModel and ONNX, after a parity check.

    NAME|RUN|FILE is a model with shipped weights, a run folder, a .keras or .h5 file,
    or the folder of a SavedModel. What defines own classes: zoo --import FILE export.

    Example: zoo export runs/lenet5.digits/1 --base-path models
    """
    if quantize and half:
        raise click.UsageError("Give --quantize or --half, not both.")
    if calibration and not quantize:
        raise click.UsageError("--calibration is for --quantize int8.")
    from export import export_model

    subject, _ = options.with_weights(model, weights)
    artifact = export_model(
        subject,
        base_path,
        formats=formats,
        version=version,
        name=name,
        sample=sample,
        keep=keep,
        opset=opset,
        compress="float16" if half else quantize,
        calibration=calibration,
        max_accuracy_drop=max_accuracy_drop,
        sign=sign,
        trust=trust,
    )
    if as_json:
        display.echo_json({"path": artifact.path, "manifest": artifact.manifest})
        return
    display.say(f"published {artifact.path}")
    echo_parity(artifact.manifest["parity"])
    echo_compressed(artifact.manifest.get("compressed", {}))
    display.say_next("zoo", "serve", "--model-base-path", str(base_path))


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


def echo_compressed(compressed: dict) -> None:
    """Prints what smaller forms cost, by format."""
    display.echo_table(
        [
            {
                "format": name,
                "form": f"{each['kind']} {each['activations']}",
                "bytes": f"{each['bytes']['before']:,} -> {each['bytes']['after']:,}",
                "test figure": _change(each["figure"]),
                "max |difference|": f"{max(each['max_difference'].values()):.2g}",
            }
            for name, each in compressed.items()
        ]
    )


def _change(figure: dict | None) -> str:
    if figure is None:
        return "not known"
    return f"{figure['name']} {figure['before']:.4f} -> {figure['after']:.4f}"
