"""Deep Q-network (Mnih et al., 2015).

Train with `zoo train dqn` (a grid world) or `zoo train dqn --dataset cartpole`.
"""

import dataclasses

import keras

from custom_layers import Dense, Flatten
from zoo.models.control.dense import hidden
from zoo.registry import Recipe, register

PAPER = "Mnih et al., 2015, Human-level control through deep reinforcement learning"
GRIDWORLD = Recipe(
    dataset="gridworld",
    optimizer=("Adam", {"learning_rate": 2.3e-3, "clipnorm": 10.0}),
    schedule=("PolynomialDecay", {"end_learning_rate": 0.0}),
    batch_size=64,
    epochs=16,
)
CARTPOLE = dataclasses.replace(
    GRIDWORLD, dataset="cartpole", encoding={"discount": 0.98}
)


@register("dqn", recipe=GRIDWORLD, task="q_learning", input="observation", paper=PAPER)
@register(
    "dqn.cartpole",
    recipe=CARTPOLE,
    task="q_learning",
    input="observation",
    paper=PAPER,
    reported="500: gymnasium's limit of an episode; solved from 475",
    input_shape=(4,),
    num_classes=2,
)
def dqn(
    input_shape: tuple[int, ...] = (5, 5, 3),
    num_classes: int = 4,
    *,
    hidden_units: tuple[int, ...] = (256, 256),
    activation: str = "relu",
) -> keras.Model:
    r"""Dense layers: the value of each action.

    .. math::

        Q(s, a) \approx \mathbb{E} \Big[ \sum_{k \ge 0} \gamma^k r_{t+k} \,\Big|\,
            s_t = s, a_t = a \Big]

    of the policy that takes the action of the largest value.

    Args:
        input_shape: Shape of an observation, of numbers of about 1; more than one axis
            is flattened.
        num_classes: Number of actions.
        hidden_units: Width of each hidden layer.
        activation: Activation function of the hidden layers.
    """
    observation = keras.Input(input_shape, name="observation")
    x = hidden(Flatten()(observation), hidden_units, activation, "glorot_uniform")
    return keras.Model(observation, Dense(num_classes, name="action_values")(x))
