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
    filters: tuple[int, ...] = (16, 32, 64),
    embedding_size: int = 32,
    units: int = 96,
    dropout: float = 0.2,
) -> keras.Model:
    r"""Convolutional features of regions, and a decoder that attends to them.

    .. math::

        f_i = \mathrm{CNN}(x)_i + p_i, \quad
        \text{logits}_t = \mathrm{decoder}(f, \text{logits}_{t - 1})

    with an embedding `p` of the position of each region; see `AttentionDecoder`.

    Args:
        input_shape: `(height, width, channels)` of pixels in any range.
        vocabulary_size: Number of words, including the end of a sentence.
        length: Tokens of a sentence at most, including its end.
        filters: Number of filters of each convolution, all with a stride of 2.
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
    for maps in filters:
        x = Conv2D(
            maps,
            3,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
        )(x)
        x = Activation("relu")(BatchNormalization(momentum=0.9)(x))
    regions = x.shape[1] * x.shape[2]
    x = ops.reshape(x, (-1, regions, filters[-1]))
    x = ops.add(x, PositionEmbedding(regions, name="positions")(x))
    x = SpatialDropout1D(dropout)(x)
    decoder = AttentionDecoder(
        vocabulary_size, length, embedding_size, units, name="decoder"
    )
    return keras.Model(image, decoder(x))
