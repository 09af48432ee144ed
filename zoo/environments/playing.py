"""Plays episodes with a policy."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from zoo.environments.environment import Environment, VectorEnvironment
from zoo.errors import DatasetError

Policy = Callable[[np.ndarray], np.ndarray]
LONGEST = 10_000  # steps of an episode, where the environment sets no limit itself
# First seed of the episodes of each purpose, which are never those of another.
_SEEDS = {"test": 1_000_000, "validation": 2_000_000, "exploration": 3_000_000}


class Episodes(NamedTuple):
    """Episodes that were played to their end.

    Args:
        returns: Sum of the rewards of each.
        lengths: Steps of each.
    """

    returns: np.ndarray
    lengths: np.ndarray


class Trajectory(NamedTuple):
    """One episode, step by step.

    Args:
        observations: `(steps, ...)`, each before its action.
        actions: `(steps,)`.
        rewards: `(steps,)`.
    """

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray


def episode_seeds(purpose: str, count: int) -> list[int]:
    """Returns the seeds of the episodes of a purpose, those of others left out.

    Args:
        purpose: `test`, `validation`, or `exploration` by random actions; training
            draws seeds below these.
        count: Number of episodes.

    >>> episode_seeds("test", 3)
    [1000000, 1000001, 1000002]
    """
    return [_SEEDS[purpose] + i for i in range(count)]


def play(policy: Policy, environment: Environment, seeds: Sequence[int]) -> Episodes:
    """Plays an episode for each seed, all of them together.

    Args:
        policy: Maps observations `(episodes, ...)` to actions `(episodes,)`.
        environment: What is played.
        seeds: Of the episodes.

    Raises:
        DatasetError: If an observation or a reward is not finite.
    """
    vector = environment.make(len(seeds))
    returns, lengths = np.zeros(len(seeds)), np.zeros(len(seeds), "int64")
    is_over = np.zeros(len(seeds), bool)
    observations = begin(vector, list(seeds))
    while not is_over.all() and lengths.max() < LONGEST:
        observations, rewards, terminated, truncated = step(
            environment, vector, policy(observations)
        )
        returns += np.where(is_over, 0.0, rewards)
        lengths += ~is_over
        ended = terminated | truncated
        is_over |= ended
        if ended.any():
            # What goes on in the place of a finished episode is not counted.
            observations = restart(vector, ended)
    vector.close()
    return Episodes(returns, lengths)


def record(policy: Policy, environment: Environment, seed: int) -> Trajectory:
    """Plays one episode, and returns each of its steps."""
    vector = environment.make(1)
    observations = begin(vector, [seed])
    steps = []
    is_over = False
    while not is_over and len(steps) < LONGEST:
        actions = policy(observations)
        after, rewards, terminated, truncated = step(environment, vector, actions)
        steps.append((observations[0], actions[0], rewards[0]))
        observations, is_over = after, bool((terminated | truncated)[0])
    vector.close()
    return Trajectory(*map(np.array, zip(*steps, strict=True)))


def begin(vector: VectorEnvironment, seeds: list[int]) -> np.ndarray:
    """Begins an episode in each copy, and returns the observations."""
    observations, _ = vector.reset(seed=[*seeds])
    return _as_float(observations)


def restart(vector: VectorEnvironment, ended: np.ndarray) -> np.ndarray:
    """Begins new episodes in the copies whose last one has ended."""
    observations, _ = vector.reset(options={"reset_mask": ended})
    return _as_float(observations)


def step(
    environment: Environment, vector: VectorEnvironment, actions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Takes an action in each copy.

    Returns:
        Observations, rewards, terminated, truncated.

    Raises:
        DatasetError: If an observation or a reward is not finite.
    """
    observations, rewards, terminated, truncated, _ = vector.step(actions)
    observations = _as_float(observations)
    rewards = np.asarray(rewards, "float64")
    if not (np.isfinite(observations).all() and np.isfinite(rewards).all()):
        raise DatasetError(
            f"Environment {environment.name!r} returned an observation or a reward "
            "that is not finite; nothing can be learned from it."
        )
    return observations, rewards, np.asarray(terminated), np.asarray(truncated)


def _as_float(observations: np.ndarray) -> np.ndarray:
    # A copy: an environment may write into its own array.
    return np.array(observations, "float32")
