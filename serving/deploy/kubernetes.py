"""Kubernetes: a Deployment over a volume of models, with all that keeps it up."""

from collections.abc import Sequence
from typing import Any

from serving.deploy import servers, yaml
from serving.deploy.models import DeployedModel

NAME = "models"
_LABELS = {"app.kubernetes.io/name": NAME}
_METADATA = {"name": NAME, "labels": _LABELS}


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
        server: `tensorflow-serving` or `zoo`.
        image: In place of the server's own.
        replicas: Pods at least; at most five times as many.
        storage: The PersistentVolumeClaim that holds the folder of models.
    """
    chosen = servers.choose_server(server, models)
    container = _container(models, chosen, image or chosen.image)
    return {
        "configmap.yaml": yaml.document(
            _resource("v1", "ConfigMap", data=servers.config_files(models))
        ),
        "deployment.yaml": yaml.document(_deployment(container, storage)),
        "service.yaml": yaml.document(
            _resource(
                "v1",
                "Service",
                spec={
                    "selector": _LABELS,
                    "ports": [
                        {"name": name, "port": port, "targetPort": name}
                        for name, port in _PORTS.items()
                    ],
                },
            )
        ),
        "autoscaler.yaml": yaml.document(_autoscaler(replicas)),
        "disruption.yaml": yaml.document(
            _resource(
                "policy/v1",
                "PodDisruptionBudget",
                spec={"maxUnavailable": 1, "selector": {"matchLabels": _LABELS}},
            )
        ),
    }


_PORTS = {"grpc": servers.GRPC_PORT, "rest": servers.REST_PORT}


def _container(
    models: Sequence[DeployedModel], server: servers.ModelServer, image: str
) -> dict[str, Any]:
    ready = {"path": servers.ready_path(server, models), "port": "rest"}
    return {
        "name": "server",
        "image": image,
        "args": [_literal(flag) for flag in servers.flags(server)],
        "ports": [
            {"name": name, "containerPort": port} for name, port in _PORTS.items()
        ],
        # Both servers listen once their models are loaded, which takes a while.
        "startupProbe": {
            "httpGet": ready,
            "periodSeconds": 2,
            "failureThreshold": 150,
        },
        "readinessProbe": {"httpGet": ready, "periodSeconds": 5, "timeoutSeconds": 2},
        "livenessProbe": {
            "tcpSocket": {"port": "rest"},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
        },
        # Endpoints drop a pod a little after it has got SIGTERM.
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
        "resources": {
            "requests": {"cpu": "1", "memory": "512Mi"},
            "limits": {"cpu": "2", "memory": "2Gi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
            **({"runAsNonRoot": True} if server.is_unprivileged else {}),
        },
        "volumeMounts": [
            {"name": "models", "mountPath": servers.MODELS_FOLDER, "readOnly": True},
            {"name": "config", "mountPath": servers.CONFIG_FOLDER, "readOnly": True},
        ],
    }


def _deployment(container: dict[str, Any], storage: str) -> dict[str, Any]:
    # Without `replicas`: applied again, it would undo what the autoscaler did.
    claim = {"claimName": storage, "readOnly": True}
    return _resource(
        "apps/v1",
        "Deployment",
        spec={
            "selector": {"matchLabels": _LABELS},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
            },
            "template": {
                "metadata": {"labels": _LABELS},
                "spec": {
                    "automountServiceAccountToken": False,
                    "terminationGracePeriodSeconds": 30,
                    "containers": [container],
                    "volumes": [
                        {"name": "models", "persistentVolumeClaim": claim},
                        {"name": "config", "configMap": {"name": NAME}},
                    ],
                },
            },
        },
    )


def _autoscaler(replicas: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": 70}
    return _resource(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        spec={
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": NAME,
            },
            "minReplicas": replicas,
            "maxReplicas": 5 * replicas,
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": target}}
            ],
        },
    )


def _resource(version: str, kind: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": _METADATA, **rest}


def _literal(text: str) -> str:
    """Kubernetes replaces `$(NAME)` by a variable, and `$$` by a dollar."""
    return text.replace("$", "$$")
