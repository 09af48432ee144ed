"""`zoo serve`."""

from pathlib import Path

import click

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
def serve(
    model_base_path: Path,
    model_name: str | None,
    host: str,
    rest_api_port: int,
    engine: str,
) -> None:
    """Serve models over TensorFlow Serving's REST API until SIGTERM or Ctrl-C.

    Example: zoo serve --model-base-path models --rest-api-port 8501
    """
    import serving

    serving.serve(
        model_base_path,
        model_name=model_name,
        host=host,
        rest_api_port=rest_api_port,
        engine=engine,
    )
