"""gRPC's health service, `grpc.health.v1.Health`."""

import functools
from collections.abc import Iterable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2

from serving.transport.grpc_calls import Context
from serving.transport.grpc_streams import OpenStreams
from serving.transport.telemetry import Stream, Telemetry

SERVICE = "grpc.health.v1.Health"
FILE = health_pb2.DESCRIPTOR


class HealthService:
    """Says SERVING of the server and of each service, until it ends.

    Args:
        services: Full names.
        telemetry: Takes the answered calls.
        streams: Ends what is watched when the server stops.
    """

    def __init__(
        self, services: Iterable[str], telemetry: Telemetry, streams: OpenStreams
    ) -> None:
        self._services = list(services)
        self._telemetry = telemetry
        self._streams = streams
        # The module has this one where Python does.
        self._servicer = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue]

    async def start(self) -> None:
        """Says that each service is served."""
        for name in self._services:
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self) -> None:
        """Says NOT_SERVING from now on."""
        await self._servicer.enter_graceful_shutdown()

    def handler(self) -> grpc.GenericRpcHandler:
        """Returns what a server of `grpc.aio` adds."""
        serializers = {
            "request_deserializer": health_pb2.HealthCheckRequest.FromString,
            "response_serializer": health_pb2.HealthCheckResponse.SerializeToString,
        }
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Check": grpc.unary_unary_rpc_method_handler(
                    self._check, **serializers
                ),
                "Watch": grpc.unary_stream_rpc_method_handler(
                    self._watch, **serializers
                ),
            },
        )

    async def _check(self, request: Any, context: Context) -> Any:
        with self._telemetry.stream(f"{SERVICE}/Check", context) as stream:
            response = await self._servicer.Check(request, context)
            stream.size += response.ByteSize()
            return response

    async def _watch(self, request: Any, context: Context) -> None:
        with self._telemetry.stream(f"{SERVICE}/Watch", context) as stream:
            watch = functools.partial(
                self._servicer.Watch, request, _Counted(context, stream)
            )
            await self._streams.run(watch, context)


class _Counted:
    """Where the library writes a stream to; counts its bytes.

    Args:
        context: Of the call.
        stream: Takes the count.
    """

    def __init__(self, context: Context, stream: Stream) -> None:
        self._context = context
        self._stream = stream

    async def write(self, message: Any) -> None:
        """See `grpc.aio.ServicerContext`."""
        self._stream.size += message.ByteSize()
        await self._context.write(message)
