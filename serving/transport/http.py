"""An HTTP/1.1 server with limits, on asyncio or uvloop."""

import asyncio
import email.utils
import logging
import socket
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving.errors import Code, StatusError
from serving.metrics import (
    OPEN_CONNECTIONS,
    PENDING_BYTES,
    REFUSED_CONNECTIONS,
    Metrics,
)
from serving.options import ServerOptions
from serving.transport import cors
from serving.transport.descriptors import connection_limit
from serving.transport.hosts import Hosts
from serving.transport.http_connection import HttpConnection
from serving.transport.http_exchange import Exchange
from serving.transport.http_messages import Api, HttpRequest, HttpResponse, Respond
from serving.transport.pending_bytes import PendingBytes
from serving.transport.telemetry import Telemetry

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 0.1  # how exactly timeouts are kept
LATE_SECONDS = 0.25  # in which a request may still arrive while the server stops
EVICTED = 1 / 32  # of the connections are closed at a time to make room for others


class HttpServer:
    """Reads requests from a listening socket and lets APIs answer them.

    Args:
        apis: By the path at and below which they answer; of several the longest. Case
            does not matter, as in TensorFlow Serving.
        options: Limits, timeouts, CORS.
        pending: Counts bodies of requests, and responses that clients have not read.
        telemetry: Takes the answered requests.

    Attributes:
        refused_connections: How many there were too many of.
        evicted_connections: How many were closed to make room for others.
        stopping: Whether `stop` was called.
    """

    def __init__(
        self,
        apis: Mapping[str, Api],
        options: ServerOptions,
        pending: PendingBytes,
        telemetry: Telemetry,
    ) -> None:
        self.options = options
        self.pending = pending
        self._telemetry = telemetry
        self.refused_connections = self.evicted_connections = 0
        self.stopping = False
        self._apis = sorted(
            ((prefix.lower().rstrip("/") + "/", api) for prefix, api in apis.items()),
            key=lambda item: -len(item[0]),
        )
        self._connections: set[HttpConnection] = set()
        self._tasks: set[asyncio.Task] = set()
        self._refused_logged = float("-inf")
        self._fixed_headers = cors.HEADERS if self._cors else ""

    @property
    def _cors(self) -> bool:
        return self.options.rest_api_enable_cors_support

    async def start(self, listener: socket.socket) -> None:
        """Starts to answer what connects to a bound socket."""
        self.loop = asyncio.get_running_loop()
        self.hosts = Hosts(listener, self.options)
        self.executor = ThreadPoolExecutor(self.options.rest_api_num_threads, "bodies")
        self._max_connections = connection_limit(self.options.max_connections)
        self._sweep()
        self._server = await self.loop.create_server(
            lambda: HttpConnection(self), sock=listener, backlog=1024
        )

    async def stop(self, drain_seconds: float) -> bool:
        """Answers the requests that have arrived, and closes all connections.

        A connection that is silent, or in the middle of a request, is closed soon.

        Args:
            drain_seconds: How long the answers may take.

        Returns:
            Whether all were written.
        """
        deadline = self.loop.time() + drain_seconds
        late = self.loop.time() + min(LATE_SECONDS, drain_seconds)
        self.stopping = True
        while self._connections and self.loop.time() < deadline:
            if self.loop.time() >= late:
                self._server.close()
                for connection in list(self._connections):
                    connection.close_if_idle()
            await asyncio.sleep(0.01)
        self._server.close()
        is_complete = not any(each.busy for each in self._connections)
        for connection in list(self._connections):
            connection.abort()
        self._sweeper.cancel()
        for task in self._tasks:
            task.cancel()
        self.executor.shutdown(wait=False, cancel_futures=True)
        return is_complete

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Gives a request to the API of its path.

        Raises:
            StatusError: NOT_FOUND where there is none, or what the API raises.
        """
        if self._cors and request.method == "OPTIONS":
            respond(cors.preflight(request))
            return
        path = request.path.lower() + "/"
        for prefix, api in self._apis:
            if path.startswith(prefix):
                api.handle(request, respond)
                return
        raise StatusError(
            Code.NOT_FOUND,
            f"Not found: {request.method} {request.path}. "
            "Models live under /v1/models/NAME",
        )

    def admit(self, connection: HttpConnection) -> bool:
        """Whether there is room for one more connection, or room can be made."""
        if len(self._connections) >= self._max_connections:
            self._log_excess()
            if not self._evict():
                self.refused_connections += 1
                return False
        self._connections.add(connection)
        return True

    def _evict(self) -> bool:
        """Closes connections that wait for their client, those first that expire first.

        Who has sent a whole request, or is sending one, keeps his connection.
        """
        now = self.loop.time()
        idle = [each for each in self._connections if each.is_idle(now)]
        idle.sort(key=lambda connection: connection.read_expires)
        evicted = idle[: max(1, int(len(self._connections) * EVICTED))]
        for connection in evicted:
            self._connections.discard(connection)
            connection.abort()
        self.evicted_connections += len(evicted)
        return bool(evicted)

    def _log_excess(self) -> None:
        now = self.loop.time()
        if now > self._refused_logged + 10:
            self._refused_logged = now
            logger.warning(
                "%d connections are open, as many as there may be; %d idle ones were "
                "closed so far to make room, and %d refused. Raise --max_connections, "
                "or the limit of open files.",
                len(self._connections),
                self.evicted_connections,
                self.refused_connections,
            )

    def forget(self, connection: HttpConnection) -> None:
        """Makes room for another connection."""
        self._connections.discard(connection)

    def record(self, metrics: Metrics) -> None:
        """Writes down how many connections there are, and what they hold."""
        metrics.set(OPEN_CONNECTIONS, (), len(self._connections))
        metrics.set(REFUSED_CONNECTIONS, (), self.refused_connections)
        metrics.set(PENDING_BYTES, (), self.pending.count)

    def run_aside(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs what a request needs another thread for."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def answered(self, exchange: Exchange, response: HttpResponse, size: int) -> None:
        """Tells of an answered request."""
        request = exchange.request
        method = "HEAD" if exchange.head_only else request.method
        client = exchange.connection.client
        self._telemetry.answered_http(request, method, client, response, size)

    def _sweep(self) -> None:
        now = self.loop.time()
        date = email.utils.formatdate(time.time(), usegmt=True)
        self.headers = f"{self._fixed_headers}Date: {date}\r\n"
        for connection in list(self._connections):
            connection.expire(now)
        self._sweeper = self.loop.call_later(SWEEP_SECONDS, self._sweep)
