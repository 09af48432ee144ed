"""What an environment is, and how it is found by name."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from zoo.discovery import Registry
from zoo.errors import DatasetError

_GYMNASIUM_ID = re.compile(r"[\w:./-]+-v\d+")


class VectorEnvironment(Protocol):
    """Several copies of an environment that are stepped together.

    These are the methods of `gymnasium.vector.VectorEnv` without automatic resets.
    """

    def reset(
        self,
        *,
        seed: list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begins new episodes.

        Args:
            seed: Of the random numbers of each copy; None goes on with those it has.
            options: `reset_mask`, an array that says which copies are reset; all
                without it.

        Returns:
            The observations of all copies, and further information.
        """
        ...

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Takes an action in each copy.

        Returns:
            Observations, rewards, whether the episode has ended by itself
            (terminated) or by a limit (truncated), and further information.
        """
        ...

    def close(self) -> None:
        """Frees what it holds."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment with discrete actions and observations of one shape.

    Args:
        name: Its name.
        actions: Name of each action.
        shape: Shape of an observation.
        make: Makes so many copies that are stepped together.
    """

    name: str
    actions: tuple[str, ...]
    shape: tuple[int, ...]
    make: Callable[[int], VectorEnvironment]


Maker = Callable[[], Environment]
ENVIRONMENTS: Registry[Maker] = Registry(
    "environment", "zoo.environments", "`zoo.list_environments()` names them all."
)


def register_environment(name: str) -> Callable[[Maker], Maker]:
    """Registers a function that describes an environment, under a name.

    Args:
        name: Of the environment; what the function returns gets it.

    Raises:
        ArgumentError: If the name is taken.
    """

    def decorate(maker: Maker) -> Maker:
        ENVIRONMENTS.add(name, maker, maker)
        return maker

    return decorate


def list_environments(filter: str = "") -> list[str]:
    """Lists the registered names in natural order.

    What gymnasium knows, such as `Acrobot-v1`, is not among them.

    Args:
        filter: `fnmatch` pattern for the name; all without it.

    Example:

    >>> list_environments()
    ['cartpole', 'gridworld']
    """
    return ENVIRONMENTS.names(filter)


def names_environment(name: str | Path) -> bool:
    """Whether a name is that of an environment: a registered one, or gymnasium's.

    >>> names_environment("gridworld"), names_environment("ALE/Pong-v5")
    (True, True)
    >>> names_environment("table.csv")
    False
    """
    name = str(name)
    is_id = _GYMNASIUM_ID.fullmatch(name) is not None and not Path(name).exists()
    return is_id or name in ENVIRONMENTS


def load_environment(name: str | Path) -> Environment:
    """Returns the environment of a name.

    Raises:
        DatasetError: If gymnasium does not know it, is not installed, or its actions
            are not discrete.
    """
    name = str(name)
    if name not in ENVIRONMENTS:
        from zoo.environments.from_gymnasium import from_gymnasium

        return from_gymnasium(name)
    found = ENVIRONMENTS.get(name)()
    if not isinstance(found, Environment):
        raise DatasetError(
            f"The function of environment {name!r} returned {type(found).__name__}; it "
            "must return a zoo.Environment."
        )
    return dataclasses.replace(found, name=name)
