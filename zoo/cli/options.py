"""Options that several commands share, and how they print."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from zoo.datasets import Dataset

dataset = click.option(
    "--dataset",
    metavar="NAME|PATH",
    help="digits, iris, a TFDS name, an image folder, a file: .npz, .csv, .tsv, .txt.",
)
data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where sets of TFDS and files lie.  [default: $TFDS_DATA_DIR]",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def load(name: str | None, directory: Path | None) -> "Dataset | str | None":
    """Loads a dataset here where a data directory is given for it."""
    if name is None and directory is not None:
        raise click.UsageError("--data-dir goes with --dataset.")
    if name is None or directory is None:
        return name
    from zoo import load_dataset

    return load_dataset(name, data_dir=directory)


def echo_json(content: Any) -> None:
    """Prints JSON for a script to read."""
    click.echo(json.dumps(content, indent=2, default=str))


def echo_table(rows: list[dict[str, Any]]) -> None:
    """Prints rows with aligned columns, their names above."""
    if not rows:
        return
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def figures(values: dict[str, float]) -> str:
    """Formats figures for one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in values.items())
