"""What every unary call of gRPC shares: bytes to a message, errors to a status."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NoReturn, Protocol

import grpc
import grpc.aio
import numpy as np
from google.protobuf.message import DecodeError

from serving.errors import Code, StatusError
from serving.metrics import Metrics
from serving.models.manager import ModelManager
from serving.protocol.large_messages import DETACHABLE, LARGE, detach
from serving.protocol.messages import POOL, message
from serving.transport.body_pool import BodyPool
from serving.transport.pending_bytes import PendingBytes

logger = logging.getLogger(__name__)

INTERNAL_MESSAGE = "Internal error. The server's log says more."
_LONGEST_DETAILS = 2000  # characters; clients refuse trailers of more than 8 kB
_LONGEST_DRAIN = 1.0  # seconds
_SMALL = 2**16  # bytes of arrays that are not counted beside their message
_QUIET = 0.1  # seconds without a call after which none is on its way
_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

Context = grpc.aio.ServicerContext
# Takes a message, the time of the event loop's clock at which nobody waits any more,
# and what was detached from a large message.
Method = Callable[..., Awaitable[bytes]]


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
        self._check(size)
        self._pending.count += size
        self._calls += 1

    def remove(self, size: int) -> None:
        """Forgets a request."""
        self._pending.count -= size
        self._calls -= 1

    @contextlib.contextmanager
    def holding(self, arrays: Mapping[str, np.ndarray]) -> Iterator[None]:
        """Counts the arrays of a request during the block, where they are large.

        A message of a few bytes may stand for a large array: the last value repeats.

        Raises:
            StatusError: RESOURCE_EXHAUSTED.
        """
        size = sum([array.nbytes for array in arrays.values()])
        if size <= _SMALL:
            yield
            return
        self._check(size)
        self._pending.count += size
        try:
            yield
        finally:
            self._pending.count -= size

    def _check(self, size: int) -> None:
        if self._pending.count + size > self._pending.limit:
            raise StatusError(
                Code.RESOURCE_EXHAUSTED,
                f"Requests of {self._pending.count} bytes are waiting already. "
                "Try again later.",
            )

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


def service_handler(
    name: str, service: Service, limit: CallLimit, reader: Reader
) -> grpc.GenericRpcHandler:
    """Returns what a server of `grpc.aio` adds for a service.

    Args:
        name: The full name of one of `serving.protocol.messages`.
        service: What answers.
        limit: Counts the requests.
        reader: Reads large messages.
    """
    described = POOL.FindServiceByName(name).methods_by_name
    return grpc.method_handlers_generic_handler(
        name,
        {
            method: grpc.unary_unary_rpc_method_handler(
                answering(
                    message(described[method].input_type.full_name), call, limit, reader
                )
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
    request_class: Any, method: Method, limit: CallLimit, reader: Reader
) -> Callable[[bytes, Context], Awaitable[bytes]]:
    """Returns the behavior of a unary method.

    Args:
        request_class: The class of its requests.
        method: What answers.
        limit: Counts the requests.
        reader: Reads large messages.
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
                if len(data) <= LARGE:
                    return await method(parse(data), deadline)
                request, content = await reader.read(request_class, data, deadline)
                return await method(request, deadline, content)
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


def counted_method(
    api: str,
    method: Method,
    model_name: Callable[[Any], str],
    metrics: Metrics,
    manager: ModelManager,
) -> Method:
    """Returns a method that counts its calls.

    Args:
        api: What metrics call it.
        method: What answers.
        model_name: Returns the model of a request.
        metrics: Where they are counted.
        manager: Knows the models.
    """

    async def call(request: Any, deadline: float | None, *content: Any) -> bytes:
        started, code = time.perf_counter(), Code.CANCELLED
        try:
            answer = await method(request, deadline, *content)
            code = Code.OK
            return answer
        except StatusError as error:
            code = error.code
            raise
        except Exception:
            code = Code.INTERNAL
            raise
        finally:
            name = model_name(request)
            # Names that clients make up are not counted: they would never end.
            if code is Code.OK or name in manager.names():
                seconds = time.perf_counter() - started
                metrics.answered(name, api, "GRPC", code.name, seconds)

    return call
