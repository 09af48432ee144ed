"""What every unary call of gRPC shares: bytes to a message, errors to a status."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, Protocol

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from serving.errors import Code, StatusError
from serving.protocol.messages import POOL, message
from serving.transport.pending_bytes import PendingBytes

logger = logging.getLogger(__name__)

INTERNAL_MESSAGE = "Internal error. The server's log says more."
_LONGEST_DETAILS = 2000  # characters; clients refuse trailers of more than 8 kB
_LONGEST_DRAIN = 1.0  # seconds
_QUIET = 0.1  # seconds without a call after which none is on its way
_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

Context = grpc.aio.ServicerContext
# A message and the time of the event loop's clock at which nobody waits any more.
Method = Callable[[Any, float | None], Awaitable[bytes]]


class CallLimit:
    """Bounds the bytes of the requests that are being answered.

    Args:
        pending: Those of all transports; more are refused with RESOURCE_EXHAUSTED.
    """

    def __init__(self, pending: PendingBytes) -> None:
        self._pending = pending
        self._calls = 0
        self._last_call = 0.0
        self._is_draining = False

    def add(self, size: int) -> None:
        """Counts a request.

        Raises:
            StatusError: RESOURCE_EXHAUSTED, or UNAVAILABLE once the server stops.
        """
        self._last_call = time.monotonic()
        if self._is_draining:
            raise StatusError(Code.UNAVAILABLE, "The server is stopping.")
        if self._pending.count + size > self._pending.limit:
            raise StatusError(
                Code.RESOURCE_EXHAUSTED,
                f"Requests of {self._pending.count} bytes are waiting already. "
                "Try again later.",
            )
        self._pending.count += size
        self._calls += 1

    def remove(self, size: int) -> None:
        """Forgets a request."""
        self._pending.count -= size
        self._calls -= 1

    async def drain(self) -> None:
        """Refuses new calls, and waits until there are none, for a second at most.

        A server that stops cancels the calls that it has received and not yet begun,
        which no client repeats; it does repeat those that are UNAVAILABLE.
        """
        self._is_draining = True
        end = time.monotonic() + _LONGEST_DRAIN
        while (now := time.monotonic()) < end and (
            self._calls or now - self._last_call < _QUIET
        ):
            await asyncio.sleep(_QUIET / 5)


class Service(Protocol):
    """A service whose methods are unary."""

    def methods(self) -> Mapping[str, Method]:
        """Returns what answers each method, with a serialized message."""
        ...


def service_handler(
    name: str, service: Service, limit: CallLimit
) -> grpc.GenericRpcHandler:
    """Returns what a server of `grpc.aio` adds for a service.

    Args:
        name: The full name of one of `serving.protocol.messages`.
        service: What answers.
        limit: Counts the requests.
    """
    described = POOL.FindServiceByName(name).methods_by_name
    return grpc.method_handlers_generic_handler(
        name,
        {
            method: grpc.unary_unary_rpc_method_handler(
                answering(message(described[method].input_type.full_name), call, limit)
            )
            for method, call in service.methods().items()
        },
    )


async def abort(context: Context, error: StatusError) -> NoReturn:
    """Ends a call with the code and the message of an error."""
    details = str(error)
    if len(details) > _LONGEST_DETAILS:
        details = details[:_LONGEST_DETAILS] + "..."
    await context.abort(_STATUS_CODES[error.code], details)


def answering(
    request_class: Any, method: Method, limit: CallLimit
) -> Callable[[bytes, Context], Awaitable[bytes]]:
    """Returns the behavior of a unary method.

    Args:
        request_class: The class of its requests.
        method: What answers.
        limit: Counts the requests.
    """
    parse = request_class.FromString
    request_name = request_class.DESCRIPTOR.name
    clock = asyncio.get_running_loop().time

    async def answer(data: bytes, context: Context) -> bytes:
        try:
            limit.add(len(data))
            try:
                remaining = context.time_remaining()
                deadline = None if remaining is None else clock() + remaining
                return await method(parse(data), deadline)
            finally:
                limit.remove(len(data))
        except DecodeError:
            error = StatusError(Code.INTERNAL, f"Failed to parse {request_name}.")
        except StatusError as raised:
            error = raised
        except Exception:
            logger.exception("A call with a %s failed", request_name)
            error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
        return await abort(context, error)

    return answer
