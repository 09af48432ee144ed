"""Multilayer perceptron (Rumelhart, Hinton and Williams, 1986).

Train with `zoo train mlp --dataset iris`.
"""

from typing import Any

import keras

from custom_layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
)
from zoo.models.standardized import Columns, standardized
from zoo.registry import Recipe, register

PAPER = "Rumelhart et al., 1986, Learning representations by back-propagating errors"

IRIS = Recipe(
    dataset="iris",
    optimizer=("Adam", {"learning_rate": 0.01}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",  # twenty flowers are too few to rank epochs by accuracy
    batch_size=16,
    epochs=100,
)
XOR = Recipe(
    dataset="xor",
    optimizer=("Adam", {"learning_rate": 0.05}),
    monitor="val_loss",
    batch_size=4,
    epochs=300,
)
CIRCLES = Recipe(
    dataset="circles",
    optimizer=("Adam", {"learning_rate": 0.01}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=32,
    epochs=60,
)
DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=60,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=30,
)
DROPOUT_MNIST = Recipe(
    dataset="mnist",
    optimizer=(
        "SGD",
        {
            "learning_rate": 0.03,
            "momentum": 0.95,
            "nesterov": True,
            "weight_decay": 5e-4,
        },
    ),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=128,
    epochs=80,
)
TABLE = Recipe(  # a regression
    dataset="diabetes",
    optimizer=("Adam", {"learning_rate": 3e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=100,
)
SHARED: dict[str, Any] = {"input": "features", "paper": PAPER}


@register(
    "mlp",
    recipe=IRIS,
    also={"regression": TABLE, "multi_label": IRIS},
    input="features",
    paper=PAPER,
)
@register(
    "mlp.iris",
    recipe=IRIS,
    input="features",
    paper=PAPER,
    dropout=0.3,
)
@register(
    "mlp.xor",
    recipe=XOR,
    input_shape=(2,),
    num_classes=2,
    hidden_units=(8,),
    **SHARED,
)
@register(
    "mlp.diabetes",
    recipe=TABLE,
    task="regression",
    input_shape=(10,),
    num_classes=1,
    **SHARED,
)
@register("mlp.circles", recipe=CIRCLES, input_shape=(2,), num_classes=2, **SHARED)
@register(
    "mlp.digits",
    recipe=DIGITS,
    input_shape=(8, 8, 1),
    num_classes=10,
    hidden_units=(128,),
    activation="relu",
    dropout=0.3,
    **SHARED,
)
@register(
    "mlp.mnist",
    reported="1.6 % error with 800 hidden units (Simard et al., 2003)",
    recipe=MNIST,
    input_shape=(28, 28, 1),
    num_classes=10,
    hidden_units=(800,),
    activation="relu",
    **SHARED,
)
@register("dropout_mlp", recipe=DIGITS, dropout=0.5, activation="relu", **SHARED)
@register(
    "dropout_mlp.digits",
    recipe=DIGITS,
    input_shape=(8, 8, 1),
    num_classes=10,
    activation="relu",
    dropout=0.5,
    **SHARED,
)
@register(
    "dropout_mlp.mnist",
    reported="1.25 % error (Srivastava et al., 2014)",
    recipe=DROPOUT_MNIST,
    input_shape=(28, 28, 1),
    num_classes=10,
    hidden_units=(1024, 1024),
    activation="relu",
    input_dropout=0.2,
    dropout=0.5,
    batch_norm=True,
    **SHARED,
)
def mlp(
    input_shape: tuple[int, ...] = (4,),
    num_classes: int = 3,
    *,
    columns: Columns = (),
    hidden_units: tuple[int, ...] = (32,),
    activation: str = "tanh",
    batch_norm: bool = False,
    input_dropout: float = 0.0,
    dropout: float = 0.0,
) -> keras.Model:
    r"""Dense layers on standardized inputs: raw measurements to logits.

    .. math::

        h_0 = (x - \mu) / \sigma, \quad h_i = \phi(W_i h_{i-1} + b_i), \quad
        \text{logits} = W h_n + b

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of logits.
        columns: What the columns of a table hold, see `standardized`; none where all
            are numbers.
        hidden_units: Width of each hidden layer.
        activation: Activation function :math:`\phi` of the hidden layers.
        batch_norm: Whether to apply batch normalization before each activation (Ioffe
            and Szegedy, 2015).
        input_dropout: Fraction of the inputs to drop during training.
        dropout: Fraction of each hidden layer to drop during training.
    """
    features = keras.Input(input_shape, name="features")
    x = standardized(features, columns)
    if input_dropout:
        x = Dropout(input_dropout)(x)
    for units in hidden_units:
        x = Dense(units, use_bias=not batch_norm)(x)
        if batch_norm:
            x = BatchNormalization()(x)
        x = Activation(activation)(x)
        if dropout:
            x = Dropout(dropout)(x)
    return keras.Model(features, Dense(num_classes, name="logits")(x))
