"""Policies with a value: REINFORCE (Williams, 1992) and PPO (Schulman et al., 2017).

Train with `zoo train ppo` (a grid world) or `zoo train ppo --dataset cartpole`.
"""

import dataclasses

import keras
from keras import ops

from custom_layers import Dense
from zoo.models.control.dense import hidden
from zoo.models.standardized import standardized
from zoo.registry import Recipe, register

PPO_PAPER = "Schulman et al., 2017, Proximal policy optimization algorithms"
REINFORCE_PAPER = (
    "Williams, 1992, Simple statistical gradient-following algorithms for "
    "connectionist reinforcement learning"
)
PPO = Recipe(
    dataset="gridworld",
    loss=("ClippedSurrogateLoss", {"entropy_weight": 0.01}),
    optimizer=("Adam", {"learning_rate": 1e-3, "clipnorm": 0.5}),
    batch_size=256,
    epochs=20,
)
PPO_CARTPOLE = dataclasses.replace(
    PPO,
    dataset="cartpole",
    loss=("ClippedSurrogateLoss", {}),
    schedule=("PolynomialDecay", {"end_learning_rate": 0.0}),
    epochs=10,
)
REINFORCE = dataclasses.replace(
    PPO,
    encoding={"trace_decay": 1.0, "passes": 1},
    loss=("PolicyGradientLoss", {"entropy_weight": 0.01}),
    optimizer=("Adam", {"learning_rate": 5e-3}),
    batch_size=1024,
    epochs=20,
)
REINFORCE_CARTPOLE = dataclasses.replace(
    REINFORCE, dataset="cartpole", loss=("PolicyGradientLoss", {}), epochs=60
)
# Deviations: random actions, which measure them, may hardly change a number.
_LARGEST = 100.0
REPORTED = "500: gymnasium's limit of an episode; solved from 475"


@register(
    "ppo", recipe=PPO, task="policy_gradient", input="observation", paper=PPO_PAPER
)
@register(
    "ppo.cartpole",
    recipe=PPO_CARTPOLE,
    task="policy_gradient",
    input="observation",
    paper=PPO_PAPER,
    reported=REPORTED,
    input_shape=(4,),
    num_classes=2,
)
@register(
    "reinforce",
    recipe=REINFORCE,
    task="policy_gradient",
    input="observation",
    paper=REINFORCE_PAPER,
)
@register(
    "reinforce.cartpole",
    recipe=REINFORCE_CARTPOLE,
    task="policy_gradient",
    input="observation",
    paper=REINFORCE_PAPER,
    reported=REPORTED,
    input_shape=(4,),
    num_classes=2,
)
def actor_critic(
    input_shape: tuple[int, ...] = (5, 5, 3),
    num_classes: int = 4,
    *,
    hidden_units: tuple[int, ...] = (64, 64),
    activation: str = "tanh",
) -> keras.Model:
    r"""Dense layers on standardized observations: logits of the actions, and the value.

    .. math::

        \pi(a \mid s) = \operatorname{softmax}(f(s))_a, \quad
        V(s) \approx \mathbb{E} \Big[ \sum_{k \ge 0} \gamma^k r_{t+k} \,\Big|\,
            s_t = s \Big]

    Actor and critic share no layer.

    Args:
        input_shape: Shape of an observation; more than one axis is flattened.
        num_classes: Number of actions.
        hidden_units: Width of each hidden layer, of the actor and of the critic.
        activation: Activation function of the hidden layers.
    """
    observation = keras.Input(input_shape, name="observation")
    x = ops.clip(standardized(observation), -_LARGEST, _LARGEST)
    # At first all actions are about as likely.
    actor = Dense(
        num_classes,
        kernel_initializer=keras.initializers.Orthogonal(0.01),
        name="logits",
    )(hidden(x, hidden_units, activation, "orthogonal"))
    critic = Dense(1, name="value")(hidden(x, hidden_units, activation, "orthogonal"))
    return keras.Model(observation, ops.concatenate([actor, critic], axis=-1))
