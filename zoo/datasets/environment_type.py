"""Environments as datasets: observations that random actions lead to.

They say what a model's inputs are like; training and evaluation play episodes.
"""

from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.environments import Environment, episode_seeds, load_environment
from zoo.environments.environment import names_environment
from zoo.environments.playing import begin, restart, step

_COPIES = 8
_STEPS = {"train": 64, "validation": 16, "test": 16}  # of each copy


def environment_dataset(environment: Environment) -> Dataset:
    """Returns observations of an environment and the random actions taken in them."""
    seeds = episode_seeds("exploration", _COPIES * len(_STEPS))
    splits = {}
    for place, (name, steps) in enumerate(_STEPS.items()):
        part = seeds[place * _COPIES : (place + 1) * _COPIES]
        splits[name] = _explore(environment, part, steps)
    return Dataset.of(
        environment.name,
        splits,
        labels=environment.actions,
        task="policy_gradient",
        environment=environment,
    )


def _explore(environment: Environment, seeds: list[int], steps: int) -> Split:
    generator = np.random.default_rng(seeds)
    vector = environment.make(len(seeds))
    observations = begin(vector, seeds)
    x, y = [], []
    for _ in range(steps):
        actions = generator.integers(len(environment.actions), size=len(seeds))
        x.append(observations)
        y.append(actions)
        observations, _, terminated, truncated = step(environment, vector, actions)
        ended = terminated | truncated
        if ended.any():
            observations = restart(vector, ended)
    vector.close()
    return Split(np.concatenate(x), np.concatenate(y))


def _load(name: str | Path, data_dir: str | Path | None) -> Dataset:
    return environment_dataset(load_environment(name))


register_dataset_type(
    DatasetType(
        name="environment",
        help="an environment such as gridworld or CartPole-v1 of gymnasium",
        matches=names_environment,
        load=_load,
        priority=25,
    )
)
