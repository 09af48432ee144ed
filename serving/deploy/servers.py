"""The servers that a container may run; both take TensorFlow Serving's flags."""

import dataclasses
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from serving.deploy.models import SAVED_MODEL, DeployedModel
from serving.errors import ServingError
from serving.protocol.messages import message
from zoo.version import __version__

GRPC_PORT, REST_PORT = 8500, 8501
CONFIG_FOLDER, MODELS_FOLDER = "/config", "/models"


@dataclasses.dataclass(frozen=True)
class ModelServer:
    """A server.

    Args:
        name: What `--server` calls it.
        image: Its image.
        flags: That it has of its own.
        ready_path: What answers 200 once the models are served; `{model}` is the first.
        is_unprivileged: Whether the image names a user that is not root.
    """

    name: str
    image: str
    flags: tuple[str, ...]
    ready_path: str
    is_unprivileged: bool


SERVERS = {
    server.name: server
    for server in (
        ModelServer(
            "tensorflow-serving",
            "tensorflow/serving:2.19.1",
            (),
            "/v1/models/{model}",
            is_unprivileged=False,
        ),
        ModelServer(
            "zoo",
            f"keras-serving-zoo:{__version__}",
            ("--host=0.0.0.0",),
            "/readyz",
            is_unprivileged=True,
        ),
    )
}


def choose_server(name: str, models: Sequence[DeployedModel]) -> ModelServer:
    """Returns a server that can load the models.

    Raises:
        ServingError: If it cannot.
    """
    without = [model.name for model in models if not model.has_saved_model]
    if name != "zoo" and without:
        raise ServingError(
            f"{without[0]} has a version without {SAVED_MODEL}, which TensorFlow "
            "Serving needs. Export it with --formats saved_model, or choose --server "
            "zoo."
        )
    return SERVERS[name]


def config_files(models: Sequence[DeployedModel]) -> dict[str, str]:
    """Returns TensorFlow Serving's configuration as protobuf text, by file name."""
    config = message("tensorflow.serving.ModelServerConfig")()
    for model in models:
        entry = config.model_config_list.config.add()
        entry.name = model.name
        entry.base_path = f"{MODELS_FOLDER}/{model.name}"
        entry.model_platform = "tensorflow"
        entry.model_version_policy.latest.num_versions = 1
    batching = message("tensorflow.serving.BatchingParameters")()
    batching.max_batch_size.value = 64
    batching.batch_timeout_micros.value = 1000
    batching.max_enqueued_batches.value = 100
    batching.num_batch_threads.value = 4
    monitoring = message("tensorflow.serving.MonitoringConfig")()
    monitoring.prometheus_config.enable = True
    monitoring.prometheus_config.path = "/monitoring/prometheus/metrics"
    return {
        "models.config": _text(config),
        "batching_parameters.txt": _text(batching),
        "monitoring.config": _text(monitoring),
    }


def flags(server: ModelServer) -> list[str]:
    """Returns the command line that reads the configuration."""
    return [
        f"--port={GRPC_PORT}",
        f"--rest_api_port={REST_PORT}",
        f"--model_config_file={CONFIG_FOLDER}/models.config",
        "--enable_batching=true",
        f"--batching_parameters_file={CONFIG_FOLDER}/batching_parameters.txt",
        f"--monitoring_config_file={CONFIG_FOLDER}/monitoring.config",
        *server.flags,
    ]


def ready_path(server: ModelServer, models: Sequence[DeployedModel]) -> str:
    """Returns the path of the readiness probe."""
    return server.ready_path.format(model=quote(models[0].name, safe=""))


def _text(proto: Any) -> str:
    from google.protobuf import text_format

    return text_format.MessageToString(proto)
