"""What every unary call of gRPC shares: bytes to a message, errors to a status."""

import asyncio
import contextlib
import dataclasses
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, NoReturn, Protocol

import grpc
import grpc.aio
import numpy as np
from google.protobuf.message import DecodeError

from serving.errors import Code, StatusError
from serving.protocol.large_messages import DETACHABLE, LARGE, detach
from serving.protocol.messages import POOL, message
from serving.transport.body_pool import BodyPool
from serving.transport.call import Call
from serving.transport.grpc_connections import close_connection
from serving.transport.pending_bytes import PendingBytes, Unread
from serving.transport.telemetry import Telemetry

logger = logging.getLogger(__name__)

INTERNAL_MESSAGE = "Internal error. The server's log says more."
_LONGEST_DETAILS = 2000  # characters; clients refuse trailers of more than 8 kB
_LONGEST_DRAIN = 1.0  # seconds
_SMALL = 2**16  # bytes of arrays that are not counted beside their message
_NOTHING = contextlib.nullcontext()
_QUIET = 0.1  # seconds without a call after which none is on its way
_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

Context = grpc.aio.ServicerContext
# Takes a message, the call, and what was detached from a large message.
Method = Callable[..., Awaitable[bytes]]


class CallLimit:
    """Bounds the bytes of requests that are being answered, and of answers.

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
        self._check(size)
        self._pending.count += size
        self._calls += 1

    def remove(self, size: int) -> None:
        """Forgets a request."""
        self._pending.count -= size
        self._calls -= 1

    def hold(self, size: int, context: Context) -> Unread:
        """Counts an answer until its client has taken it.

        A client that reads nothing could let the server fill its memory with answers.

        Raises:
            StatusError: RESOURCE_EXHAUSTED.
        """
        self._check(size)
        return self._pending.hold(size, lambda: close_connection(context.peer()))

    def let_go(self, answer: Unread) -> None:
        """Forgets an answer."""
        self._pending.let_go(answer)

    def holding(
        self, arrays: Mapping[str, np.ndarray]
    ) -> contextlib.AbstractContextManager[None]:
        """Counts the arrays of a request during the block, where they are large.

        A message of a few bytes may stand for a large array: the last value repeats.

        Raises:
            StatusError: RESOURCE_EXHAUSTED.
        """
        size = sum([array.nbytes for array in arrays.values()])
        return _NOTHING if size <= _SMALL else self._holding(size)

    @contextlib.contextmanager
    def _holding(self, size: int) -> Iterator[None]:
        self._check(size)
        self._pending.count += size
        try:
            yield
        finally:
            self._pending.count -= size

    def _check(self, size: int) -> None:
        if self._pending.is_full(size):
            raise StatusError(
                Code.RESOURCE_EXHAUSTED,
                f"Requests and answers of {self._pending.count} bytes are waiting "
                "already. Try again later.",
            )

    async def drain(self, seconds: float) -> None:
        """Refuses new calls, and waits until there are none, for a second at most.

        A server that stops cancels the calls that it has received and not yet begun,
        which no client repeats; it does repeat those that are UNAVAILABLE.
        """
        self._is_draining = True
        self._last_call = time.monotonic()  # One may be on its way.
        end = self._last_call + min(seconds, _LONGEST_DRAIN)
        while (now := time.monotonic()) < end and (
            self._calls or now - self._last_call < _QUIET
        ):
            await asyncio.sleep(_QUIET / 5)


class Reader:
    """Parses large messages in other processes, where they hold nobody up.

    Args:
        bodies: Those processes.
        max_bytes: A tensor that needs more is refused.
    """

    def __init__(self, bodies: BodyPool, max_bytes: int) -> None:
        self._bodies = bodies
        self._max_bytes = max_bytes

    async def read(
        self, message_class: Any, data: bytes, deadline: float | None
    ) -> tuple[Any, Any]:
        """Returns the message, and what was detached from it.

        Raises:
            StatusError: For what is no such message, and RESOURCE_EXHAUSTED for a
                message that has nothing to detach.
        """
        name = message_class.DESCRIPTOR.name
        if name not in DETACHABLE:
            raise StatusError(
                Code.RESOURCE_EXHAUSTED,
                f"A {name} may have {LARGE} bytes; received {len(data)}.",
            )
        arguments = (detach, name, data, self._max_bytes)
        rest, content = await self._bodies.run(*arguments, deadline=deadline)
        return message_class.FromString(rest), content


class Service(Protocol):
    """A service whose methods are unary."""

    def methods(self) -> Mapping[str, Method]:
        """Returns what answers each method, with a serialized message."""
        ...


@dataclasses.dataclass(frozen=True)
class Front:
    """What the calls of all services pass through.

    Args:
        limit: Counts the bytes of requests.
        reader: Reads large messages.
        telemetry: Takes the answered calls.
    """

    limit: CallLimit
    reader: Reader
    telemetry: Telemetry

    def unary(
        self, name: str, request_class: Any, method: Method
    ) -> grpc.RpcMethodHandler:
        """Returns the handler of a unary method.

        Args:
            name: `package.Service/Method`.
            request_class: The class of its requests.
            method: What answers.
        """
        limit, reader, telemetry = self.limit, self.reader, self.telemetry
        parse = request_class.FromString
        clock = asyncio.get_running_loop().time

        async def answer(data: bytes, context: Context) -> bytes:
            call, code, size = Call(), Code.CANCELLED, 0
            try:
                limit.add(len(data))
                try:
                    remaining = context.time_remaining()
                    if remaining is not None:
                        call.deadline = clock() + remaining
                    if len(data) <= LARGE:
                        response = await method(parse(data), call)
                    else:
                        message = await reader.read(request_class, data, call.deadline)
                        response = await method(message[0], call, message[1])
                finally:
                    limit.remove(len(data))
                unread = limit.hold(len(response), context)
                context.add_done_callback(lambda context: limit.let_go(unread))
                size = len(response)
                code = Code.OK
                return response
            except Exception as raised:
                error = status_of(raised, request_class)
                code = error.code
            finally:
                telemetry.answered_grpc(name, context, call, code, size)
            return await abort(context, error)

        return grpc.unary_unary_rpc_method_handler(answer)


class UnknownMethods(grpc.GenericRpcHandler):
    """Refuses what no other handler takes.

    Args:
        telemetry: Takes the refused calls.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """See `grpc.GenericRpcHandler`."""
        name = handler_call_details.method.removeprefix("/")

        async def refuse(
            requests: AsyncIterator[bytes], context: Context
        ) -> AsyncIterator[bytes]:
            with self._telemetry.stream(name, context, is_known=False):
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
            yield b""  # It is a generator, as the library expects of a stream.

        return grpc.stream_stream_rpc_method_handler(refuse)


