"""Nearest neighbours in embedding space."""

from typing import Any

import keras
from keras import ops

from custom_layers import Embedding

COUNT = 10
SPECIAL = 2  # padding and unknown tokens are not neighbours


def unit_vectors(embedding: Embedding) -> Any:
    """Returns the embeddings, each scaled to the length 1."""
    vectors = ops.convert_to_tensor(embedding.embeddings)
    lengths = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True))
    return vectors / ops.maximum(lengths, keras.config.epsilon())


class Neighbours(keras.layers.Layer):
    r"""Finds the words of highest cosine similarity to a word, without the word itself.

    .. math::

        s_{ij} = \frac{v_i \cdot v_j}{\lVert v_i \rVert \, \lVert v_j \rVert}

    Args:
        embedding: A built layer.

    Shapes:
        Token ids `(batch, time)` to the token ids of their neighbours and to the
        similarities, both `(batch, time, neighbours)`: 10 of them, fewer of a small
        vocabulary.
    """

    def __init__(self, embedding: Embedding, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.embedding = embedding
        self.count = min(COUNT, embedding.input_dim - SPECIAL - 1)

    def call(self, tokens: Any) -> tuple[Any, Any]:
        """Returns neighbours, the nearest first, and their similarities."""
        unit = unit_vectors(self.embedding)
        similarities = ops.matmul(ops.take(unit, tokens, axis=0), ops.transpose(unit))
        words = ops.arange(self.embedding.input_dim, dtype="int32")
        is_itself = ops.equal(ops.expand_dims(tokens, -1), words)
        left_out = ops.logical_or(is_itself, words < SPECIAL)
        # Below every cosine.
        similarities = ops.where(left_out, -2.0, similarities)
        values, ids = ops.top_k(similarities, k=self.count)
        return ids, values

    def compute_output_spec(self, tokens: Any) -> tuple[Any, Any]:
        """Returns shape and dtype of both."""
        shape = (*tokens.shape, self.count)
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "float32")
