"""OpenTelemetry traces: a span for each inference request, with its stages.

Switched on by the standard variables of the environment, `OTEL_EXPORTER_OTLP_ENDPOINT`
or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; without them nothing of the library is loaded,
which comes with the extra `telemetry`.
"""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from serving.errors import Code, ServingError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


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

    def record(
        self,
        name: str,
        headers: Mapping[str, str],
        attributes: Mapping[str, str | int],
        stages: Sequence[str],
        times: Sequence[float],
        code: Code,
    ) -> None:
        """Records a request that has been answered.

        Args:
            name: Of the span, such as `predict lenet5`.
            headers: Of the request; `traceparent` (W3C) says whose child the span is.
            attributes: Of the span.
            stages: Names of the child spans.
            times: Of `time.perf_counter`: the beginning, and the end of each stage that
                was reached.
            code: How it ended.
        """
        from opentelemetry.trace import StatusCode, set_span_in_context

        offset = time.time_ns() - round(time.perf_counter() * 1e9)
        clock = [round(seconds * 1e9) + offset for seconds in times]
        span = self._tracer.start_span(
            name,
            context=self._propagator.extract(headers),
            attributes=dict(attributes),
            start_time=clock[0],
        )
        context = set_span_in_context(span)
        for stage, begin, end in zip(stages, clock, clock[1:], strict=False):
            child = self._tracer.start_span(stage, context=context, start_time=begin)
            child.end(end)
        if code is not Code.OK:
            span.set_status(StatusCode.ERROR, code.name)
        span.end(clock[-1])

    def close(self) -> None:
        """Sends what has not been sent."""
        self._provider.shutdown()


def tracer_from_environment() -> Tracer | None:
    """Returns a tracer if an endpoint is configured.

    Raises:
        ServingError: When the libraries are missing.
    """
    configured = any(os.environ.get(name) for name in _ENDPOINTS)
    if not configured or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    return Tracer()
