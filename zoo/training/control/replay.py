"""Q-learning: experience of any policy, remembered and replayed."""

from typing import Any

import numpy as np

from zoo.config import Recipe
from zoo.datasets import Split
from zoo.tasks.q_learning import ReplayEncoding
from zoo.training.control.experience import Experience, Step
from zoo.training.control.memory import Memory


class Replay(Experience):
    r"""Collects transitions, and replays random ones (DQN; Mnih et al., 2015).

    .. math::

        y = r + \gamma (1 - d) \max_{a'} Q^-(s', a')

    The target network :math:`Q^-` is replaced every `target_updates` updates. What is
    replayed until then is drawn at once, so that its targets are computed in one call
    with the weights of that moment, and no second network is kept.
    """

    encoding = ReplayEncoding

    def __init__(self, engine: Any, *others: Any) -> None:
        super().__init__(engine, *others)
        self.memory = Memory(self.settings.capacity, self.environment.shape)

    @classmethod
    def updates_per_epoch(cls, recipe: Recipe) -> int:
        """Returns the number of optimizer steps in an epoch."""
        settings = cls.encoding(**recipe.encoding)
        return settings.rounds * settings.updates

    def variables(self) -> list[Any]:
        """Returns what is remembered."""
        return self.memory.variables()

    def learn(self) -> bool:
        """Plays and trains for an epoch; returns whether the loss was finite."""
        while len(self.memory) < self.settings.warmup:
            self._remember(self.step(self._random()))
        for number in range(self.settings.rounds):
            self._play(self.epoch * self.settings.rounds + number)
            for first in range(0, self.settings.updates, self.settings.target_updates):
                last = min(first + self.settings.target_updates, self.settings.updates)
                if not self._replay(last - first):
                    return False
        return True

    def _play(self, number: int) -> None:
        """Takes the steps of a round, fewer of them by chance than in the last one."""
        settings = self.settings
        done = number * settings.steps * settings.copies / settings.exploration_steps
        share = 1 + (settings.exploration - 1) * min(done, 1.0)
        for _ in range(settings.steps):
            best = self.forward(self.observations).argmax(axis=-1)
            is_random = self.generator.random(settings.copies) < share
            self._remember(self.step(np.where(is_random, self._random(), best)))

    def _replay(self, updates: int) -> bool:
        count = updates * self.engine.batch_size
        chosen = self.memory.draw(count, self.generator)
        later = self.forward(chosen.after).max(axis=-1)
        targets = chosen.rewards + self.settings.discount * ~chosen.terminated * later
        y = np.column_stack([chosen.actions, targets]).astype("float32")
        data = self.engine.place(Split(chosen.before, y))
        order = self.engine.order(np.arange(count))
        return self.engine.train(data, order, 0, updates).finite

    def _random(self) -> np.ndarray:
        return self.generator.integers(self.actions, size=self.settings.copies)

    def _remember(self, step: Step) -> None:
        self.memory.add(step)
