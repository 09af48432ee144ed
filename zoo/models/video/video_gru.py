"""Convolutions over the frames of a video, and a GRU over time (Donahue et al., 2015).

Train with `zoo train video_gru --dataset moving_shapes`.
"""

import keras

from custom_layers import (
    GRU,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Normalization,
    TimeDistributed,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Donahue et al., 2015, Long-term recurrent convolutional networks for visual "
    "recognition and description"
)
SHAPES = Recipe(
    dataset="moving_shapes",
    optimizer=("Adam", {"learning_rate": 2e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=30,
)
Shape = tuple[int, int, int, int]


@register("video_gru", recipe=SHAPES, input="video", paper=PAPER)
@register("video_gru.moving_shapes", recipe=SHAPES, input="video", paper=PAPER)
def video_gru(
    input_shape: Shape = (16, 24, 24, 1),
    num_classes: int = 8,
    *,
    filters: tuple[int, ...] = (8, 16),
    features: int = 64,
    units: int = 64,
    dropout: float = 0.2,
) -> keras.Model:
    r"""Convolutional features of each frame, read by a GRU: videos to logits.

    .. math::

        h_t = \mathrm{GRU}(\mathrm{CNN}(x_t), h_{t-1}), \quad
        \text{logits} = W h_T + b

    Args:
        input_shape: `(time, height, width, channels)` of pixels in any range.
        num_classes: Number of logits.
        filters: Number of filters of each convolution, all with a stride of 2.
        features: Number of features of a frame.
        units: Dimension of the state.
        dropout: Fraction of the last state to drop during training.

    Raises:
        ArgumentError: If samples are no videos.
    """
    video, x = _normalized("video_gru", input_shape)
    for layer in _frame_layers(filters, features):
        x = TimeDistributed(layer)(x)
    x = Dropout(dropout)(GRU(units)(x))
    return keras.Model(video, Dense(num_classes, name="logits")(x))


@register("frame_cnn", recipe=SHAPES, input="video", paper=PAPER)
@register("frame_cnn.moving_shapes", recipe=SHAPES, input="video", paper=PAPER)
def frame_cnn(
    input_shape: Shape = (16, 24, 24, 1),
    num_classes: int = 8,
    *,
    filters: tuple[int, ...] = (8, 16),
    features: int = 64,
    dropout: float = 0.2,
) -> keras.Model:
    r"""The convolutions of `video_gru` on one frame: what time adds is the difference.

    .. math::

        \text{logits} = W \, \mathrm{CNN}(x_{T / 2}) + b

    Args:
        input_shape: `(time, height, width, channels)` of pixels in any range.
        num_classes: Number of logits.
        filters: Number of filters of each convolution, all with a stride of 2.
        features: Number of features of the frame.
        dropout: Fraction of the features to drop during training.

    Raises:
        ArgumentError: If samples are no videos.
    """
    video, x = _normalized("frame_cnn", input_shape)
    x = x[:, input_shape[0] // 2]
    for layer in _frame_layers(filters, features):
        x = layer(x)
    x = Dropout(dropout)(x)
    return keras.Model(video, Dense(num_classes, name="logits")(x))


def _normalized(name: str, input_shape: Shape):
    if len(input_shape) != 4:
        raise ArgumentError(
            f"{name} takes videos: `input_shape` must be (time, height, width, "
            f"channels). Received: {tuple(input_shape)}"
        )
    video = keras.Input(input_shape, name="video")
    return video, Normalization(axis=None, dtype="float32")(video)


def _frame_layers(filters: tuple[int, ...], features: int) -> list[keras.Layer]:
    convolutions = [
        Conv2D(maps, 3, strides=2, padding="same", activation="relu")
        for maps in filters
    ]
    return [*convolutions, Flatten(), Dense(features, activation="relu")]
