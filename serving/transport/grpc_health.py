"""gRPC's health service, `grpc.health.v1.Health`."""

from collections.abc import Iterable

import grpc
from grpc_health.v1 import health, health_pb2

SERVICE = "grpc.health.v1.Health"
FILE = health_pb2.DESCRIPTOR


class HealthService:
    """Says SERVING of the server and of each service, until it ends.

    Args:
        services: Full names.
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._services = list(services)
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
                    self._servicer.Check, **serializers
                ),
                "Watch": grpc.unary_stream_rpc_method_handler(
                    self._servicer.Watch, **serializers
                ),
            },
        )
