"""The dimensions of a search space, and how Optuna samples each."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Protocol


class Dimension(Protocol):
    """The search range of one argument."""

    def suggest(self, trial: Any, name: str) -> Any:
        """Samples a value from an Optuna trial."""
        ...

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns the parameters of a trial that yield `value`."""
        ...

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields each parameter of the trial with its range, as text."""
        ...


@dataclasses.dataclass(frozen=True)
class Choice:
    """A categorical dimension.

    Args:
        values: The categories.

    Example:

    >>> dict(Choice(("relu", "tanh")).describe("activation"))
    {'activation': 'relu, tanh'}
    """

    values: tuple[Any, ...]

    def suggest(self, trial: Any, name: str) -> Any:
        """Samples a value from an Optuna trial."""
        return trial.suggest_categorical(name, self.values)

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns the parameters of a trial that yield `value`."""
        return {name: value}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields the parameter with its values."""
        yield name, ", ".join(map(str, self.values))


@dataclasses.dataclass(frozen=True)
class Number:
    """A numerical dimension, of integers if its bounds are.

    Args:
        low: Lower bound, inclusive.
        high: Upper bound, inclusive.
        log: Whether to sample uniformly on a logarithmic scale.

    Example:

    >>> dict(Number(1e-4, 0.1, log=True).describe("learning_rate"))
    {'learning_rate': '0.0001 to 0.1, logarithmic'}
    """

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Any, name: str) -> Any:
        """Samples a value from an Optuna trial."""
        if isinstance(self.low, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns the parameters of a trial that yield `value`."""
        return {name: value}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields the parameter with its range."""
        yield name, f"{self.low} to {self.high}" + ", logarithmic" * self.log


@dataclasses.dataclass(frozen=True)
class Widths:
    """The widths of a stack of layers: depth, and width of the first layer.

    The other widths keep their ratio to the first one, so that two parameters are
    enough; layers beyond the reference are as wide as its last.

    Args:
        depth: Number of layers; `None` keeps that of the reference.
        width: Width of the first layer.
        reference: Widths with the ratios to keep.

    Example:

    >>> dimension = Widths(Number(1, 4), Number(2, 24, log=True), reference=(6, 16))
    >>> dimension.values(depth=3, width=12)
    (12, 32, 32)
    """

    depth: Number | None
    width: Number
    reference: tuple[int, ...]

    def values(self, depth: int, width: int) -> tuple[int, ...]:
        """Returns the width of each layer."""
        last = len(self.reference) - 1
        factors = [
            self.reference[min(i, last)] / self.reference[0] for i in range(depth)
        ]
        return tuple(max(1, round(width * factor)) for factor in factors)

    def suggest(self, trial: Any, name: str) -> tuple[int, ...]:
        """Samples a value from an Optuna trial."""
        depth = len(self.reference)
        if self.depth is not None:
            depth = self.depth.suggest(trial, f"{name}.depth")
        return self.values(depth, self.width.suggest(trial, f"{name}.width"))

    def parameters(self, name: str, value: Any) -> dict[str, Any]:
        """Returns the parameters of a trial that yield `value`."""
        depth = {} if self.depth is None else {f"{name}.depth": len(value)}
        return depth | {f"{name}.width": value[0]}

    def describe(self, name: str) -> Iterator[tuple[str, str]]:
        """Yields both parameters with their ranges."""
        if self.depth is not None:
            yield from self.depth.describe(f"{name}.depth")
        yield from self.width.describe(f"{name}.width")
