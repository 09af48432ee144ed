"""Ray Serve: an application of replicas, each with a server of ours inside."""

import os
from pathlib import Path

from serving.deploy import servers, yaml

_APPLICATION = '''\
"""The models of a folder behind Ray Serve.

RAY_USAGE_STATS_ENABLED=0 serve run serve.yaml    # REST at http://127.0.0.1:{rest}/v1/models/NAME
"""

from serving.deploy.ray_application import build

app = build({base_path!r})
'''


def render(base_path: Path, replicas: int) -> dict[str, str]:
    """Returns the files of `serve run` and `serve deploy`, by name.

    Args:
        base_path: The folder of models, at the same place on each node.
        replicas: Of the application.
    """
    application = {
        "name": "models",
        "route_prefix": "/",
        "import_path": "application:app",
        "deployments": [{"name": "Models", "num_replicas": replicas}],
    }
    tree = {
        "http_options": {"host": "127.0.0.1", "port": servers.REST_PORT},
        "applications": [application],
    }
    folder = os.path.abspath(base_path)  # noqa: PTH100  (links stay links)
    return {
        "application.py": _APPLICATION.format(rest=servers.REST_PORT, base_path=folder),
        "serve.yaml": yaml.document(tree),
    }
