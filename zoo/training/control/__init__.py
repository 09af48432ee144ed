"""Agents: experience is collected in an environment while a model is trained on it.

Each epoch begins with new episodes, whose seeds follow from that of the run, so that a
run resumed between two epochs plays what it would have played.
"""

from typing import Any

from zoo.config import Recipe
from zoo.datasets import Dataset
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices
from zoo.training.control.experience import Experience
from zoo.training.control.replay import Replay
from zoo.training.control.rollouts import Rollouts

_OF_TASK: dict[str, type[Experience]] = {
    "policy_gradient": Rollouts,
    "q_learning": Replay,
}


def experience_for(engine: Any, data: Dataset, recipe: Recipe) -> Experience:
    """Returns what collects experience and trains on it."""
    return _OF_TASK[data.task](engine, data, recipe)


def updates_per_epoch(data: Dataset, recipe: Recipe) -> int:
    """Returns the number of optimizer steps in an epoch."""
    return _OF_TASK[data.task].updates_per_epoch(recipe)


def check_agent(recipe: Recipe, devices: Devices) -> None:
    """Checks that an agent can be trained so.

    Raises:
        ArgumentError: If a recipe has what is for samples, or several devices would
            share batches.
    """
    if devices.strategy is not None:
        raise ArgumentError(
            "An agent is trained on one device; give --strategy cpu or gpu."
        )
    if recipe.augmentation:
        raise ArgumentError(
            "`augmentation` is for samples; an agent acts on what it observes: leave "
            "it out."
        )
