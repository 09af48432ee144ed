"""Autoencoder of convolutions (Masci et al., 2011).

Train with `zoo train conv_autoencoder`.
"""

import math

import keras
from keras import ops

from custom_layers import Conv2D, Conv2DTranspose, Dense, Flatten, Rescaling
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Masci et al., 2011, Stacked convolutional auto-encoders for hierarchical "
    "feature extraction"
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
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=10,
)
SHAPES = Recipe(
    dataset="shapes",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=40,
)


@register("conv_autoencoder", recipe=DIGITS, task="reconstruction", paper=PAPER)
@register(
    "conv_autoencoder.digits",
    recipe=DIGITS,
    task="reconstruction",
    paper=PAPER,
    maximum=16.0,
)
@register(
    "conv_autoencoder.mnist",
    recipe=MNIST,
    task="reconstruction",
    paper=PAPER,
    input_shape=(28, 28, 1),
    filters=(16, 32),
    code_units=32,
)
@register(
    "conv_autoencoder.shapes",
    recipe=SHAPES,
    task="reconstruction",
    paper=PAPER,
    input_shape=(64, 64, 1),
    filters=(16, 32, 32, 64),
    code_units=32,
)
def conv_autoencoder(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    filters: tuple[int, ...] = (32, 64),
    code_units: int = 16,
    activation: str = "elu",
) -> keras.Model:
    r"""Convolutional autoencoder: raw pixels to their reconstruction in (0, 1).

    .. math::

        c = f(x / x_{max}), \quad \hat{x} = \sigma(g(c))

    Each convolution of the encoder :math:`f` halves height and width, rounded up; each
    transposed convolution of the decoder :math:`g` reverses one of them. The paper
    pools instead. Large images need more convolutions: four reduce 64 x 64 pixels to
    4 x 4.

    Args:
        input_shape: `(height, width, channels)`, of any size.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution of the encoder, in reverse order
            of the decoder.
        code_units: Dimension of the code.
        activation: Of the convolutions.

    Raises:
        ArgumentError: If samples are no images, or there is no convolution.
    """
    if len(input_shape) != 3 or not filters:
        raise ArgumentError(
            "conv_autoencoder takes images and one convolution or more: `input_shape` "
            "must be (height, width, channels). Received: "
            f"input_shape={tuple(input_shape)}, filters={tuple(filters)}"
        )
    image = keras.Input(input_shape, name="image")
    x = Rescaling(1 / maximum, dtype="float32")(image)
    shapes = [input_shape]
    for maps in filters:
        x = Conv2D(maps, 3, strides=2, padding="same", activation=activation)(x)
        shapes.append(x.shape[1:])
    code = Dense(code_units, name="code")(Flatten()(x))
    return keras.Model(image, _decoder(code_units, shapes, activation)(code))


def _decoder(
    code_units: int, shapes: list[tuple[int, int, int]], activation: str
) -> keras.Model:
    code = keras.Input((code_units,), name="code")
    x = Dense(math.prod(shapes[-1]), activation=activation)(code)
    x = ops.reshape(x, (-1, *shapes[-1]))
    # A layer's maps are as large as those that its twin in the encoder took.
    for height, width, maps in reversed(shapes[1:-1]):
        x = _enlarging(height, width, maps, activation)(x)
    x = _enlarging(*shapes[0], "sigmoid", "pixels")(x)
    return keras.Model(code, x, name="decoder")


def _enlarging(
    height: int, width: int, maps: int, activation: str, name: str | None = None
) -> Conv2DTranspose:
    return Conv2DTranspose(
        maps,
        3,
        strides=2,
        padding="same",
        # Twice the size, but one less where the size that was halved is odd.
        output_padding=(1 - height % 2, 1 - width % 2),
        activation=activation,
        name=name,
    )
