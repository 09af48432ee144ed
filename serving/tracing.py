"""OpenTelemetry traces: a span for each request, with the stages of an inference.

Switched on by the standard variables of the environment, `OTEL_EXPORTER_OTLP_ENDPOINT`
or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; without them nothing of the library is loaded,
which comes with the extra `telemetry`.
"""

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from serving.errors import ServingError

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 1.0
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

Attributes = Mapping[str, str | int]


class Tracer:
    """Sends a span for each request to a collector, in the background.

    Args:
        exporter: A span exporter of OpenTelemetry; that of OTLP over HTTP if None.

    Raises:
        ServingError: Without the libraries.
    """

    def __init__(self, exporter: Any = None) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import (
                TraceContextTextMapPropagator,
            )
        except ImportError:
            raise ServingError(
                f"{' or '.join(_ENDPOINTS)} is set, but OpenTelemetry is missing. "
                'Install it with: pip install "keras-serving-zoo[telemetry]"'
            ) from None
        name = os.environ.get("OTEL_SERVICE_NAME", "zoo-serve")
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": name})
        )
        processor = BatchSpanProcessor(exporter or OTLPSpanExporter())
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("serving")
        self._propagator = TraceContextTextMapPropagator()

    def start(
        self,
        name: str,
        carrier: Mapping[str, str],
        attributes: Attributes,
        started: float,
    ) -> Any:
        """Returns the span of a request.

        Args:
            name: Of the span.
            carrier: Headers or metadata of the request, by name in lower case;
                `traceparent` (W3C) says whose child the span is.
            attributes: Of the span.
            started: Of `time.perf_counter`, when it begins.
        """
        from opentelemetry.trace import SpanKind

        return self._tracer.start_span(
            name,
            context=self._propagator.extract(carrier),
            kind=SpanKind.SERVER,
            attributes=dict(attributes),
            start_time=_wall_time(started),
        )

    def start_child(
        self, parent: Any, name: str, attributes: Attributes, started: float
    ) -> Any:
        """Returns the span of a part of a request."""
        from opentelemetry.trace import set_span_in_context

        return self._tracer.start_span(
            name,
            context=set_span_in_context(parent),
            attributes=dict(attributes),
            start_time=_wall_time(started),
        )

    def end(
        self,
        span: Any,
        attributes: Attributes,
        stages: Sequence[str],
        times: Sequence[float],
        is_error: bool = False,
    ) -> None:
        """Ends a span.

        Args:
            span: The span.
            attributes: What is known of it by now.
            stages: Names of its children.
            times: Of `time.perf_counter`: its beginning, and the end of each child that
                was reached, of which the last one is its own.
            is_error: Whether it failed for a reason that is not its client's.
        """
        from opentelemetry.trace import StatusCode, set_span_in_context

        if not span.is_recording():  # The sampler has not taken it.
            return
        context = set_span_in_context(span)
        offset = span.start_time - round(times[0] * 1e9)
        clock = [round(seconds * 1e9) + offset for seconds in times]
        for stage, begin, end in zip(stages, clock, clock[1:], strict=False):
            child = self._tracer.start_span(stage, context=context, start_time=begin)
            child.end(end)
        span.set_attributes(attributes)
        if is_error:
            span.set_status(StatusCode.ERROR)
        span.end(clock[-1])

    def close(self) -> None:
        """Sends what has not been sent, as far as the collector takes it by then."""
        # The library tries again for half a minute, also where nobody listens.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            logger.warning("The collector does not answer: the last traces are lost.")


def tracer_from_environment() -> Tracer | None:
    """Returns a tracer if an endpoint is configured.

    Raises:
        ServingError: When the libraries are missing.
    """
    configured = any(os.environ.get(name) for name in _ENDPOINTS)
    if not configured or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    return Tracer()


def _wall_time(seconds: float) -> int:
    """Returns a time of `time.perf_counter` in nanoseconds since 1970."""
    return time.time_ns() + round((seconds - time.perf_counter()) * 1e9)
