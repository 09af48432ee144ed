"""`zoo compress` and `zoo decompress`."""

import dataclasses
from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.output_path import OutputPath

_MODEL = "An autoencoder of pictures: a name of `zoo list`, a run folder or a file."


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--output",
    type=OutputPath("file"),
    required=True,
    metavar="ARCHIVE",
    help="The archive to write, such as digits.zooc.",
)
@click.option(
    "--model",
    default="conv_autoencoder.mnist",
    show_default=True,
    metavar="NAME|RUN",
    shell_complete=completion.models_and_runs,
    help=_MODEL,
)
@click.option(
    "--bits",
    type=click.IntRange(1, 12),
    help="The quantizer divides the range of all codes into 2 to this steps.  "
    "[default: 5]",
)
@click.option("--step", type=float, help="Step of the quantizer, in place of --bits.")
@options.as_json
def compress(
    files: tuple[str, ...],
    output: Path,
    model: str,
    bits: int | None,
    step: float | None,
    as_json: bool,
) -> None:
    """Compress pictures by the code of an autoencoder.

    FILE is a picture of any size, or a folder of them. What the model was not trained
    on is lost, so that JPEG is better for photographs; the decoder needs the model.

    Example: zoo compress digits/ --output digits.zooc
    """
    from zoo.inference.compression import compress as pictures

    found = pictures.compress(files, output, model=model, bits=bits, step=step)
    if as_json:
        figures = {"bits_per_pixel": found.bits_per_pixel, "psnr": found.psnr}
        display.echo_json(dataclasses.asdict(found) | figures)
        return
    display.say(
        f"{found.output}: {found.pictures:,} pictures in {found.output_bytes:,} bytes, "
        f"{found.bits_per_pixel:.3f} bits a pixel (files: {found.input_bytes:,} bytes; "
        f"the model, which decoding needs: {found.model_bytes:,})"
    )
    display.say(f"mean squared error {found.mse:.5f}, PSNR {found.psnr:.1f} dB")
    display.say_next("zoo", "decompress", found.output)


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=OutputPath("folder"),
    metavar="FOLDER",
    help="A new folder.  [default: the archive without its suffix]",
)
@click.option(
    "--model",
    metavar="NAME|RUN",
    shell_complete=completion.models_and_runs,
    help="The model that compressed it.  [default: the shipped one of its name]",
)
@options.as_json
def decompress(
    archive: Path, output: Path | None, model: str | None, as_json: bool
) -> None:
    """Write the pictures of an archive of `zoo compress` as PNG files.

    Example: zoo decompress digits.zooc
    """
    from zoo.inference.compression import compress as pictures

    paths = pictures.decompress(archive, output, model=model)
    if as_json:
        display.echo_json({"pictures": list(map(str, paths))})
    else:
        for path in paths:
            display.say(str(path))
