"""`zoo serve`."""

import logging
from pathlib import Path

import click

from zoo.cli import options
from zoo.cli.registered import RegisteredName


@click.command()
@click.option(
    "--model-base-path",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of models, or of one model's versions.",
)
@click.option("--model-name", help="Serve only this model, under this name.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--rest-api-port",
    type=click.IntRange(0, 65535),
    default=8501,
    show_default=True,
    help="0 picks a free port.",
)
@click.option(
    "--engine",
    type=RegisteredName("engine", "serving.engines:list_engines", "auto"),
    default="auto",
    show_default=True,
    help="auto: TensorFlow if there is a SavedModel, else ONNX Runtime.",
)
@options.trust_operators
@click.option(
    "--log-level",
    type=click.Choice(["error", "warning", "info", "debug"]),
    default="info",
    show_default=True,
    help="info says which versions are loaded and unloaded.",
)
@click.option("--access-log", is_flag=True, help="Log a line for each request.")
def serve(
    model_base_path: Path,
    model_name: str | None,
    host: str,
    rest_api_port: int,
    engine: str,
    trust: bool,
    log_level: str,
    access_log: bool,
) -> None:
    """Serve models over TensorFlow Serving's REST API until SIGTERM or Ctrl-C.

    Example: zoo serve --model-base-path models --rest-api-port 8501
    """
    import serving

    _log(log_level, access_log)
    serving.serve(
        model_base_path,
        model_name=model_name,
        host=host,
        rest_api_port=rest_api_port,
        engine=engine,
        trust=trust,
    )


def _log(level: str, access_log: bool) -> None:
    """Writes what `serving` logs to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("serving").setLevel(level.upper())
    requests = logging.getLogger("serving.access")
    requests.setLevel(logging.INFO if access_log else logging.WARNING)
