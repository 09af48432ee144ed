"""`zoo verify`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from zoo.cli import display, options
from zoo.cli.export import echo_parity
from zoo.errors import ZooError


@click.command()
@click.argument(
    "artifact_path", type=click.Path(path_type=Path), required=False, metavar="PATH"
)
@click.option(
    "--all",
    "base_path",
    type=click.Path(path_type=Path),
    metavar="BASE",
    help="Verify every version of every model in this folder.",
)
@options.public_key
@options.trust_operators
@options.as_json
def verify(
    artifact_path: Path | None,
    base_path: Path | None,
    key: Path | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Check manifest, files, signature and outputs of a published artifact.

    PATH is the folder of a version, or of a model for its newest version.

    Example: zoo verify models/lenet5/1
    """
    if artifact_path is not None and base_path is None:
        _verify(artifact_path, key, trust, as_json)
    elif base_path is not None and artifact_path is None:
        _verify_all(base_path, key, trust, as_json)
    else:
        raise click.UsageError("Give the PATH of one artifact, or --all BASE.")


def _verify(path: Path, key: Path | None, trust: bool, as_json: bool) -> None:
    from export import verify as verify_artifact

    parity = verify_artifact(path, key=key, trust=trust)
    if as_json:
        display.echo_json(parity)
    else:
        echo_parity(parity)


def _verify_all(base: Path, key: Path | None, trust: bool, as_json: bool) -> None:
    """Prints a line for each version as it is done; fails if one does."""
    from export import verify_all

    rows = []
    for path, result in verify_all(base, key=key, trust=trust):
        rows.append(_row(path, result))
        if not as_json:
            status = "FAILED" if isinstance(result, ZooError) else "ok"
            display.echo(f"{status:6}  {path}  {_summary(result)}")
    if as_json:
        display.echo_json({"artifacts": rows})
    failed = [row["path"] for row in rows if row["error"]]
    if failed:
        raise click.ClickException(
            f"{len(failed)} of {len(rows)} artifacts failed: {', '.join(failed)}."
        )


def _row(path: Path, result: Mapping[str, Any] | ZooError) -> dict[str, Any]:
    if isinstance(result, ZooError):
        return {"path": str(path), "error": str(result), "parity": None}
    return {"path": str(path), "error": None, "parity": result}


def _summary(result: Mapping[str, Any] | ZooError) -> str:
    if isinstance(result, ZooError):
        return str(result)
    return ", ".join(
        f"{name} {max(differences.values()):.2g}"
        for name, differences in result["max_difference"].items()
    )
