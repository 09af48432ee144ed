"""Residual networks for small images (He, Zhang, Ren and Sun, 2016, section 4.2).

Train with `zoo train resnet20 --dataset cifar10`.
"""

from typing import Any

import keras
from keras import ops

from custom_layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Normalization,
    RandomFlip,
    RandomTranslation,
)
from zoo.errors import ArgumentError
from zoo.models.cnn.augmentation import augmented
from zoo.registry import Recipe, register

PAPER = "He et al., 2016, Deep residual learning for image recognition"

# The paper adds 1e-4 times the weight to the gradient, and a momentum of 0.9 makes ten
# times that of it; the optimizers here take it off the weight itself, at each step.
DECAY = 1e-3

DIGITS = Recipe(
    dataset="digits",
    optimizer=(
        "SGD",
        {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": DECAY},
    ),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=30,
)
# Few epochs, as an hour of two CPU cores allows: twice the maps learn more in one, and
# twice the decay, usual for wider networks, keeps them from learning by heart.
SHORT = Recipe(
    dataset="cifar10",
    optimizer=(
        "SGD",
        {
            "learning_rate": 0.2,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 2 * DECAY,
        },
    ),
    schedule=("CosineDecay", {}),
    warmup_epochs=2,
    batch_size=128,
    epochs=30,
)
# 64,000 steps: 182 epochs of the 45,000 pictures that are left to train on.
CIFAR10 = Recipe(
    dataset="cifar10",
    optimizer=("SGD", {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": DECAY}),
    schedule=("StepDecay", {"boundaries": (0.5, 0.75), "factor": 0.1}),
    batch_size=128,
    epochs=182,
)
FURTHER = {"regression": DIGITS, "multi_label": DIGITS}
COLOURS = {"input_shape": (32, 32, 3), "shift": 0.125, "flip": True}


@register("resnet8", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=8)
@register("resnet8.digits", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=8)
@register(
    "resnet8.cifar10",
    recipe=SHORT,
    paper=PAPER,
    depth=8,
    filters=(32, 64, 128),
    **COLOURS,
)
@register("resnet20", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=20)
@register(
    "resnet20.cifar10",
    reported="91.25 % (He et al., 2016)",
    recipe=CIFAR10,
    paper=PAPER,
    depth=20,
    **COLOURS,
)
@register("resnet32", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=32)
@register("resnet44", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=44)
@register("resnet56", also=FURTHER, recipe=DIGITS, paper=PAPER, depth=56)
def resnet(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    num_classes: int = 10,
    *,
    depth: int = 20,
    filters: tuple[int, int, int] = (16, 32, 64),
    shift: float = 0.0,
    flip: bool = False,
) -> keras.Model:
    r"""Residual network: raw pixels to logits.

    .. math::

        y = \mathrm{relu}(x' + \mathrm{BN}(W_2 * \mathrm{relu}(\mathrm{BN}(W_1 * x))))

    for :math:`n = (\text{depth} - 2) / 6` blocks of 3 x 3 convolutions in each of three
    stages. The first block of the second and third stage has a stride of 2; there the
    shortcut :math:`x'` subsamples :math:`x` and pads its channels with zeros (option A
    of the paper), otherwise :math:`x' = x`. So the shortcuts have no weights.

    Args:
        input_shape: `(height, width, channels)` of pixels in any range.
        num_classes: Number of logits.
        depth: Number of layers with weights, 6n + 2.
        filters: Number of filters of each stage.
        shift: Largest random translation in training, as a fraction of height and
            width, by whole pixels, padded with zeros (the mean): 0.125 of 32 pixels is
            a random crop after a padding of 4.
        flip: Whether to flip images at random in training.

    Raises:
        ArgumentError: If samples are no images, or no network has that depth.
    """
    blocks = (depth - 2) // 6
    if depth != 6 * blocks + 2 or blocks < 1:
        raise ArgumentError(
            "resnet has three stages of n blocks: `depth` must be 6n + 2, such as 8, "
            f"20, 32, 44 or 56. Received: depth={depth}"
        )
    if len(input_shape) != 3:
        raise ArgumentError(
            "resnet takes images: `input_shape` must be (height, width, channels). "
            f"Received: {tuple(input_shape)}"
        )
    image = keras.Input(input_shape, name="image")
    x = Normalization(axis=None, dtype="float32")(image)
    if shift:
        outside: dict[str, Any] = {"fill_mode": "constant", "interpolation": "nearest"}
        x = augmented(x, RandomTranslation(shift, shift, **outside))
    if flip:
        x = augmented(x, RandomFlip("horizontal"))
    x = Activation("relu")(_convolution(x, filters[0]))
    for stage, maps in enumerate(filters):
        for block in range(blocks):
            x = _block(x, maps, strides=2 if stage > 0 and block == 0 else 1)
    x = GlobalAveragePooling2D()(x)
    return keras.Model(image, Dense(num_classes, name="logits")(x))


def _block(x, filters: int, strides: int):
    y = Activation("relu")(_convolution(x, filters, strides))
    y = _convolution(y, filters)
    return Activation("relu")(ops.add(_shortcut(x, filters, strides), y))


def _convolution(x, filters: int, strides: int = 1):
    x = Conv2D(
        filters,
        3,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return BatchNormalization(momentum=0.9)(x)


def _shortcut(x, filters: int, strides: int):
    if strides > 1:
        x = x[:, ::strides, ::strides]
    missing = filters - x.shape[-1]
    if not missing:
        return x
    before = missing // 2
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (before, missing - before)))
