"""Policy gradients: experience of the policy as it is, learned from and thrown away."""

import numpy as np

from zoo.config import Recipe
from zoo.datasets import Split
from zoo.tasks.policy_gradient import RolloutEncoding
from zoo.training.control.advantages import generalized_advantages
from zoo.training.control.experience import Experience, Step


class Rollouts(Experience):
    """Collects rollouts with the policy, and passes over each a few times.

    With one pass, and all that follows as the return of an action, this is REINFORCE
    (Williams, 1992) with the value as its baseline; with several passes over a clipped
    surrogate loss it is PPO (Schulman et al., 2017).
    """

    encoding = RolloutEncoding

    @classmethod
    def updates_per_epoch(cls, recipe: Recipe) -> int:
        """Returns the number of optimizer steps in an epoch."""
        settings = cls.encoding(**recipe.encoding)
        return settings.rollouts * settings.passes * _batches(settings, recipe)

    def learn(self) -> bool:
        """Plays and trains for an epoch; returns whether the loss was finite."""
        for _ in range(self.settings.rollouts):
            split = self._rollout()
            data = self.engine.place(split)
            for _ in range(self.settings.passes):
                order = self.engine.order(self.generator.permutation(len(split.y)))
                batches = -(-len(split.y) // self.engine.batch_size)
                if not self.engine.train(data, order, 0, batches).finite:
                    return False
        return True

    def _rollout(self) -> Split:
        """Plays, and returns observations and the columns that losses take."""
        steps, values, chances = [], [], []
        for _ in range(self.settings.steps):
            outputs = self.forward(self.observations).astype("float64")
            log_probabilities = _log_softmax(outputs[:, :-1])
            # The largest of logits with Gumbel noise is a sample of the policy.
            noise = self.generator.gumbel(size=log_probabilities.shape)
            actions = (log_probabilities + noise).argmax(axis=-1)
            steps.append(self.step(actions))
            values.append(outputs[:, -1])
            chances.append(log_probabilities[np.arange(len(actions)), actions])
        played = Step(*map(np.array, zip(*steps, strict=True)))
        found = np.array(values)
        advantages = generalized_advantages(
            played.rewards,
            found,
            self._following(played, found),
            played.terminated,
            played.truncated,
            discount=self.settings.discount,
            trace_decay=self.settings.trace_decay,
        )
        returns = advantages + found
        spread = max(float(advantages.std()), 1e-8)
        advantages = (advantages - advantages.mean()) / spread
        columns = [played.actions, advantages, returns, np.array(chances)]
        y = np.stack(columns, axis=-1).reshape(-1, 4).astype("float32")
        return Split(played.before.reshape(-1, *self.environment.shape), y)

    def _following(self, played: Step, values: np.ndarray) -> np.ndarray:
        """Values of the states that each step led to."""
        following = np.append(values[1:], np.zeros_like(values[:1]), axis=0)
        following[-1] = self.forward(played.after[-1])[:, -1]
        cut = played.truncated
        if cut.any():  # a new episode has begun in the next step
            following[cut] = self.forward(played.after[cut])[:, -1]
        return following


def _batches(settings: RolloutEncoding, recipe: Recipe) -> int:
    return -(-settings.copies * settings.steps // recipe.batch_size)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
