"""Multilayer perceptron (Rumelhart, Hinton and Williams, 1986).

Train with `zoo train mlp --dataset iris`.
"""

import keras

from custom_layers import Dense, Dropout, Flatten, Normalization
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


@register("mlp", recipe=IRIS, input="features", paper=PAPER)
@register(
    "mlp.iris",
    recipe=IRIS,
    input="features",
    paper=PAPER,
    dropout=0.3,
)
def mlp(
    input_shape: tuple[int, ...] = (4,),
    num_classes: int = 3,
    *,
    hidden_units: tuple[int, ...] = (32,),
    activation: str = "tanh",
    dropout: float = 0.0,
) -> keras.Model:
    """Stacks dense layers on standardised inputs: raw measurements to logits.

    `h_0 = (x - mean) / std`, `h_i = activation(W_i h_(i-1) + b_i)`,
    `logits = W h_n + b`

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of logits.
        hidden_units: Width of each hidden layer.
        activation: Of the hidden layers.
        dropout: Share of each hidden layer that is dropped in training.
    """
    features = keras.Input(input_shape, name="features")
    axis = -1 if len(input_shape) == 1 else None
    # In low precision as well: measurements may be larger than float16 goes.
    x = Normalization(axis=axis, dtype="float32")(features)
    x = Flatten()(x)
    for units in hidden_units:
        x = Dense(units, activation=activation)(x)
        if dropout:
            x = Dropout(dropout)(x)
    return keras.Model(features, Dense(num_classes, name="logits")(x))
