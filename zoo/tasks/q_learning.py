r"""Q-learning: the value of each action, from experience that is replayed.

.. math::

    y = r + \gamma (1 - d) \max_{a'} Q^-(s', a')

is the target of the action value :math:`Q(s, a)` after a step with reward `r` to the
state :math:`s'`, where `d` is 1 if it ended the episode (Watkins and Dayan, 1992). A
target network :math:`Q^-` has the weights of a while ago (Mnih et al., 2015,
Human-level control through deep reinforcement learning).
"""

import dataclasses
from typing import Any

import keras
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from zoo.datasets import Dataset, Split
from zoo.environments.playing import Policy
from zoo.tasks import control, register_task
from zoo.tasks.task import Config, Task
from zoo.validation import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ReplayEncoding(control.ExperienceEncoding):
    """How experience is collected and replayed."""

    rounds: int = Field(16, ge=1, description="Rounds in an epoch, each as follows.")
    steps: int = Field(32, ge=1, description="Steps of each copy in a round.")
    updates: int = Field(
        128, ge=1, description="Steps of gradient descent after those of a round."
    )
    target_updates: int = Field(
        128, ge=1, description="Updates after which the target network is replaced."
    )
    capacity: int = Field(
        50_000, ge=1, description="Transitions that are remembered, the last ones."
    )
    warmup: int = Field(
        1_000, ge=1, description="Transitions by random actions before the first round."
    )
    exploration: float = Field(
        0.04, ge=0, le=1, description="Share of random actions in the end."
    )
    exploration_steps: int = Field(
        8_000, ge=1, description="Steps over which that share falls from 1, linearly."
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes the columns that the loss takes: action and target.

    The targets of random actions are left at 0: training makes its own.

    Args:
        data: Of an environment.
        encoding: See `ReplayEncoding`.
    """
    control.environment_of(data)
    if data.task == "q_learning":
        return data
    splits = {
        name: Split(x, np.column_stack([y, np.zeros(len(y))]).astype("float32"))
        for name, (x, y) in data.splits.items()
    }
    return dataclasses.replace(data, task="q_learning", **splits)


def fixed_in_model(model: keras.Model) -> Config:
    """Shape of an observation and number of actions of a built model."""
    return {
        "input_shape": tuple(model.input_shape[1:]),
        "num_classes": model.output_shape[-1],
    }


def outputs(model: keras.Model) -> dict[str, Any]:
    """The best `action` and the `action_values`."""
    values = model.output
    return {"action": control.best(values), "action_values": values}


def greedy(model: keras.Model) -> Policy:
    """Returns the policy that takes the action of the largest value."""
    values = control.forward(model)
    return lambda observations: values(observations).argmax(axis=-1)


TASK = Task(
    name="q_learning",
    loss=("TemporalDifferenceLoss", {}),
    metrics=lambda: [control.Return()],
    monitor="val_return",
    prepare=prepare,
    fixed_by_data=control.fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    encoding=ReplayEncoding,
    names={"action": "action"},
    policy=greedy,
    baseline=control.random_actions,
    headline="return",
)
register_task(TASK)
