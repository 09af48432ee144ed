"""Single-shot detector (Liu et al., 2016) with focal loss (Lin et al., 2017).

Train with `zoo train detector --dataset shape_scenes`.
"""

import math
from collections.abc import Sequence

import keras
from keras import ops

from custom_layers import (
    Activation,
    AnchorBoxes,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    Normalization,
)
from custom_layers.initializers import Constant
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = "Liu et al., 2016, SSD: single shot multibox detector"
SCENES = Recipe(
    dataset="shape_scenes",
    optimizer=("AdamW", {"learning_rate": 2e-3, "weight_decay": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=24,
)
# Probability of a class at an anchor before training: most have no object.
_PRIOR = 0.01


@register("detector", recipe=SCENES, task="detection", paper=PAPER)
@register("detector.shape_scenes", recipe=SCENES, task="detection", paper=PAPER)
def detector(
    input_shape: tuple[int, int, int] = (64, 64, 3),
    num_classes: int = 3,
    *,
    filters: tuple[int, ...] = (24, 32, 64, 64),
    anchor_sizes: tuple[tuple[float, ...], ...] = ((12, 18), (26, 36)),
) -> keras.Model:
    r"""Convolutions, and classes and boxes of anchors at the last feature maps.

    .. math::

        y = [a, t, z]

    Each stage halves the feature map, by a stride of 2 or by pooling. At each cell of
    the last ones, a 3 x 3 convolution predicts the offsets `t` of the boxes around it
    (the anchors `a`, see `AnchorBoxes`), another one the logits `z` of their classes.

    Args:
        input_shape: `(height, width, channels)` of pixels in any range.
        num_classes: Number of classes.
        filters: Number of filters of each stage.
        anchor_sizes: Sides of the anchors in pixels, for each of the last stages.

    Raises:
        ArgumentError: If samples are no images, or too small for the stages.
    """
    smallest = 2 ** len(filters)
    if len(input_shape) != 3 or min(input_shape[:2]) < smallest:
        raise ArgumentError(
            "detector takes images of (height, width, channels), of "
            f"{smallest} pixels or more. Received: input_shape={tuple(input_shape)}"
        )
    if not 0 < len(anchor_sizes) <= len(filters):
        raise ArgumentError(
            f"`anchor_sizes` must have sizes for one to {len(filters)} stages. "
            f"Received: {anchor_sizes}"
        )
    image = keras.Input(input_shape, name="image")
    x = Normalization(axis=None, dtype="float32")(image)
    first = len(filters) - len(anchor_sizes)
    predictions = []
    for stage, maps in enumerate(filters):
        x = _convolution(x, maps, strides=1 if stage else 2)
        if stage:
            x = _convolution(MaxPooling2D(2, padding="same")(x), maps)
        if stage >= first:
            sizes = anchor_sizes[stage - first]
            predictions.append(_head(x, 2 ** (stage + 1), sizes, num_classes))
    return keras.Model(image, ops.concatenate(predictions, axis=1))


def _convolution(x, filters: int, strides: int = 1):
    x = Conv2D(
        filters,
        3,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return Activation("relu")(BatchNormalization(momentum=0.9)(x))


def _head(x, stride: int, sizes: Sequence[float], num_classes: int):
    """Predictions for the anchors of a feature map, `(batch, anchors, 8 + classes)`."""
    anchors = AnchorBoxes(stride, sizes, dtype="float32")(x)
    offsets = Conv2D(
        4 * len(sizes), 3, padding="same", dtype="float32", name=f"offsets_{stride}"
    )(x)
    logits = Conv2D(
        num_classes * len(sizes),
        3,
        padding="same",
        bias_initializer=Constant(-math.log(1 / _PRIOR - 1)),
        dtype="float32",
        name=f"logits_{stride}",
    )(x)
    count = anchors.shape[1]
    parts = [
        anchors,
        ops.reshape(offsets, (-1, count, 4)),
        ops.reshape(logits, (-1, count, num_classes)),
    ]
    return ops.concatenate(parts, axis=-1)
