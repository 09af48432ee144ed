"""`zoo deploy`."""

from pathlib import Path

import click

from zoo import messages
from zoo.cli import display
from zoo.cli.output_path import OutputPath

_NEXT = {
    "docker": "pip wheel --no-deps -w {folder} CLONE, then as the Dockerfile says",
    "compose": "docker compose --project-directory {folder} up",
    "kubernetes": "kubectl apply -f {folder}",
    "kserve": "kubectl apply -f {folder}",
    "ray": "cd {folder} && RAY_USAGE_STATS_ENABLED=0 serve run serve.yaml",
}


@click.command()
@click.argument("target", type=click.Choice(list(_NEXT)))
@click.argument("folder", metavar="DIR", type=OutputPath("folder"))
@click.option(
    "--model-base-path",
    type=click.Path(path_type=Path),
    default="models",
    show_default=True,
    help="Folder of models.",
)
@click.option(
    "--server",
    type=click.Choice(["tensorflow-serving", "zoo"]),
    default="tensorflow-serving",
    show_default=True,
    help="What runs in the containers.",
)
@click.option("--image", help="Image of the server.  [default: the server's own]")
@click.option(
    "--replicas",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Replicas at least.",
)
@click.option(
    "--storage",
    help="Where the cluster finds the folder of models: a PersistentVolumeClaim, or a "
    "URI for KServe.  [default: models, pvc://models]",
)
@click.option("--overwrite", is_flag=True, help="Replace files that differ.")
def deploy(
    target: str,
    folder: Path,
    model_base_path: Path,
    server: str,
    image: str | None,
    replicas: int,
    storage: str | None,
    overwrite: bool,
) -> None:
    """Write what puts models behind a server in containers or a cluster into DIR.

    docker writes an image of our server with ONNX Runtime and without TensorFlow;
    compose and kubernetes run TensorFlow Serving's own image, kserve an
    InferenceService for each model, ray an application of Ray Serve.

    Example: zoo deploy kubernetes deployment --model-base-path models
    """
    from serving.deploy import compose, docker, kserve, kubernetes, ray
    from serving.deploy.models import read_models
    from serving.deploy.rendering import write

    if target == "docker":
        files = docker.render()
    else:
        models = read_models(model_base_path)
        if target == "compose":
            files = compose.render(models, model_base_path, server, image)
        elif target == "kubernetes":
            claim = storage or "models"
            files = kubernetes.render(models, server, image, replicas, claim)
        elif target == "kserve":
            uri = storage or "pvc://models"
            files = kserve.render(models, server, image, replicas, uri)
        else:
            files = ray.render(model_base_path, replicas)
    for path in write(folder, files, overwrite):
        display.echo(str(path))
    messages.inform(f"Next: {_NEXT[target].format(folder=folder)}")
