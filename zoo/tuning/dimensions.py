"""The kinds of things that a search may vary, and how Optuna is asked for each."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Protocol


class Dimension(Protocol):
    """What one argument may be."""

    def suggest(self, trial: Any, name: str) -> Any:
        """Asks an Optuna trial for a value."""
        ...

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns what the trial would have been given to come to `value`."""
        ...

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields each of Optuna's parameters with its range, in words."""
        ...


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of several values.

    Args:
        values: To choose from.

    Example:

    >>> dict(Choice(("relu", "tanh")).describe("activation"))
    {'activation': 'relu, tanh'}
    """

    values: tuple[Any, ...]

    def suggest(self, trial: Any, name: str) -> Any:
        """Asks an Optuna trial for a value."""
        return trial.suggest_categorical(name, self.values)

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns what the trial would have been given to come to `value`."""
        return {name: value}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields the parameter with its values."""
        yield name, ", ".join(map(str, self.values))


@dataclasses.dataclass(frozen=True)
class Number:
    """A number between two others: an integer where these are.

    Args:
        low: The least.
        high: The greatest.
        log: Whether ratios count, and not differences.

    Example:

    >>> dict(Number(1e-4, 0.1, log=True).describe("learning_rate"))
    {'learning_rate': '0.0001 to 0.1, logarithmic'}
    """

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Any, name: str) -> Any:
        """Asks an Optuna trial for a value."""
        if isinstance(self.low, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns what the trial would have been given to come to `value`."""
        return {name: value}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields the parameter with its range."""
        yield name, f"{self.low} to {self.high}" + ", logarithmic" * self.log


@dataclasses.dataclass(frozen=True)
class Widths:
    """The widths of a stack of layers: their number, and the width of the first.

    The others keep their proportion to the first one, so that two parameters are
    enough; further layers are as wide as the last.

    Args:
        depth: Number of layers; `None` leaves it as it is.
        width: Of the first layer.
        like: The widths that the proportions come from.

    Example:

    >>> dimension = Widths(Number(1, 4), Number(2, 24, log=True), like=(6, 16))
    >>> dimension.values(depth=3, width=12)
    (12, 32, 32)
    """

    depth: Number | None
    width: Number
    like: tuple[int, ...]

    def values(self, depth: int, width: int) -> tuple[int, ...]:
        """Returns the width of each layer."""
        last = len(self.like) - 1
        factors = [self.like[min(i, last)] / self.like[0] for i in range(depth)]
        return tuple(max(1, round(width * factor)) for factor in factors)

    def suggest(self, trial: Any, name: str) -> tuple[int, ...]:
        """Asks an Optuna trial for a value."""
        depth = len(self.like)
        if self.depth is not None:
            depth = self.depth.suggest(trial, f"{name}.depth")
        return self.values(depth, self.width.suggest(trial, f"{name}.width"))

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns what the trial would have been given to come to `value`."""
        depth = {} if self.depth is None else {f"{name}.depth": len(value)}
        return depth | {f"{name}.width": value[0]}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields both parameters with their ranges."""
        if self.depth is not None:
            yield from self.depth.describe(f"{name}.depth")
        yield from self.width.describe(f"{name}.width")
