"""Embedding of tokens and of their positions."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.layers.attention._projection import copied
from custom_layers.layers.attention.positional import (
    PositionEmbedding,
    SinePositionEncoding,
)
from custom_layers.layers.embedding import Embedding

__all__ = ["TokenAndPositionEmbedding"]


@keras.saving.register_keras_serializable("custom_layers")
class TokenAndPositionEmbedding(keras.layers.Layer):
    r"""Sum of the embeddings of tokens and of their positions.

    .. math::

        y_t = E_{x_t} + P_t \qquad \text{or} \qquad
        y_t = \sqrt{n} E_{x_t} + \mathrm{sine}(t)

    for `n` features, with learned positional embeddings `P` or, without a
    `sequence_length`, the sinusoidal encoding. The outputs carry the mask of the
    tokens, which a sum by `+` of the two loses.

    Args:
        vocabulary_size: Vocabulary size, the largest token id plus one.
        embedding_dim: Number of features.
        sequence_length: Maximum sequence length of learned positions; `None` for the
            sinusoidal encoding, which has no limit.
        embeddings_initializer: Initializer for the embeddings.
        mask_zero: Whether the token id 0 is padding, to be masked.

    Call arguments:
        inputs: Token ids.
        positions: Position of each step, `(batch, steps)`, instead of consecutive
            ones.

    Shapes:
        `(batch, steps)` of integers to `(batch, steps, embedding_dim)`.

    Example:

    >>> tuple(TokenAndPositionEmbedding(10, 4, 8)(ops.array([[3, 1]])).shape)
    (1, 2, 4)

    Reference:
        Vaswani et al., 2017, Attention is all you need.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        sequence_length: int | None = None,
        embeddings_initializer: InitializerLike = "uniform",
        mask_zero: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.sequence_length = sequence_length
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.token_embedding = Embedding(
            vocabulary_size,
            embedding_dim,
            self.embeddings_initializer,
            mask_zero=mask_zero,
            dtype=self.dtype_policy,
            name="token_embedding",
        )
        options = {"dtype": self.dtype_policy, "name": "position_embedding"}
        if sequence_length is None:
            self.position_embedding = SinePositionEncoding(**options)
        else:
            initializer = copied(self.embeddings_initializer)
            self.position_embedding = PositionEmbedding(
                sequence_length, initializer, **options
            )

    def build(self, input_shape: Shape) -> None:
        """Creates the embeddings."""
        self.token_embedding.build(input_shape)
        self.position_embedding.build((*input_shape, self.embedding_dim))

    def call(self, inputs: Tensor, positions: Tensor | None = None) -> Tensor:
        """Adds the embeddings."""
        tokens = self.token_embedding(inputs)
        places = self.position_embedding(tokens, positions=positions)
        if self.sequence_length is None:
            tokens = tokens * math.sqrt(self.embedding_dim)
        return tokens + places

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        """Returns the mask of the tokens that are not padding.

        A sequence of padding alone keeps all of its steps, so that averages exist.
        """
        kept = self.token_embedding.compute_mask(inputs)
        if kept is None:
            return None
        is_empty = ops.logical_not(ops.any(kept, axis=-1, keepdims=True))
        return ops.logical_or(kept, is_empty)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the embeddings."""
        return (*input_shape, self.embedding_dim)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "embedding_dim": self.embedding_dim,
            "sequence_length": self.sequence_length,
            "embeddings_initializer": initializers.serialize(
                self.embeddings_initializer
            ),
            "mask_zero": self.mask_zero,
        }
