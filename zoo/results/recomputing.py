"""Published metrics, recomputed from the shipped weights."""

import dataclasses
from collections.abc import Iterator

from zoo import weights
from zoo.discovery import natural
from zoo.errors import MissingDataError
from zoo.inference.evaluate import evaluate


@dataclasses.dataclass(frozen=True)
class Recomputed:
    """The recomputed test metrics of one model.

    Args:
        name: Of a model whose weights ship.
        published: The published test metrics.
        tolerance: Of each metric: processors round differently.
        recomputed: The same metrics now; empty where the data is missing.
        missing: How to get the data, where it is missing.
    """

    name: str
    published: dict[str, float]
    tolerance: dict[str, float]
    recomputed: dict[str, float]
    missing: str = ""

    @property
    def off(self) -> dict[str, float]:
        """The metrics that differ by more than their tolerance, with the difference."""
        found = {}
        for metric, value in self.recomputed.items():
            difference = abs(value - self.published[metric])
            # Not `>`: what is not a number is off as well.
            if not difference <= self.tolerance[metric]:
                found[metric] = difference
        return found

    @property
    def state(self) -> str:
        """`same`, `off`, or `no data`."""
        if self.missing:
            return "no data"
        return "off" if self.off else "same"


def recompute() -> Iterator[Recomputed]:
    """Evaluates every model that ships weights on its test split, one by one.

    Raises:
        ZooError: If weights or data are damaged.
    """
    for name in sorted(weights.index(), key=natural):
        entry = weights.index()[name]
        metrics, missing = {}, ""
        try:
            # Some were measured before a metric was added.
            found = evaluate(name)
            metrics = {key: found[key] for key in entry["metrics"]}
        except MissingDataError as error:
            missing = str(error)
        yield Recomputed(name, entry["metrics"], entry["tolerance"], metrics, missing)
