"""A client of the gRPC API."""

import weakref
from collections.abc import Mapping
from typing import Any

import grpc

from serving.client import grpc_transport
from serving.client.blocking import BlockingClient
from serving.client.grpc_calls import Call, GrpcCalls
from serving.client.retries import Retries
from serving.protocol.messages import message


class GrpcClient(BlockingClient):
    """A client of TensorFlow Serving's gRPC API, of our server or theirs.

    The methods of `Client` with the same arguments and answers. Threads may share one.

    Args:
        target: Host and port, `127.0.0.1:8500`, or a Unix socket, `unix:/run/zoo.sock`.
        timeout: Seconds that a call may take with all its tries.
        retries: When a request is sent again; `Retries(attempts=1)` never does.
        metadata: Sent with each request, such as `{"authorization": "Bearer ..."}`.
        credentials: `grpc.ssl_channel_credentials(...)`; plain text if None.

    Example:

    >>> with GrpcClient("127.0.0.1:8500") as client:  # doctest: +SKIP
    ...     client.predict("lenet5", {"image": image})["class_ids"]
    array([7])
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
            self._channel = grpc.insecure_channel(target, options)
        else:
            self._channel = grpc.secure_channel(target, credentials, options)
        weakref.finalize(self, self._channel.close)

    def close(self) -> None:
        """See `BlockingClient.close`."""
        self._channel.close()

    def _perform(self, request: Call) -> Any:
        answer = message(f"tensorflow.serving.{request.method.answer}")
        call = self._channel.unary_unary(
            request.method.path,
            request_serializer=type(request.request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        try:
            return call(
                request.request, timeout=request.seconds, metadata=self._metadata
            )
        except grpc.RpcError as error:
            raise grpc_transport.translate(self._target, request, error) from None
