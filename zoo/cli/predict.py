"""`zoo predict`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import options
from zoo.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np


@click.command()
@click.argument("name")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--url",
    default="http://127.0.0.1:8501",
    show_default=True,
    help="Address of the server.",
)
@options.as_json
def predict(name: str, files: tuple[Path, ...], url: str, as_json: bool) -> None:
    """Send images or arrays to a running server.

    Each FILE is one image, or a batch of samples in a .npy or .json file.

    Example: zoo predict lenet5 seven.png
    """
    import numpy as np

    from serving import Client

    with Client(url) as client:
        definitions = client.metadata(name)["metadata"]["signature_def"]
        taken = definitions["signature_def"]["serving_default"]["inputs"]
        if len(taken) != 1:
            raise DatasetError(f"{name} takes {', '.join(taken)}; use serving.Client.")
        ((input_name, info),) = taken.items()
        channels = int(info["tensor_shape"]["dim"][-1]["size"])
        samples = np.concatenate([_read(file, channels) for file in files])
        outputs = client.predict(name, {input_name: samples})
    rows = [
        {output: values[i].tolist() for output, values in outputs.items()}
        for i in range(len(samples))
    ]
    if as_json:
        options.echo_json(rows)
    else:
        options.echo_table([_summary(row) for row in rows])


def _summary(row: dict[str, Any]) -> dict[str, Any]:
    if row.keys() != {"class_ids", "probabilities"}:
        return row
    return {
        "class_id": row["class_ids"],
        "probability": f"{max(row['probabilities']):.4f}",
    }


def _read(file: Path, channels: int) -> "np.ndarray":
    import numpy as np
    from PIL import Image

    try:
        if file.suffix == ".npy":
            return np.load(file, allow_pickle=False)
        if file.suffix == ".json":
            return np.array(json.loads(file.read_text()))
        with Image.open(file) as image:
            pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{file} is not a readable image, .npy or .json file: {error}"
        ) from error
    return pixels.reshape(1, *pixels.shape[:2], -1)
