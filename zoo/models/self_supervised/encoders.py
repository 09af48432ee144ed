"""The convolutional encoder that pretext tasks train, and its classifier.

Train with `zoo train encoder_cnn`, from a run of a pretext task with `--weights`.
"""

import keras

from custom_layers import Conv2D, Dense, Flatten, Rescaling
from zoo.registry import Recipe, register

PAPER = (
    "Chen et al., 2020, A simple framework for contrastive learning of visual "
    "representations (linear probe and fine-tuning of an encoder)"
)
# Where everything is the same for a network from scratch and a pre-trained one.
_AUGMENTATION = (
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}),
    ("RandomRotation", {"factor": 0.03}),
)
DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    augmentation=_AUGMENTATION,
    batch_size=32,
    epochs=60,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    augmentation=_AUGMENTATION,
    batch_size=64,
    epochs=10,
)
CIFAR10 = Recipe(
    dataset="cifar10",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    augmentation=(("RandomFlip", {"mode": "horizontal"}), *_AUGMENTATION),
    batch_size=64,
    epochs=20,
)


def encoder(
    input_shape: tuple[int, int, int], maximum: float, filters: tuple[int, ...]
) -> keras.Model:
    """Returns the encoder: raw pixels to features, as many as the last filters.

    Args:
        input_shape: `(height, width, channels)`.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution; all but the first halve height
            and width.
    """
    image = keras.Input(input_shape, name="pixels")
    x = Rescaling(1 / maximum, dtype="float32")(image)
    for i, maps in enumerate(filters):
        x = Conv2D(maps, 3, strides=1 + (i > 0), padding="same", activation="elu")(x)
    x = Dense(filters[-1], activation="elu", name="features")(Flatten()(x))
    return keras.Model(image, x, name="encoder")


@register("encoder_cnn", recipe=DIGITS, paper=PAPER)
@register("encoder_cnn.digits", recipe=DIGITS, paper=PAPER, maximum=16.0)
@register("encoder_cnn.mnist", recipe=MNIST, paper=PAPER, input_shape=(28, 28, 1))
@register("encoder_cnn.cifar10", recipe=CIFAR10, paper=PAPER, input_shape=(32, 32, 3))
def encoder_cnn(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    num_classes: int = 10,
    *,
    maximum: float = 255.0,
    filters: tuple[int, ...] = (32, 64, 64),
) -> keras.Model:
    """Linear classifier on a convolutional encoder: raw pixels to logits.

    `--weights RUN` of a pretext task (`rotation`, `simclr`, `masked_autoencoder`) takes
    the encoder from there; `--freeze encoder` then trains the head alone, a linear
    probe.

    Args:
        input_shape: `(height, width, channels)`.
        num_classes: Number of classes.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution of the encoder.
    """
    image = keras.Input(input_shape, name="image")
    features = encoder(input_shape, maximum, filters)(image)
    return keras.Model(image, Dense(num_classes, name="logits")(features))
