"""`zoo inspect`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import display, options

if TYPE_CHECKING:
    from export.inspection.report import Inspection


@click.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@options.as_json
def inspect_(path: Path, as_json: bool) -> None:
    """Show what a model file would do, without loading it.

    PATH is a SavedModel, an artifact, or a file of ONNX, LiteRT or Keras. What `zoo
    verify`, `zoo serve` and `zoo export` refuse without --trust is said last.

    Example: zoo inspect models/lenet5/1
    """
    from export import inspect

    found = inspect(path)
    if as_json:
        display.echo_json({"models": [each.as_json() for each in found]})
        return
    for each in found:
        _echo(each)


def _echo(found: "Inspection") -> None:
    operators = [f"{name} {count}" for name, count in found.operators.items()]
    display.echo_facts(
        {
            "file": str(found.path),
            "format": found.format,
            "bytes": f"{found.bytes:,}",
            **{
                f"signature {name}": f"{_tensors(signature['inputs'])} -> "
                f"{_tensors(signature['outputs'])}"
                for name, signature in found.signatures.items()
            },
            "operators": ", ".join(operators) or "none",
            "custom operators": ", ".join(found.custom) or "none",
            "reads": ", ".join(found.reads) or "no other file",
            "verdict": f"refused: {'; '.join(found.refused)}"
            if found.refused
            else "touches nothing but its own files",
        }
    )
    display.say()


def _tensors(tensors: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {tensor['dtype']} {_shape(tensor['shape'])}"
        for name, tensor in tensors.items()
    )


def _shape(shape: list[int | None] | None) -> str:
    if shape is None:
        return "of any rank"
    return "(" + ", ".join("?" if size is None else str(size) for size in shape) + ")"
