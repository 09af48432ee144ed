"""What a load did to a server."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.bench.load import Load

PERCENTILES = (50, 90, 99, 99.9)


@dataclasses.dataclass(frozen=True)
class Measurement:
    """The answers to a load.

    Args:
        load: The load.
        latencies: Seconds of each request that was answered.
        errors: How many others, by kind.
        in_time: Answers that came in the measured time.
        words: What the server said with an error of each kind.
    """

    load: Load
    latencies: np.ndarray
    errors: Mapping[str, int]
    in_time: int
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return self.in_time / self.load.seconds

    def percentile(self, percent: float) -> float:
        """Returns a percentile of the latencies in milliseconds, NaN without any.

        Example:

        >>> thousand = Measurement(Load(), np.arange(1000) / 1000, {}, 1000)
        >>> thousand.percentile(99.9)
        998.0
        """
        if not len(self.latencies):
            return float("nan")
        return 1000 * float(np.percentile(self.latencies, percent, method="lower"))

    def as_json(self) -> dict[str, Any]:
        """Returns the fields for a script; a latency is None without any."""
        found = {
            f"p{percent:g}_ms": self.percentile(percent) for percent in PERCENTILES
        }
        return {
            "concurrency": self.load.concurrency,
            "rate": self.load.rate,
            "throughput": self.throughput,
            **{
                name: None if value != value else value for name, value in found.items()
            },
            "answered": len(self.latencies),
            "errors": dict(self.errors),
            "words": dict(self.words),
        }
