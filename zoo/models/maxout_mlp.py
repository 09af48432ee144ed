"""Maxout network (Goodfellow et al., 2013), with dropout.

Train with `zoo train maxout_mlp --dataset mnist`.
"""

import keras

from custom_layers import Dense, Dropout, Maxout
from zoo.models.standardized import Columns, standardized
from zoo.registry import Recipe, register

PAPER = "Goodfellow et al., 2013, Maxout networks"

DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=30,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=40,
)


@register(
    "maxout_mlp",
    recipe=DIGITS,
    also={"regression": DIGITS},
    input="features",
    paper=PAPER,
)
@register("maxout_mlp.digits", recipe=DIGITS, input="features", paper=PAPER)
@register(
    "maxout_mlp.mnist",
    reported="0.94 % error (Goodfellow et al., 2013)",
    recipe=MNIST,
    input="features",
    paper=PAPER,
    input_shape=(28, 28, 1),
    units=240,
    pieces=5,
)
def maxout_mlp(
    input_shape: tuple[int, ...] = (8, 8, 1),
    num_classes: int = 10,
    *,
    columns: Columns = (),
    units: int = 64,
    pieces: int = 3,
    layers: int = 2,
    input_dropout: float = 0.2,
    dropout: float = 0.5,
    max_norm: float = 2.0,
) -> keras.Model:
    r"""Maxout network: raw pixels to logits.

    .. math::

        h_i = \max_k (W_{ik} \cdot x + b_{ik})

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of logits.
        columns: What the columns of a table hold, see `standardized`; none where all
            are numbers.
        units: Of each hidden layer.
        pieces: Linear pieces of each unit.
        layers: Number of hidden layers.
        input_dropout: Fraction of the inputs to drop during training.
        dropout: Fraction of the hidden units to drop during training.
        max_norm: Max-norm constraint on the weights of each piece.
    """
    features = keras.Input(input_shape, name="features")
    x = standardized(features, columns, axis=None)
    x = Dropout(input_dropout)(x)
    for _ in range(layers):
        limit = keras.constraints.MaxNorm(max_norm)
        x = Dropout(dropout)(Maxout(units, pieces, kernel_constraint=limit)(x))
    return keras.Model(features, Dense(num_classes, name="logits")(x))
