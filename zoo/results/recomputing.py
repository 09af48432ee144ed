"""Published figures, computed once more from the weights that ship."""

import dataclasses
from collections.abc import Iterator

from zoo import weights
from zoo.errors import MissingDataError
from zoo.inference.evaluate import evaluate
from zoo.registry import list_models


@dataclasses.dataclass(frozen=True)
class Recomputed:
    """The figures of one model.

    Args:
        name: Of a model whose weights ship.
        published: Figures on the test split, when the weights were made.
        spread: How far each may be off: processors round differently.
        recomputed: The same figures now; empty where the data is not at hand.
        missing: What to do to have the data, where it is not at hand.
    """

    name: str
    published: dict[str, float]
    spread: dict[str, float]
    recomputed: dict[str, float]
    missing: str = ""

    @property
    def off(self) -> dict[str, float]:
        """The figures that differ by more than their spread, and by how much."""
        found = {}
        for figure, value in self.recomputed.items():
            difference = abs(value - self.published[figure])
            # Not `>`: what is not a number is off as well.
            if not difference <= self.spread[figure]:
                found[figure] = difference
        return found

    @property
    def state(self) -> str:
        """`same`, `off`, or `no data`."""
        if self.missing:
            return "no data"
        return "off" if self.off else "same"


def recompute() -> Iterator[Recomputed]:
    """Scores every model that ships weights on its test split, one after the other.

    Raises:
        ZooError: If weights or data are damaged.
    """
    for name in list_models(pretrained=True):
        entry = weights.index()[name]
        figures, missing = {}, ""
        try:
            figures = evaluate(name)
        except MissingDataError as error:
            missing = str(error)
        yield Recomputed(name, entry["metrics"], entry["spread"], figures, missing)
