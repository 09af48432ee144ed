"""KServe: an InferenceService for each model."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from serving.deploy import servers, yaml
from serving.deploy.models import DeployedModel
from serving.deploy.names import resource_name

_MOUNT = "/mnt/models"  # where KServe puts what lies at the storage URI
_RESOURCES = {
    "requests": {"cpu": "1", "memory": "512Mi"},
    "limits": {"cpu": "2", "memory": "2Gi"},
}


def render(
    models: Sequence[DeployedModel],
    server: str,
    image: str | None,
    replicas: int,
    storage: str,
) -> dict[str, str]:
    """Returns the files of `kubectl apply -f`, by name.

    Args:
        models: What is served.
        server: `tensorflow-serving`, as KServe's own runtime, or `zoo`.
        image: In place of the server's own; of `zoo` only.
        replicas: Pods at least; at most five times as many.
        storage: URI of the folder of models, such as `pvc://claim/models` or
            `s3://bucket/models`.
    """
    chosen = servers.choose_server(server, models)
    return {
        f"{resource_name(model.name)}.yaml": yaml.document(
            {
                "apiVersion": "serving.kserve.io/v1beta1",
                "kind": "InferenceService",
                "metadata": {
                    "name": resource_name(model.name),
                    "annotations": {"model": model.name},
                },
                "spec": {
                    "predictor": {
                        "minReplicas": replicas,
                        "maxReplicas": 5 * replicas,
                        **_predictor(model, chosen, image or chosen.image, storage),
                    }
                },
            }
        )
        for model in models
    }


def _predictor(
    model: DeployedModel, server: servers.ModelServer, image: str, storage: str
) -> dict[str, Any]:
    uri = f"{storage.rstrip('/')}/{quote(model.name)}"
    if server.name != "zoo":
        tensorflow = {
            "modelFormat": {"name": "tensorflow"},
            "protocolVersion": "v1",
            "storageUri": uri,
            "resources": _RESOURCES,
        }
        return {"model": tensorflow}
    container = {
        "name": "kserve-container",
        "image": image,
        "args": [
            "--port=0",
            "--rest_api_port=8080",
            f"--model_name={_literal(model.name)}",
            f"--model_base_path={_MOUNT}",
            *server.flags,
        ],
        "env": [{"name": "STORAGE_URI", "value": _literal(uri)}],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": server.ready_path, "port": 8080}},
        "resources": _RESOURCES,
    }
    return {"containers": [container]}


def _literal(text: str) -> str:
    """Kubernetes replaces `$(NAME)` by a variable, and `$$` by a dollar."""
    return text.replace("$", "$$")
