r"""Policy gradients: the probability of each action, and the value of the state.

.. math::

    \nabla J = \mathbb{E} \left[ A_t \, \nabla \log \pi(a_t \mid s_t) \right]

with the advantage :math:`A_t` of an action over what the policy earns on average from
the state :math:`s_t`, its value (Sutton et al., 2000, Policy gradient methods for
reinforcement learning with function approximation). A model returns the logits of the
actions and, behind them, the value.
"""

import dataclasses
import math
from typing import Any

import keras
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers.activations import softmax
from zoo.datasets import Dataset, Split
from zoo.environments.playing import Policy
from zoo.tasks import control, register_task
from zoo.tasks.task import Config, Task
from zoo.validation import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RolloutEncoding(control.ExperienceEncoding):
    """How experience is collected and credited."""

    rollouts: int = Field(8, ge=1, description="Rollouts in an epoch.")
    steps: int = Field(128, ge=1, description="Steps of each copy in a rollout.")
    passes: int = Field(
        4, ge=1, description="Passes over the experience of a rollout, shuffled anew."
    )
    trace_decay: float = Field(
        0.95,
        ge=0,
        le=1,
        description="Lambda of generalized advantage estimation; 1: all that follows.",
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes the columns that losses take: action, advantage, return, log-probability.

    Advantages and returns of random actions are left at 0: training has its own.

    Args:
        data: Of an environment.
        encoding: See `RolloutEncoding`.
    """
    control.environment_of(data)
    if data.train.y.ndim == 2:
        return data
    splits = {}
    for name, (x, y) in data.splits.items():
        zeros = np.zeros(len(y))
        chance = np.full(len(y), -math.log(data.num_classes))
        columns = np.column_stack([y, zeros, zeros, chance])
        splits[name] = Split(x, columns.astype("float32"))
    return dataclasses.replace(data, **splits)


def fixed_in_model(model: keras.Model) -> Config:
    """Shape of an observation and number of actions of a built model."""
    return {
        "input_shape": tuple(model.input_shape[1:]),
        "num_classes": model.output_shape[-1] - 1,
    }


def outputs(model: keras.Model) -> dict[str, Any]:
    """The likeliest `action`, the `probabilities` of all, and the `value`."""
    logits, value = model.output[:, :-1], model.output[:, -1]
    return {
        "action": control.best(logits),
        "probabilities": softmax(logits),
        "value": value,
    }


def greedy(model: keras.Model) -> Policy:
    """Returns the policy that takes the likeliest action."""
    found = control.forward(model)
    return lambda observations: found(observations)[:, :-1].argmax(axis=-1)


TASK = Task(
    name="policy_gradient",
    loss=("ClippedSurrogateLoss", {}),
    metrics=lambda: [control.Return()],
    monitor="val_return",
    prepare=prepare,
    fixed_by_data=control.fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    encoding=RolloutEncoding,
    names={"action": "action"},
    policy=greedy,
    baseline=control.random_actions,
    headline="return",
)
register_task(TASK)
