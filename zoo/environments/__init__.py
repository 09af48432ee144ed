"""Environments: what agents act in, by name.

An environment is one module of this package, which registers it; any other name that
gymnasium knows, such as `Acrobot-v1`, is one as well.
"""

from zoo.environments.environment import (
    Environment,
    list_environments,
    load_environment,
    names_environment,
    register_environment,
)
from zoo.environments.playing import Episodes, Trajectory, episode_seeds, play, record

__all__ = [
    "Environment",
    "Episodes",
    "Trajectory",
    "episode_seeds",
    "list_environments",
    "load_environment",
    "names_environment",
    "play",
    "record",
    "register_environment",
]
