"""A client of the gRPC API for asyncio."""

from collections.abc import Mapping
from typing import Any

import grpc

from serving.client import grpc_transport
from serving.client.asynchronous import AsynchronousClient
from serving.client.grpc_calls import Call, GrpcCalls
from serving.client.retries import Retries
from serving.protocol.messages import message


class AsyncGrpcClient(AsynchronousClient):
    """`GrpcClient` for asyncio: the same arguments and methods, to be awaited.

    It is made inside the event loop that uses it.

    Args: as for `GrpcClient`.

    Example:

    >>> async def classes(image):
    ...     async with AsyncGrpcClient("127.0.0.1:8500") as client:
    ...         return (await client.predict("lenet5", {"image": image}))["class_ids"]
    """

    def __init__(
        self,
        target: str = "127.0.0.1:8500",
        timeout: float = 60.0,
        *,
        retries: Retries = Retries(),  # noqa: B008  (it is frozen)
        metadata: Mapping[str, str] | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        super().__init__(GrpcCalls(target, timeout, retries))
        self._target = target
        self._metadata = grpc_transport.pairs(metadata)
        options = grpc_transport.options(target)
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(target, options)
        else:
            self._channel = grpc.aio.secure_channel(target, credentials, options)

    async def close(self) -> None:
        """See `AsynchronousClient.close`."""
        await self._channel.close()

    async def _perform(self, request: Call) -> Any:
        answer = message(f"tensorflow.serving.{request.method.answer}")
        call = self._channel.unary_unary(
            request.method.path,
            request_serializer=type(request.request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        try:
            return await call(
                request.request, timeout=request.seconds, metadata=self._metadata
            )
        except grpc.aio.AioRpcError as error:
            raise grpc_transport.translate(self._target, request, error) from None
