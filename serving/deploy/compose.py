"""Docker Compose: one server over a folder of models."""

import os
from collections.abc import Sequence
from pathlib import Path

from serving.deploy import servers, yaml
from serving.deploy.models import DeployedModel


def render(
    models: Sequence[DeployedModel], base_path: Path, server: str, image: str | None
) -> dict[str, str]:
    """Returns the files of `docker compose up`, by name.

    Args:
        models: What is served.
        base_path: Their folder, mounted read-only.
        server: `tensorflow-serving` or `zoo`.
        image: In place of the server's own.
    """
    chosen = servers.choose_server(server, models)
    service = {
        "image": _literal(image or chosen.image),
        "command": servers.flags(chosen),
        "ports": [
            f"127.0.0.1:{port}:{port}"
            for port in (servers.GRPC_PORT, servers.REST_PORT)
        ],
        "volumes": [
            _mount(os.path.abspath(base_path), servers.MODELS_FOLDER),  # noqa: PTH100
            *(
                _mount(f"./{name}", f"{servers.CONFIG_FOLDER}/{name}")
                for name in servers.config_files(models)
            ),
        ],
        "restart": "unless-stopped",
        "stop_grace_period": "30s",
    }
    tree = {"name": "models", "services": {"models": service}}
    return {"compose.yaml": yaml.document(tree), **servers.config_files(models)}


def _mount(source: str, target: str) -> dict[str, object]:
    return {
        "type": "bind",
        "source": _literal(source),
        "target": target,
        "read_only": True,
    }


def _literal(text: str) -> str:
    """Compose replaces `$NAME` by a variable, and `$$` by a dollar."""
    return text.replace("$", "$$")
