"""What becomes known of a request: metrics, a line of the access log, a trace.

Every transport tells it of each request once, when the answer is known, so no protocol
is left out. APIs and services only note in a `Call` what they do for the request.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from serving.errors import Code
from serving.metrics import STAGES, Metrics
from serving.models.manager import ModelManager
from serving.tracing import Tracer
from serving.transport import span_attributes
from serving.transport.access_log import log_access
from serving.transport.call import Call
from serving.transport.http_messages import HttpRequest, HttpResponse


class GrpcContext(Protocol):
    """What is asked of the context of a call."""

    def peer(self) -> str:
        """Returns who calls."""
        ...

    def invocation_metadata(self) -> Iterable[Any] | None:
        """Returns the metadata of the request, pairs of key and value."""
        ...

    def code(self) -> Any:
        """Returns the code that it was ended with."""
        ...


class Telemetry:
    """Counts, logs and traces the requests of all transports.

    Args:
        metrics: What it counts in, or None where nobody asks.
        manager: Knows the models.
        tracer: Records requests, or None.
        access_log: Whether each request is a line of the log.
    """

    def __init__(
        self,
        metrics: Metrics | None,
        manager: ModelManager,
        tracer: Tracer | None = None,
        access_log: bool = False,
    ) -> None:
        self._metrics = metrics
        self._manager = manager
        self._tracer = tracer
        self._access_log = access_log

    def answered_http(
        self,
        request: HttpRequest,
        method: str,
        client: str,
        response: HttpResponse,
        size: int,
    ) -> None:
        """Takes a request that has been answered.

        Args:
            request: The request.
            method: As it was sent; `HEAD` is handled as `GET`.
            client: Host and port.
            response: The answer.
            size: Bytes of its body, as sent.
        """
        end, call = time.perf_counter(), request.call
        if call is not None:
            self._count(call, "REST", response.code, end)
        if self._access_log:
            log_access(
                method,
                request.path,
                client,
                response.status,
                size,
                end - request.started,
            )
        if self._tracer is None or not method:  # What was malformed has none.
            return
        route = request.route
        span = self._tracer.start(
            span_attributes.http_span_name(method, route),
            request.headers,
            span_attributes.http_request_attributes(
                method, request.path, request.query, route, request.headers, client
            ),
            request.started,
        )
        attributes, is_error = span_attributes.http_response_attributes(response.status)
        times = [request.started] if call is None else call.times
        self._end(span, attributes, call, [*times, end], is_error)

    def answered_grpc(
        self, method: str, context: GrpcContext, call: Call, code: Code, size: int
    ) -> None:
        """Takes a unary call that has been answered.

        Args:
            method: `package.Service/Method`.
            context: Of the call.
            call: What was noted of it.
            code: How it ended.
            size: Bytes of the answer.
        """
        end = time.perf_counter()
        if call.api:
            self._count(call, "GRPC", code, end)
        if self._access_log:
            self._log_grpc(method, context.peer(), code, size, end - call.times[0])
        if self._tracer is not None:
            span = self._start_grpc(self._tracer, method, context, call.times[0])
            attributes, is_error = span_attributes.grpc_response_attributes(code)
            self._end(span, attributes, call, [*call.times, end], is_error)

    @contextlib.contextmanager
    def stream(
        self, method: str, context: GrpcContext, is_known: bool = True
    ) -> Iterator["Stream"]:
        """Takes what happens in the block for a stream, or a call of no model.

        Args:
            method: `package.Service/Method`.
            context: Of the call.
            is_known: Whether there is such a method.
        """
        started, code, span = time.perf_counter(), Code.OK, None
        # A stream that its client left may be closed when grpc has freed the call,
        # and asking the context then ends the process.
        peer = context.peer()
        if self._tracer is not None:
            tracer = self._tracer
            span = self._start_grpc(tracer, method, context, started, is_known)
        stream = Stream(self, span)
        try:
            yield stream
        except GeneratorExit:
            code = Code.CANCELLED
            raise
        except BaseException:
            # A `grpc.StatusCode`, or 0 before it was ended.
            ended = getattr(context.code(), "value", (0,))[0]
            code = Code(ended or Code.CANCELLED)
            raise
        finally:
            end = time.perf_counter()
            if self._access_log:
                self._log_grpc(method, peer, code, stream.size, end - started)
            attributes, is_error = span_attributes.grpc_response_attributes(code)
            self._end(span, attributes, None, [started, end], is_error)

    def answered_message(self, call: Call, code: Code, span: object) -> None:
        """Takes a request of a stream, which has the span."""
        end = time.perf_counter()
        self._count(call, "GRPC", code, end)
        if self._tracer is not None:
            child = self._tracer.start_child(span, call.api, {}, call.times[0])
            attributes, is_error = span_attributes.grpc_response_attributes(code)
            self._end(child, attributes, call, [*call.times, end], is_error)

    def _count(self, call: Call, entrypoint: str, code: Code, end: float) -> None:
        metrics, name, times = self._metrics, call.model_name, call.times
        if metrics is None:
            return
        # Names that clients make up are not counted: they would never end.
        if code is not Code.OK and name not in self._manager.names():
            return
        metrics.answered(name, call.api, entrypoint, code.name, end - times[0])
        if code is Code.OK:
            metrics.observe_stages(name, entrypoint, [*times, end])

    def _log_grpc(
        self, method: str, peer: str, code: Code, size: int, seconds: float
    ) -> None:
        client = span_attributes.peer_address(peer)
        log_access("POST", f"/{method}", client, 200, size, seconds, code.name)

    def _start_grpc(
        self,
        tracer: Tracer,
        method: str,
        context: GrpcContext,
        started: float,
        is_known: bool = True,
    ) -> object:
        carrier = {
            key: value
            for key, value in context.invocation_metadata() or ()
            if isinstance(value, str)
        }
        name = method if is_known else span_attributes.OTHER
        attributes = span_attributes.grpc_request_attributes(name, context.peer())
        if not is_known:
            attributes["rpc.method_original"] = method
        return tracer.start(name, carrier, attributes, started)

    def _end(
        self,
        span: object,
        attributes: span_attributes.Attributes,
        call: Call | None,
        times: list[float],
        is_error: bool,
    ) -> None:
        if self._tracer is None:
            return
        stages: tuple[str, ...] = ()
        if call is not None and call.api:
            attributes |= span_attributes.model_attributes(call)
            stages = STAGES
        self._tracer.end(span, attributes, stages, times, is_error)


class Stream:
    """A stream of requests, each of which is answered for itself.

    Args:
        telemetry: Takes the requests.
        span: Of the stream.

    Attributes:
        size: Bytes of the answers so far.
    """

    def __init__(self, telemetry: Telemetry, span: object) -> None:
        self.size = 0
        self._telemetry = telemetry
        self._span = span

    def answered(self, call: Call, code: Code, size: int) -> None:
        """Takes a request that has been answered."""
        self.size += size
        self._telemetry.answered_message(call, code, self._span)
