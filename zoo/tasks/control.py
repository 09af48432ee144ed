"""What tasks of agents in environments share."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from pydantic import Field
from pydantic.dataclasses import dataclass

from zoo.datasets import Dataset
from zoo.environments import Environment, Episodes, episode_seeds, play
from zoo.environments.playing import Policy
from zoo.tasks.assessment import Scores
from zoo.tasks.baselines import Baseline
from zoo.tasks.encoding import Encoding
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config
from zoo.validation import STRICT

TEST_EPISODES = 100


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ExperienceEncoding(Encoding):
    """How experience is collected."""

    discount: float = Field(
        0.99, ge=0, le=1, description="Factor by which a reward counts a step later."
    )
    copies: int = Field(
        8, ge=1, description="Copies of the environment that are played together."
    )
    validation_episodes: int = Field(
        40, ge=1, description="Episodes that choose the best epoch, always the same."
    )


class Return(keras.metrics.Mean):
    """Mean return of the episodes that an epoch of training has played.

    A batch holds no episode, so that it adds nothing; who plays adds returns.
    """

    _direction = "up"

    def __init__(self, name: str = "return", **kwargs: Any) -> None:
        super().__init__(name, **kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds nothing."""

    def add(self, returns: np.ndarray) -> None:
        """Adds the returns of episodes."""
        super().update_state(returns)


def environment_of(data: Dataset) -> Environment:
    """Returns the environment of a dataset.

    Raises:
        DatasetError: If it has none.
    """
    if data.environment is None:
        raise wrong_task(data, "an agent needs an environment, such as gridworld")
    return data.environment


def fixed_by_data(data: Dataset) -> Config:
    """Shape of an observation and number of actions."""
    return {"input_shape": tuple(data.input_shape), "num_classes": data.num_classes}


def best(scores: Any) -> Any:
    """Returns the index of the largest score of each sample."""
    # Not `ops.argmax`: it reinterprets the bits of floats, which ONNX cannot.
    _, places = ops.top_k(scores, k=1)
    return ops.cast(ops.squeeze(places, axis=-1), "int64")


def forward(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Returns a function that computes outputs of a batch, in inference mode.

    It is compiled once for batches of any size: `predict` would take longer than the
    step of an environment.
    """
    if keras.backend.backend() != "tensorflow":
        return model.predict_on_batch
    import tensorflow as tf

    options = {"training": False} if model._call_has_training_arg else {}
    shape = (None, *model.input_shape[1:])
    call = tf.function(
        lambda x: model(x, **options),
        input_signature=[tf.TensorSpec(shape, tf.float32)],
        autograph=False,
    )
    return lambda x: call(tf.constant(x)).numpy()


def score(policy: Policy, data: Dataset, episodes: int = TEST_EPISODES) -> Scores:
    """Plays the episodes of the test, each with a seed that no training has.

    Args:
        policy: Maps observations to actions.
        data: With an environment.
        episodes: How many are played.

    Returns:
        The metrics `return`, the mean over the episodes, `return_min`, `return_std`,
        and `length`, the mean number of steps; the return of each as details.
    """
    seeds = episode_seeds("test", episodes)
    return scores_of(play(policy, environment_of(data), seeds))


def scores_of(episodes: Episodes) -> Scores:
    """Returns metrics and details of episodes."""
    returns, lengths = episodes
    metrics = {
        "return": float(returns.mean()),
        "return_min": float(returns.min()),
        "return_std": float(returns.std()),
        "length": float(lengths.mean()),
    }
    return Scores(metrics, {"returns": [round(float(each), 6) for each in returns]})


def random_actions(data: Dataset) -> Baseline:
    """Takes a random action in each step."""
    generator = np.random.default_rng(0)
    count = data.num_classes
    metrics, _ = score(lambda x: generator.integers(count, size=len(x)), data)
    return Baseline("return", metrics["return"], "a random action in each step")
