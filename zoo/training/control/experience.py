"""Base class of what collects experience in an environment."""

import abc
from typing import Any, ClassVar, NamedTuple

import keras
import numpy as np

from zoo import tasks
from zoo.config import Recipe
from zoo.datasets import Dataset
from zoo.environments import episode_seeds, play
from zoo.environments.playing import begin, restart, step
from zoo.tasks import control
from zoo.training.direction import metrics_of
from zoo.training.engine import Outcome

_SEEDS = 1_000_000  # those of training are below


class Step(NamedTuple):
    """A step of every copy of an environment.

    Args:
        before: Observations in which the actions were taken.
        actions: The actions.
        rewards: What they earned.
        after: Observations that they led to.
        terminated: Whether the episode has ended, so that nothing follows.
        truncated: Whether it was cut off, though something would follow.
    """

    before: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    after: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray


class Experience(abc.ABC):
    """Plays an environment, and trains a model on what happens: the feed of a loop.

    Args:
        engine: Engine that runs the steps of the optimizer.
        data: With the environment.
        recipe: How the model is trained; its `encoding` says how experience is made.
    """

    encoding: ClassVar[type[control.ExperienceEncoding]]

    def __init__(self, engine: Any, data: Dataset, recipe: Recipe) -> None:
        self.engine = engine
        self.settings: Any = self.encoding(**recipe.encoding)
        self.updates = self.updates_per_epoch(recipe)
        self.forward = control.forward(engine.model)
        self.environment = control.environment_of(data)
        self.actions = len(self.environment.actions)
        self._vector = self.environment.make(self.settings.copies)

    @classmethod
    @abc.abstractmethod
    def updates_per_epoch(cls, recipe: Recipe) -> int:
        """Returns the number of optimizer steps in an epoch."""

    @abc.abstractmethod
    def learn(self) -> bool:
        """Plays and trains for an epoch; returns whether the loss was finite."""

    def variables(self) -> list[Any]:
        """Returns what a checkpoint has to keep besides model and optimizer."""
        return []

    def begin(self, seed: int, epoch: int) -> None:
        """Begins an epoch with new episodes."""
        self.epoch = epoch
        self.generator = np.random.default_rng((seed, epoch))
        seeds = self.generator.integers(_SEEDS, size=self.settings.copies)
        self.observations = begin(self._vector, [int(each) for each in seeds])
        self._earned = np.zeros(self.settings.copies)
        self._returns: list[float] = []

    def train(self, first: int, stop: int) -> Outcome:
        """Runs an epoch as a whole, since a checkpoint holds no environment."""
        is_finite = self.learn()
        metrics = metrics_of(self.engine.model)
        mean = next(each for each in metrics if isinstance(each, control.Return))
        # Where no episode has ended, those that have begun say how it goes.
        mean.add(np.array(self._returns or self._earned, "float32"))
        return Outcome(self.updates, self.engine.means(), is_finite)

    def step(self, actions: np.ndarray) -> Step:
        """Takes a step in every copy, and begins new episodes where one has ended."""
        before = self.observations
        after, rewards, terminated, truncated = step(
            self.environment, self._vector, actions
        )
        self._earned += rewards
        ended = terminated | truncated
        self.observations = after
        if ended.any():
            self._returns += self._earned[ended].tolist()
            self._earned[ended] = 0
            self.observations = restart(self._vector, ended)
        return Step(before, actions, rewards, after, terminated, truncated)


class Validation:
    """Plays the episodes that choose the best epoch: none of those of the test.

    Args:
        model: The model that is trained.
        data: With the environment.
        recipe: Its `encoding` says how many episodes are played.
    """

    def __init__(self, model: keras.Model, data: Dataset, recipe: Recipe) -> None:
        task = tasks.get(data.task)
        count = task.settings(recipe.encoding)["validation_episodes"]
        self._seeds = episode_seeds("validation", count)
        self._environment = control.environment_of(data)
        assert task.policy is not None  # it is a task of agents
        self._policy = task.policy(model)

    def score(self) -> dict[str, float]:
        """Returns the mean return."""
        episodes = play(self._policy, self._environment, self._seeds)
        return {"return": float(episodes.returns.mean())}
