"""LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998, section II.B).

Train with `zoo train lenet5 --dataset mnist`.
"""

from typing import Any

import keras

from custom_layers import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    Normalization,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from zoo.errors import ArgumentError
from zoo.models.cnn.augmentation import augmented
from zoo.registry import Recipe, register

PAPER = "LeCun et al., 1998, Gradient-based learning applied to document recognition"

DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",  # many epochs get all of the few validation scans right
    batch_size=32,
    epochs=60,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=10,
)
LONG = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=24,
)
FURTHER = {"regression": DIGITS, "multi_label": DIGITS}
DISTORTIONS: dict[str, Any] = {"shift": 0.1, "rotation": 0.03, "zoom": 0.1}


@register("lenet5", recipe=DIGITS, also=FURTHER, paper=PAPER)
@register(
    "lenet5.digits",
    recipe=DIGITS,
    also=FURTHER,
    paper=PAPER,
    filters=(32, 64),
    kernel_size=3,
    activation="relu",
    shift=0.12,
    rotation=0.03,
    zoom=0.1,
    dropout=0.3,
)
@register(
    "lenet5.mnist",
    reported="0.95 % error (LeCun et al., 1998)",
    recipe=MNIST,
    also={"regression": MNIST},
    paper=PAPER,
    input_shape=(28, 28, 1),
    dropout=0.2,
)
@register(
    "lenet5_augmented",
    recipe=DIGITS,
    also=FURTHER,
    paper=PAPER,
    activation="relu",
    **DISTORTIONS,
)
@register(
    "lenet5_augmented.mnist",
    reported="0.8 % error with distortions (LeCun et al., 1998)",
    recipe=LONG,
    paper=PAPER,
    input_shape=(28, 28, 1),
    filters=(16, 32),
    activation="relu",
    dropout=0.2,
    **DISTORTIONS,
)
def lenet5(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    num_classes: int = 10,
    *,
    filters: tuple[int, int] = (6, 16),
    kernel_size: int = 5,
    units: tuple[int, int] = (120, 84),
    activation: str = "tanh",
    shift: float = 0.0,
    rotation: float = 0.0,
    zoom: float = 0.0,
    noise: float = 0.0,
    dropout: float = 0.0,
) -> keras.Model:
    """Builds LeNet-5 for images of any size from 4 x 4: raw pixels to logits.

    The paper's input is 32 x 32. Where an image is smaller, a convolution pads
    with zeros: 28 x 28 so has the paper's feature maps from C1 on, and 8 x 8 keeps a
    2 x 2 map for C5. Subsampling has no weights, C3 is connected to every map of S2,
    and the radial basis output is a dense layer, as is usual today.

    Args:
        input_shape: `(height, width, channels)` of pixels in any range.
        num_classes: Number of logits.
        filters: Number of feature maps of C1 and of C3.
        kernel_size: Of both convolutions.
        units: Width of C5 and of F6.
        activation: Of the convolutions, C5 and F6.
        shift: Largest random translation in training, as a fraction of height and
            width (the paper's distortions, section III.A).
        rotation: Largest random rotation, as a fraction of a full turn.
        zoom: Largest random zoom, as a fraction of the size.
        noise: Standard deviation of the noise added to the normalized image.
        dropout: Fraction of C5 and of F6 to drop during training. Neither noise nor
            dropout is in the paper; both reduce overfitting of small datasets.
    """
    if len(input_shape) != 3 or min(input_shape[:2]) < 4:
        raise ArgumentError(
            "lenet5 takes images: `input_shape` must be (height, width, channels) "
            f"of at least 4 x 4 pixels. Received: input_shape={tuple(input_shape)}"
        )
    image = keras.Input(input_shape, name="image")
    x = Normalization(axis=None, dtype="float32")(image)
    outside: dict[str, Any] = {"fill_mode": "nearest"}
    if shift:
        x = augmented(x, RandomTranslation(shift, shift, **outside))
    if rotation:
        x = augmented(x, RandomRotation(rotation, **outside))
    if zoom:
        x = augmented(x, RandomZoom(zoom, **outside))
    if noise:
        x = GaussianNoise(noise)(x)
    shared = {"kernel_size": kernel_size, "activation": activation}
    x = _convolution(x, filters[0], paper_size=32, name="C1", **shared)
    x = AveragePooling2D(2, name="S2")(x)
    x = _convolution(x, filters[1], paper_size=14, name="C3", **shared)
    x = AveragePooling2D(2, name="S4")(x)
    # A 5 x 5 convolution of a 5 x 5 map is a dense layer.
    x = Flatten()(x)
    for name, width in zip(("C5", "F6"), units, strict=True):
        x = Dense(width, activation=activation, name=name)(x)
        if dropout:
            x = Dropout(dropout)(x)
    return keras.Model(image, Dense(num_classes, name="logits")(x))


def _convolution(x, filters, *, paper_size, **options: Any):
    padding = "same" if min(x.shape[1:3]) < paper_size else "valid"
    return Conv2D(filters, padding=padding, **options)(x)
