"""The replay memory: the last transitions, of which random ones are drawn."""

from typing import Any

import numpy as np

from zoo.training.control.experience import Step


class Kept:
    """An array that checkpoints read and write as they do a variable.

    Args:
        value: The array.
    """

    def __init__(self, value: np.ndarray) -> None:
        self.value = value

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.value.shape

    def assign(self, value: np.ndarray) -> None:
        """Takes other values."""
        self.value[...] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype)


class Memory:
    """Transitions in a ring: the oldest make room for new ones.

    Args:
        capacity: How many there may be.
        shape: Shape of an observation.
    """

    def __init__(self, capacity: int, shape: tuple[int, ...]) -> None:
        self._before = np.zeros((capacity, *shape), "float32")
        self._after = np.zeros((capacity, *shape), "float32")
        self._actions = np.zeros(capacity, "int32")
        self._rewards = np.zeros(capacity, "float32")
        self._terminated = np.zeros(capacity, bool)
        self._added = np.zeros(1, "int64")

    def __len__(self) -> int:
        """Number of transitions."""
        return min(int(self._added[0]), len(self._actions))

    def variables(self) -> list[Kept]:
        """Returns all that it holds."""
        arrays = (
            *(self._before, self._after, self._actions),
            *(self._rewards, self._terminated, self._added),
        )
        return [Kept(array) for array in arrays]

    def add(self, step: Step) -> None:
        """Adds a transition of each copy."""
        count = len(step.actions)
        places = (int(self._added[0]) + np.arange(count)) % len(self._actions)
        self._before[places], self._after[places] = step.before, step.after
        self._actions[places], self._rewards[places] = step.actions, step.rewards
        self._terminated[places] = step.terminated
        self._added += count

    def draw(self, count: int, generator: np.random.Generator) -> Step:
        """Draws transitions, each as likely as any other."""
        places = generator.integers(len(self), size=count)
        return Step(
            self._before[places],
            self._actions[places],
            self._rewards[places],
            self._after[places],
            self._terminated[places],
            np.zeros(count, bool),
        )
