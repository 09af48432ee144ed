"""Convolutions and a decoder with attention (Xu et al., 2015): images to sentences.

Train with `zoo train captioner --dataset scene_captions`.
"""

import keras
from keras import ops

from custom_layers import (
    Activation,
    AttentionDecoder,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    Normalization,
    PositionEmbedding,
    SpatialDropout1D,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Xu et al., 2015, Show, attend and tell: neural image caption generation with "
    "visual attention"
)
SCENES = Recipe(
    dataset="scene_captions",
    optimizer=("Adam", {"learning_rate": 2e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=16,
)


@register("captioner", recipe=SCENES, task="captioning", paper=PAPER)
@register("captioner.scene_captions", recipe=SCENES, task="captioning", paper=PAPER)
def captioner(
    input_shape: tuple[int, int, int] = (64, 64, 3),
    vocabulary_size: int = 27,
    length: int = 20,
    *,
    filters: tuple[int, ...] = (24, 32, 64),
    colour_filters: int = 16,
    embedding_size: int = 32,
    units: int = 96,
    dropout: float = 0.1,
) -> keras.Model:
    r"""Convolutional features of regions, and a decoder that attends to them.

    .. math::

        f_i = [\mathrm{CNN}(\bar x)_i, \mathrm{conv}(x)_i] + p_i, \quad
        \text{logits}_t = \mathrm{decoder}(f, \text{logits}_{t - 1})

    with an embedding `p` of the position of each region; see `AttentionDecoder`. What
    has which shape is seen in the brightness :math:`\bar x` alone, and the colours in
    one convolution, so that a shape is known in a colour that it never had.

    Args:
        input_shape: `(height, width, channels)` of pixels in any range.
        vocabulary_size: Number of words, including the end of a sentence.
        length: Tokens of a sentence at most, including its end.
        filters: Number of filters of each stage of the convolutions of brightness,
            which halves the image.
        colour_filters: Number of filters of the convolution of colours.
        embedding_size: Dimension of the embeddings of words.
        units: Dimension of the decoder's state.
        dropout: Fraction of the features to drop during training, each in all regions.

    Raises:
        ArgumentError: If samples are no images.
    """
    if len(input_shape) != 3:
        raise ArgumentError(
            "captioner takes images: `input_shape` must be (height, width, channels). "
            f"Received: {tuple(input_shape)}"
        )
    image = keras.Input(input_shape, name="image")
    x = Normalization(axis=None, dtype="float32")(image)
    shapes = ops.mean(x, axis=-1, keepdims=True)
    colours = _convolution(x, colour_filters)
    for stage, maps in enumerate(filters):
        shapes = _convolution(shapes, maps, strides=1 if stage else 2)
        if stage:
            shapes = _convolution(MaxPooling2D(2, padding="same")(shapes), maps)
    # Both have the same regions.
    colours = MaxPooling2D(2 ** len(filters), padding="same")(colours)
    x = ops.concatenate([shapes, colours], axis=-1)
    regions = x.shape[1] * x.shape[2]
    x = ops.reshape(x, (-1, regions, x.shape[-1]))
    x = ops.add(x, PositionEmbedding(regions, name="positions")(x))
    x = SpatialDropout1D(dropout)(x)
    decoder = AttentionDecoder(
        vocabulary_size, length, embedding_size, units, name="decoder"
    )
    return keras.Model(image, decoder(x))


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
