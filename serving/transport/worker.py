"""The data plane: loaded models behind the transports, in one event loop."""

import asyncio
import base64
import contextlib
import functools
import importlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from serving.errors import Code, ServingError, StatusError
from serving.metrics import (
    BATCH_SIZE,
    EXPIRED_COUNT,
    LOAD_COUNT,
    LOAD_LATENCY,
    QUEUE_LENGTH,
    REJECTED_COUNT,
    RUNNING,
    Metrics,
    Snapshot,
)
from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Scheduler
from serving.models.shared_state import BEAT_SECONDS, SharedState
from serving.options import ServerOptions
from serving.tracing import Tracer, tracer_from_environment
from serving.transport.apis import http_apis
from serving.transport.body_pool import BodyPool
from serving.transport.channel import Channel, ChannelClosed
from serving.transport.descriptors import raise_limit
from serving.transport.http import HttpServer
from serving.transport.listener import Ports, refuse_new_connections
from serving.transport.monitoring import MonitoringApi, prometheus_path
from serving.transport.pending_bytes import PendingBytes
from serving.transport.readiness import Readiness
from serving.transport.telemetry import Telemetry

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from serving.transport.grpc_server import GrpcServer


class Worker:
    """Loads what the supervisor tells, and answers requests.

    Args:
        options: Of the server.
        ports: Where it listens.
        shared: What all workers know of each other; by default there is one worker.
        slot: Which of the workers it is, from 0.
        on_supervisor_gone: Called when nobody tells it any more what to do.

    Attributes:
        manager: The loaded models.
        request_log: Samples of the requests.
        metrics: What it counts.
        bodies: Reads and writes large bodies.
        control: The channel to the supervisor; a transport may add handlers, and send
            requests, such as for the `metrics` of all workers.
    """

    def __init__(
        self,
        options: ServerOptions,
        ports: Ports,
        shared: SharedState | None = None,
        slot: int = 0,
        on_supervisor_gone: Callable[[], object] = lambda: None,
    ) -> None:
        self.options = options
        self.slot = slot
        self._shared = shared
        self.manager = ModelManager(options, self._on_unloaded)
        self.control = Channel(
            {
                "load": self._load,
                "publish": self._publish,
                "listen": self._listen,
                "drain": self._drain,
                "metrics": self._metrics,
            },
            on_supervisor_gone,
        )
        self.request_log = RequestLog()
        self.metrics = Metrics()
        self.bodies = BodyPool()
        self._pending = PendingBytes(
            options.max_pending_bytes, options.body_timeout_seconds
        )
        self._tracer: Tracer | None = None
        self._ports = ports
        self._loader = ThreadPoolExecutor(max(1, options.num_load_threads), "load")
        self._notes: set[asyncio.Task] = set()
        self._listeners: list[socket.socket] = []
        self._http: HttpServer | None = None
        self._grpc: GrpcServer | None = None

    async def open(self, supervisor: socket.socket) -> None:
        """Begins to answer the supervisor."""
        self._loop = asyncio.get_running_loop()
        self.scheduler = Scheduler(self._loop, self.options, self._shared, self.slot)
        await self.control.open(supervisor)

    def close(self) -> None:
        """Ends the threads, and unloads everything after the last request."""
        self._loader.shutdown(wait=False, cancel_futures=True)
        self.scheduler.close()
        self.bodies.close()
        self.manager.close()

    async def _load(self, payload: dict[str, Any]) -> dict[str, Any]:
        path, status, started = payload["path"], "fail", time.perf_counter()
        try:
            servable = await self._loop.run_in_executor(
                self._loader,
                self.manager.load,
                payload["name"],
                payload["version"],
                Path(path),
            )
            status = "success"
        finally:
            self.metrics.count(LOAD_COUNT, (path, status))
            microseconds = (time.perf_counter() - started) * 1e6
            self.metrics.count(LOAD_LATENCY, (path,), round(microseconds))
        return {"engine": servable.engine.name}

    async def _publish(self, table: dict[str, Any]) -> None:
        self.manager.publish(table)
        self.request_log.configure(
            {name: base64.b64decode(model["logging"]) for name, model in table.items()}
        )

    async def _listen(self, payload: None) -> None:
        readiness = Readiness(self._loop, self.manager, self.scheduler)
        try:
            self._tracer = tracer_from_environment()
            page = prometheus_path(self.options.monitoring_config_file)
            metrics = None if page is None else self.metrics
            telemetry = Telemetry(
                metrics, self.manager, self._tracer, self.options.access_log
            )
            apis = http_apis(
                self.manager, self.scheduler, readiness, self.bodies, self.request_log
            )
            if page is not None:
                collect = functools.partial(self.control.request, "metrics")
                apis[page] = MonitoringApi(page, collect)
            listener = self._ports.rest.listen()
            self._listeners.append(listener)
            self._http = HttpServer(apis, self.options, self._pending, telemetry)
            await self._http.start(listener)
            await self._listen_to_grpc(readiness, telemetry)
        except ServingError as error:
            raise StatusError(Code.UNAVAILABLE, str(error)) from None

    async def _listen_to_grpc(self, readiness: Readiness, telemetry: Telemetry) -> None:
        # In a thread and after REST, which answers meanwhile: it takes a while.
        grpc_server = await self._loop.run_in_executor(
            self._loader, importlib.import_module, "serving.transport.grpc_server"
        )
        server: GrpcServer = grpc_server.GrpcServer(
            self.manager,
            self.scheduler,
            readiness,
            self.options,
            self._reload_config,
            telemetry,
            self.request_log,
            self._pending,
            self.bodies,
        )
        # A path has one listener, so the first worker has it.
        path = self.options.grpc_socket_path if self.slot == 0 else None
        await server.start(self._ports.grpc.number, path)
        self._grpc = server

    async def _drain(self, payload: None) -> bool:
        """Ends the transports; returns whether all requests were answered."""
        for listener in self._listeners:
            refuse_new_connections(listener)
        stopping = [
            transport.stop(self.options.drain_seconds)
            for transport in (self._http, self._grpc)
            if transport is not None
        ]
        are_complete = await asyncio.gather(*stopping)
        # What it has sampled is written before the process ends.
        await self._loop.run_in_executor(None, self.request_log.close)
        if self._tracer is not None:
            await self._loop.run_in_executor(None, self._tracer.close)
        return all(are_complete)

    async def _reload_config(self, config: "Message") -> None:
        serialized = base64.b64encode(config.SerializeToString()).decode()
        await self.control.request("reload_config", serialized)

    async def _metrics(self, payload: None) -> Snapshot:
        if self._http is not None:
            self._http.record(self.metrics)
        for name, lane in self.scheduler.lanes.items():
            labels = (name,)
            self.metrics.set(QUEUE_LENGTH, labels, len(lane.queue))
            self.metrics.set(RUNNING, labels, lane.running)
            self.metrics.set(REJECTED_COUNT, labels, lane.rejected)
            self.metrics.set(EXPIRED_COUNT, labels, lane.expired)
            self.metrics.set_histogram(BATCH_SIZE, labels, lane.batch_sizes)
        return self.metrics.snapshot()

    def _on_unloaded(self, name: str, version: int) -> None:
        self._loop.call_soon_threadsafe(self._note, "unloaded", [name, version])

    def _note(self, kind: str, payload: Any) -> None:
        """Tells the supervisor something, unless the server ends."""

        async def tell() -> None:
            with contextlib.suppress(ChannelClosed):
                await self.control.request(kind, payload)

        task = self._loop.create_task(tell())
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)


def run_worker(
    options: ServerOptions,
    ports: Ports,
    shared: SharedState,
    slot: int,
    supervisor: socket.socket,
) -> None:
    """Runs a worker in this process until the supervisor is gone."""

    raise_limit(options.max_connections)
    beat = functools.partial(_beat, shared, slot)
    threading.Thread(target=beat, name="heartbeat", daemon=True).start()

    async def run() -> None:
        gone = asyncio.Event()
        await Worker(options, ports, shared, slot, gone.set).open(supervisor)
        await gone.wait()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
        # Neither an inference that runs nor a destructor holds up the end.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _beat(shared: SharedState, slot: int) -> None:
    # In a thread of its own, which runs while the loop waits for a long inference: an
    # engine that computes lets other threads run, also where it takes minutes.
    while True:
        shared.beat(slot)
        time.sleep(BEAT_SECONDS)
