"""The Prometheus page, where `MonitoringConfig` wants it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from serving.errors import ServingError, StatusError, invalid_argument
from serving.metrics import Snapshot, prometheus_page
from serving.transport.http_errors import error_response
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond

DEFAULT_PATH = "/monitoring/prometheus/metrics"


class MonitoringApi:
    """Answers with what all workers have counted.

    Args:
        path: Of the page.
        collect: Returns the snapshot of each worker.
    """

    def __init__(
        self, path: str, collect: Callable[[], Awaitable[list[Snapshot]]]
    ) -> None:
        self._path = path
        self._collect = collect
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        if request.path != self._path or request.method != "GET":
            raise invalid_argument(
                f"Unexpected path: {request.path}. Should be {self._path}"
            )
        request.route = self._path
        task = asyncio.get_running_loop().create_task(self._answer(respond))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, respond: Respond) -> None:
        try:
            page = prometheus_page(await self._collect())
        except StatusError as error:
            respond(error_response(error))
        else:
            respond(HttpResponse(200, page.encode(), "text/plain"))


def prometheus_path(monitoring_config_file: Path | None) -> str | None:
    """Returns the path of the page, or None where it is not enabled.

    Raises:
        ServingError: When the file cannot be read, or names no path.
    """
    if monitoring_config_file is None:
        return None
    from serving.protocol.messages import parse_text

    try:
        data = monitoring_config_file.read_bytes()
    except OSError as error:
        raise ServingError(
            f"Cannot read the monitoring config file {monitoring_config_file}: "
            f"{error.strerror}."
        ) from None
    name = "tensorflow.serving.MonitoringConfig"
    config = parse_text(name, data, monitoring_config_file).prometheus_config
    path = config.path or DEFAULT_PATH
    if not path.startswith("/"):
        raise ServingError(
            f"{monitoring_config_file}: the path of prometheus_config must begin with "
            f"a slash. Received: {path!r}"
        )
    return path if config.enable else None
