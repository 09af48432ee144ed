"""Environments of gymnasium: its own, and those that users register with it."""

import functools
from typing import Any

from zoo.environments.environment import (
    Environment,
    VectorEnvironment,
    register_environment,
)
from zoo.errors import DatasetError, reason


@register_environment("cartpole")
def cartpole() -> Environment:
    """Balance a pole on a cart for 500 steps (Barto, Sutton and Anderson, 1983).

    Observations are the position and velocity of the cart, the angle of the pole and
    its angular velocity; each step is rewarded with 1. Gymnasium's `CartPole-v1`.
    """
    return from_gymnasium("CartPole-v1", actions=("left", "right"))


def from_gymnasium(name: str, *, actions: tuple[str, ...] = ()) -> Environment:
    """Returns an environment that gymnasium makes.

    Args:
        name: What `gymnasium.make` takes, such as `Acrobot-v1` or `module:Name-v0`.
        actions: Name of each action; their numbers without them.

    Raises:
        DatasetError: If gymnasium does not know it, is not installed, its actions are
            not discrete, or its observations are not arrays of one shape.
    """
    environment = _made(name)
    try:
        shape = _checked(name, environment)
        space = environment.action_space
    finally:
        environment.close()
    first, count = int(space.start), int(space.n)
    return Environment(
        name=name,
        actions=actions or tuple(str(first + k) for k in range(count)),
        shape=shape,
        make=functools.partial(_several, name, first, count),
    )


def _several(name: str, first: int, count: int, copies: int) -> VectorEnvironment:
    from gymnasium.spaces import Discrete
    from gymnasium.vector import AutoresetMode, SyncVectorEnv
    from gymnasium.wrappers import TransformAction

    def make() -> Any:
        environment = _made(name)
        if not first:
            return environment
        return TransformAction(environment, lambda k: k + first, Discrete(count))

    return SyncVectorEnv([make] * copies, autoreset_mode=AutoresetMode.DISABLED)


def _made(name: str) -> Any:
    try:
        import gymnasium
    except ImportError as error:
        raise DatasetError(
            f"{name} needs gymnasium: pip install 'keras-serving-zoo[rl]'; gridworld "
            "needs nothing."
        ) from error
    try:
        return gymnasium.make(name)
    except Exception as error:  # an environment of a user may raise anything
        raise DatasetError(
            f"gymnasium cannot make {name}: {reason(error)} (--import FILE registers "
            "environments of your own)"
        ) from error


def _checked(name: str, environment: Any) -> tuple[int, ...]:
    """Checks both spaces, and returns the shape of an observation."""
    from gymnasium.spaces import Box, Discrete

    actions, observations = environment.action_space, environment.observation_space
    if isinstance(actions, Box):
        raise DatasetError(
            f"Environment {name} has continuous actions, {actions}; dqn, reinforce and "
            "ppo choose one of several: give one with a Discrete action space."
        )
    if not isinstance(actions, Discrete):
        raise DatasetError(
            f"Environment {name} has the action space {actions}; it must be Discrete."
        )
    if not isinstance(observations, Box) or not observations.shape:
        raise DatasetError(
            f"Environment {name} has the observation space {observations}; it must be "
            "a Box of one axis or more (gymnasium.wrappers.FlattenObservation makes "
            "one of many)."
        )
    return tuple(observations.shape)
