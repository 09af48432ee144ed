"""Recurrent networks that read a picture row by row (Le, Jaitly and Hinton, 2015).

Train with `zoo train lstm_classifier --dataset mnist`.
"""

import keras
from keras import ops

from custom_layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Normalization,
    SimpleRNN,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Le, Jaitly and Hinton, 2015, A simple way to initialize recurrent networks of "
    "rectified linear units"
)

DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 3e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=30,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 2e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=10,
)
ON_DIGITS = {"recipe": DIGITS, "also": {"regression": DIGITS}, "paper": PAPER}
ON_MNIST = {"recipe": MNIST, "paper": PAPER, "input_shape": (28, 28, 1)}
_CELLS = {"simple": SimpleRNN, "lstm": LSTM, "gru": GRU}


@register("rnn_classifier", **ON_DIGITS)
@register("rnn_classifier.mnist", **ON_MNIST)
@register("lstm_classifier", cell="lstm", **ON_DIGITS)
@register("lstm_classifier.mnist", cell="lstm", **ON_MNIST)
@register("gru_classifier", cell="gru", **ON_DIGITS)
@register("gru_classifier.mnist", cell="gru", **ON_MNIST)
@register("bilstm_classifier", cell="lstm", bidirectional=True, **ON_DIGITS)
@register("bilstm_classifier.mnist", cell="lstm", bidirectional=True, **ON_MNIST)
def rnn_classifier(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    num_classes: int = 10,
    *,
    cell: str = "simple",
    units: int = 128,
    bidirectional: bool = False,
    dropout: float = 0.2,
) -> keras.Model:
    r"""Recurrent network over the rows of an image: raw pixels to logits.

    .. math::

        h_t = \mathrm{cell}(x_t, h_{t-1}), \quad \text{logits} = W h_T + b

    Args:
        input_shape: `(height, width, channels)`: one time step for each row.
        num_classes: Number of logits.
        cell: `simple`, `lstm` or `gru`.
        units: Dimension of the state.
        bidirectional: Whether a second network reads the rows in reverse.
        dropout: Fraction of the last state to drop during training.
    """
    if cell not in _CELLS:
        raise ArgumentError(
            f"`cell` must be one of {', '.join(_CELLS)}. Received: {cell!r}"
        )
    height, width, channels = input_shape
    image = keras.Input(input_shape, name="image")
    x = Normalization(axis=None, dtype="float32")(image)
    x = ops.reshape(x, (-1, height, width * channels))
    layer = _CELLS[cell](units)
    x = (Bidirectional(layer) if bidirectional else layer)(x)
    x = Dropout(dropout)(x)
    return keras.Model(image, Dense(num_classes, name="logits")(x))
