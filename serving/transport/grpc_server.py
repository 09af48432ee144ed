"""The gRPC server of a worker."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from grpc._cython import cygrpc

from serving.errors import ServingError
from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Scheduler
from serving.options import ServerOptions
from serving.protocol.messages import POOL
from serving.protocol.open_inference.messages import POOL as OPEN_INFERENCE_POOL
from serving.protocol.open_inference.messages import SERVICE as OPEN_INFERENCE
from serving.transport import grpc_health, model_service, prediction_service
from serving.transport.body_pool import BodyPool
from serving.transport.descriptors import connection_limit
from serving.transport.grpc_calls import (
    CallLimit,
    Front,
    Reader,
    UnknownMethods,
    service_handler,
)
from serving.transport.grpc_credentials import channel_arguments, server_credentials
from serving.transport.grpc_health import HealthService
from serving.transport.grpc_reflection import reflection_handlers
from serving.transport.grpc_streams import OpenStreams
from serving.transport.model_service import ModelService, ReloadConfig
from serving.transport.open_inference_grpc import OpenInferenceService
from serving.transport.pending_bytes import PendingBytes
from serving.transport.prediction_service import PredictionService
from serving.transport.readiness import Readiness
from serving.transport.telemetry import Telemetry

_POOLS = {
    prediction_service.SERVICE: POOL,
    model_service.SERVICE: POOL,
    OPEN_INFERENCE: OPEN_INFERENCE_POOL,
}


class GrpcServer:
    """Serves TensorFlow Serving's services and Open Inference Protocol v2.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
        options: Of the server; the port is an argument of `start`.
        reload_config: Takes a new configuration.
        telemetry: Takes the answered requests.
        request_log: Takes samples of the requests.
        pending: Counts the bytes of requests.
        bodies: Reads and writes large messages.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        readiness: Readiness,
        options: ServerOptions,
        reload_config: ReloadConfig,
        telemetry: Telemetry,
        request_log: RequestLog,
        pending: PendingBytes,
        bodies: BodyPool,
    ) -> None:
        self._options = options
        self._limit = CallLimit(pending)
        self._streams = OpenStreams()
        self._telemetry = telemetry
        self._predictions = PredictionService(
            manager,
            scheduler,
            options.max_request_bytes,
            request_log,
            bodies,
            self._limit,
        )
        self._models = ModelService(manager, reload_config)
        self._open_inference = OpenInferenceService(
            manager, scheduler, readiness, request_log, bodies
        )
        self._health: HealthService | None = None
        self._reader = Reader(bodies, options.max_request_bytes)
        self._server: grpc.aio.Server | None = None

    async def start(self, port: int, socket_path: Path | None = None) -> int:
        """Begins to answer, and returns the port.

        Args:
            port: 0 takes a free one. Several servers may listen on one (SO_REUSEPORT).
            socket_path: A Unix socket to listen on as well.

        Raises:
            ServingError: When a port, a path or a certificate cannot be used.
        """
        options, credentials = self._options, None
        if options.ssl_config_file is not None:
            credentials = server_credentials(options.ssl_config_file)
        server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 1),
                ("grpc.max_receive_message_length", options.max_request_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.max_metadata_size", options.max_header_bytes),
                (
                    "grpc.max_allowed_incoming_connections",
                    connection_limit(options.max_connections),
                ),
                # Who is asked whether he still reads, and says nothing, is left.
                ("grpc.keepalive_time_ms", round(options.body_timeout_seconds * 1000)),
                (
                    "grpc.keepalive_timeout_ms",
                    round(options.body_timeout_seconds * 1000),
                ),
                # Until the client has begun to speak HTTP/2, and TLS.
                (
                    "grpc.server_handshake_timeout_ms",
                    round(options.header_timeout_seconds * 1000),
                ),
                *channel_arguments(options.grpc_channel_arguments),
            ],
        )
        logging.getLogger(cygrpc.__name__).addFilter(_is_news)
        server.add_generic_rpc_handlers(self._handlers())
        host = f"[{options.host}]" if ":" in options.host else options.host
        bound = _bind(server, f"{host}:{port}", credentials)
        if socket_path is not None:
            _bind(server, f"unix:{socket_path}", credentials)
        if self._health is not None:
            await self._health.start()
        await server.start()
        self._server = server
        return bound

    async def stop(self, drain_seconds: float) -> bool:
        """Refuses new calls, and lets those in flight end within the time.

        Returns:
            Whether they did.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + drain_seconds
        if self._health is not None:
            await self._health.stop()
        if self._server is not None:
            await self._limit.drain(drain_seconds)
            self._streams.end()
            await self._server.stop(max(deadline - now(), 0))
        return now() < deadline

    def _handlers(self) -> list[grpc.GenericRpcHandler]:
        front = Front(self._limit, self._reader, self._telemetry)
        handlers = [
            service_handler(prediction_service.SERVICE, self._predictions, front),
            service_handler(model_service.SERVICE, self._models, front),
            self._open_inference.handler(front, self._streams),
        ]
        files: list[Any] = [
            pool.FindServiceByName(name).file for name, pool in _POOLS.items()
        ]
        services = list(_POOLS)
        if self._options.enable_grpc_healthcheck_service:
            self._health = HealthService(services, self._telemetry, self._streams)
            handlers.append(self._health.handler())
            files.append(grpc_health.FILE)
            services.append(grpc_health.SERVICE)
        reflection = reflection_handlers(
            files, services, self._telemetry, self._streams
        )
        return [*handlers, *reflection, UnknownMethods(self._telemetry)]


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is more than a client that left before its answer was sent."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__name__ not in ("ExecuteBatchError", "CancelledError")


def _bind(
    server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None
) -> int:
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError:
        # The library says no more than that it failed, and logs the reason.
        raise ServingError(
            f"gRPC cannot listen at {address}. Choose another --port, --host or "
            "--grpc-socket-path, and check the keys of --ssl-config-file."
        ) from None
