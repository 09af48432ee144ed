"""Weight sharing and translation invariance: is there a corner anywhere in the image?

Train with `zoo train corner_cnn` and `zoo train corner_mlp`: both learn the
positions of the training set, only the convolution generalizes to others.
"""

import keras

from custom_layers import Conv2D, Dense, Flatten, GlobalMaxPooling2D
from zoo.registry import Recipe, register

PAPER = "LeCun, 1989, Generalization and network design strategies"

CORNERS = Recipe(
    dataset="corners",
    optimizer=("Adam", {"learning_rate": 0.01}),
    monitor="val_loss",
    batch_size=20,
    epochs=60,
)


@register("corner_cnn", recipe=CORNERS, paper=PAPER)
@register("corner_cnn.corners", recipe=CORNERS, paper=PAPER)
def corner_cnn(
    input_shape: tuple[int, int, int] = (4, 4, 1),
    num_classes: int = 2,
    *,
    filters: int = 8,
) -> keras.Model:
    r"""One convolution of 2 x 2 kernels with global max pooling: pixels to logits.

    .. math::

        h_k = \max_p \mathrm{relu}(W_k \cdot x_p + b_k), \quad \text{logits} = V h + c

    over the patches :math:`x_p`: the weights are shared over all positions.

    Args:
        input_shape: `(height, width, channels)` of pixels.
        num_classes: Number of logits.
        filters: Number of filters.
    """
    image = keras.Input(input_shape, name="image")
    x = Conv2D(filters, 2, activation="relu")(image)
    x = GlobalMaxPooling2D()(x)
    return keras.Model(image, Dense(num_classes, name="logits")(x))


@register("corner_mlp", recipe=CORNERS, paper=PAPER)
@register("corner_mlp.corners", recipe=CORNERS, paper=PAPER)
def corner_mlp(
    input_shape: tuple[int, int, int] = (4, 4, 1),
    num_classes: int = 2,
    *,
    units: int = 32,
) -> keras.Model:
    r"""One hidden layer without weight sharing: pixels to logits.

    .. math::

        h = \mathrm{relu}(W x + b), \quad \text{logits} = V h + c

    Args:
        input_shape: `(height, width, channels)` of pixels.
        num_classes: Number of logits.
        units: Of the hidden layer.
    """
    image = keras.Input(input_shape, name="image")
    x = Dense(units, activation="relu")(Flatten()(image))
    return keras.Model(image, Dense(num_classes, name="logits")(x))
