"""Counters and histograms of a worker, and the Prometheus page of all workers.

Names and labels are TensorFlow Serving's where it has the metric. Recording one is an
addition to a list: it costs less than a microsecond.
"""

import bisect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Bounds in microseconds: 10, 18, 32.4, ... 25 minutes, as in TensorFlow Serving.
LATENCY_BOUNDS = [10 * 1.8**index for index in range(33)]
STAGES = ("parse", "inference", "encode")
COUNT_BOUNDS = [float(2**index) for index in range(15)]

REQUEST_COUNT = ":tensorflow:serving:request_count"
REQUEST_LATENCY = ":tensorflow:serving:request_latency"
STAGE_LATENCY = ":zoo:serving:stage_latency"
BATCH_SIZE = ":zoo:serving:batch_size"
QUEUE_LENGTH = ":zoo:serving:queue_length"
RUNNING = ":zoo:serving:running_inferences"
REJECTED_COUNT = ":zoo:serving:rejected_count"
EXPIRED_COUNT = ":zoo:serving:expired_count"
LOAD_COUNT = ":tensorflow:cc:saved_model:load_attempt_count"
LOAD_LATENCY = ":tensorflow:cc:saved_model:load_latency"
OPEN_CONNECTIONS = ":zoo:serving:http:open_connections"
REFUSED_CONNECTIONS = ":zoo:serving:http:refused_connections"
PENDING_BYTES = ":zoo:serving:pending_bytes"

_LABELS = {
    REQUEST_COUNT: ("model_name", "status"),
    REQUEST_LATENCY: ("model_name", "API", "entrypoint"),
    STAGE_LATENCY: ("model_name", "entrypoint", "stage"),
    BATCH_SIZE: ("model_name",),
    QUEUE_LENGTH: ("model_name",),
    RUNNING: ("model_name",),
    REJECTED_COUNT: ("model_name",),
    EXPIRED_COUNT: ("model_name",),
    LOAD_COUNT: ("model_path", "status"),
    LOAD_LATENCY: ("model_path",),
}
_TYPES = {
    REQUEST_COUNT: "counter",
    LOAD_COUNT: "counter",
    REFUSED_CONNECTIONS: "counter",
    LOAD_LATENCY: "counter",
    QUEUE_LENGTH: "gauge",
    RUNNING: "gauge",
    REJECTED_COUNT: "counter",
    EXPIRED_COUNT: "counter",
    OPEN_CONNECTIONS: "gauge",
    PENDING_BYTES: "gauge",
}
_BOUNDS = {
    REQUEST_LATENCY: LATENCY_BOUNDS,
    STAGE_LATENCY: LATENCY_BOUNDS,
    BATCH_SIZE: COUNT_BOUNDS,
}

Labels = tuple[str, ...]
Snapshot = list[Any]