def service_handler(
    name: str, service: Service, front: Front
) -> grpc.GenericRpcHandler:
    """Returns what a server of `grpc.aio` adds for a service.

    Args:
        name: The full name of one of `serving.protocol.messages`.
        service: What answers.
        front: What its calls pass through.
    """
    described = POOL.FindServiceByName(name).methods_by_name
    return grpc.method_handlers_generic_handler(
        name,
        {
            method: front.unary(
                f"{name}/{method}",
                message(described[method].input_type.full_name),
                answer,
            )
            for method, answer in service.methods().items()
        },
    )


def status_of(error: Exception, request_class: Any) -> StatusError:
    """Returns what a call ends with after an error, and logs one that is ours."""
    name = request_class.DESCRIPTOR.name
    if isinstance(error, StatusError):
        return error
    if isinstance(error, DecodeError):
        return StatusError(Code.INTERNAL, f"Failed to parse {name}.")
    logger.error("A call with a %s failed", name, exc_info=error)
    return StatusError(Code.INTERNAL, INTERNAL_MESSAGE)


async def abort(context: Context, error: StatusError) -> NoReturn:
    """Ends a call with the code and the message of an error."""
    details = str(error)
    if len(details) > _LONGEST_DETAILS:
        details = details[:_LONGEST_DETAILS] + "..."
    await context.abort(_STATUS_CODES[error.code], details)