class Metrics:
    """What one worker counts; used in the thread of its event loop.

    Example:

    >>> metrics = Metrics()
    >>> metrics.count(REQUEST_COUNT, ("lenet5", "OK"))
    >>> metrics.observe(STAGE_LATENCY, ("lenet5", "REST", "parse"), 25.0)
    >>> print(prometheus_page([metrics.snapshot()]).splitlines()[1])
    :tensorflow:serving:request_count{model_name="lenet5",status="OK"} 1
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, Labels], float] = {}
        self._histograms: dict[tuple[str, Labels], list[float]] = {}
        self._stages: dict[tuple[str, str], list[list[float]]] = {}

    def count(self, name: str, labels: Labels = (), amount: float = 1) -> None:
        """Adds to a counter."""
        key = (name, labels)
        self._numbers[key] = self._numbers.get(key, 0) + amount

    def set(self, name: str, labels: Labels, value: float) -> None:
        """Sets a gauge."""
        self._numbers[name, labels] = value

    def observe(self, name: str, labels: Labels, value: float) -> None:
        """Adds a value to a histogram."""
        buckets = self._histograms.get((name, labels)) or self._buckets(name, labels)
        buckets[bisect.bisect_left(_BOUNDS[name], value)] += 1
        buckets[-1] += value

    def observe_stages(
        self, name: str, entrypoint: str, times: Sequence[float]
    ) -> None:
        """Adds the duration of each stage of a request.

        Args:
            name: The model.
            entrypoint: `GRPC` or `REST`.
            times: In seconds, when the first stage began and each one ended.
        """
        stages = self._stages.get((name, entrypoint))
        if stages is None:
            stages = self._stages[name, entrypoint] = [
                self._buckets(STAGE_LATENCY, (name, entrypoint, stage))
                for stage in STAGES
            ]
        begin = times[0]
        for buckets, end in zip(stages, times[1:], strict=False):
            value = (end - begin) * 1e6
            buckets[bisect.bisect_left(LATENCY_BOUNDS, value)] += 1
            buckets[-1] += value
            begin = end

    def _buckets(self, name: str, labels: Labels) -> list[float]:
        """Returns those of a new histogram."""
        # One for each bound, one beyond, and the sum.
        buckets = self._histograms[name, labels] = [0.0] * (len(_BOUNDS[name]) + 2)
        return buckets

    def set_histogram(
        self, name: str, labels: Labels, counts: Mapping[int, int]
    ) -> None:
        """Sets a histogram to how often each value came."""
        bounds = _BOUNDS[name]
        buckets = [0.0] * (len(bounds) + 2)
        for value, count in counts.items():
            buckets[bisect.bisect_left(bounds, value)] += count
            buckets[-1] += value * count
        self._histograms[name, labels] = buckets

    def answered(
        self, name: str, api: str, entrypoint: str, code: str, seconds: float
    ) -> None:
        """Counts a request, and how long it took if it succeeded.

        Args:
            name: A model that exists: names that clients make up would never end.
            api: `Predict`, ...
            entrypoint: `GRPC` or `REST`.
            code: Name of the canonical code.
            seconds: From the request to the answer.
        """
        self.count(REQUEST_COUNT, (name, code))
        if code == "OK":
            self.observe(REQUEST_LATENCY, (name, api, entrypoint), seconds * 1e6)

    def snapshot(self) -> Snapshot:
        """Returns all values, as JSON and pickle can carry them."""
        rows = [*self._numbers.items(), *self._histograms.items()]
        return [[name, list(labels), value] for (name, labels), value in rows]


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Adds the values of several workers.

    Example:

    >>> merge([[["n", ["a"], 1]], [["n", ["a"], 2], ["h", [], [1, 0.5]]]])
    [['n', ['a'], 3], ['h', [], [1, 0.5]]]
    """
    merged: dict[tuple[str, Labels], Any] = {}
    for snapshot in snapshots:
        for name, labels, value in snapshot:
            key = (name, tuple(labels))
            if key not in merged:
                merged[key] = value
            elif isinstance(value, list):
                pairs = zip(merged[key], value, strict=True)
                merged[key] = [first + second for first, second in pairs]
            else:
                merged[key] += value
    return [[name, list(labels), value] for (name, labels), value in merged.items()]


def prometheus_page(snapshots: Iterable[Snapshot]) -> str:
    """Writes the sum of all workers in Prometheus' text format."""
    lines, last = [], None
    for name, labels, value in sorted(merge(snapshots), key=lambda row: row[:2]):
        if name != last:
            lines.append(f"# TYPE {name} {_TYPES.get(name, 'histogram')}")
            last = name
        pairs = [
            f'{key}="{_escape(text)}"'
            for key, text in zip(_LABELS.get(name, ()), labels, strict=True)
        ]
        if isinstance(value, list):
            lines += _histogram_lines(name, pairs, value)
        else:
            lines.append(f"{name}{{{','.join(pairs)}}} {value:g}")
    return "\n".join(lines) + "\n"


def _histogram_lines(name: str, pairs: list[str], values: list[float]) -> list[str]:
    *counts, total = values
    lines, cumulative = [], 0
    for bound, count in zip([*_BOUNDS[name], None], counts, strict=True):
        cumulative += count
        limit = "+Inf" if bound is None else f"{bound:.6g}"
        labels = ",".join([*pairs, f'le="{limit}"'])
        lines.append(f"{name}_bucket{{{labels}}} {cumulative:.0f}")
    labels = ",".join(pairs)
    lines.append(f"{name}_sum{{{labels}}} {total:.10g}")
    lines.append(f"{name}_count{{{labels}}} {cumulative:.0f}")
    return lines


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
