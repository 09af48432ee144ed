"""Which words are used alike?"""

from typing import Any

import keras
from keras import ops

from custom_layers import Embedding

COUNT = 10
SPECIAL = 2  # padding and unknown words are nobody's neighbours


class Neighbours(keras.layers.Layer):
    """Finds the words whose vectors point most nearly the same way.

    `similarity[i, j] = dot(v[i], v[j]) / (|v[i]| |v[j]|)`, the largest ones but for
    that of the word itself

    Args:
        embedding: Holds the vectors; built.

    Shapes:
        Numbers of words `(batch, time)` to the numbers of their neighbours and to the
        similarities, both `(batch, time, neighbours)`: 10 of them, fewer where there
        are not so many words.
    """

    def __init__(self, embedding: Embedding, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.embedding = embedding
        self.count = min(COUNT, embedding.input_dim - SPECIAL - 1)

    def call(self, tokens: Any) -> tuple[Any, Any]:
        """Returns neighbours, the nearest first, and their similarities."""
        vectors = ops.convert_to_tensor(self.embedding.embeddings)
        lengths = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True))
        unit = vectors / ops.maximum(lengths, keras.config.epsilon())
        similarities = ops.matmul(ops.take(unit, tokens, axis=0), ops.transpose(unit))
        words = ops.arange(self.embedding.input_dim, dtype="int32")
        is_itself = ops.equal(ops.expand_dims(tokens, -1), words)
        left_out = ops.logical_or(is_itself, words < SPECIAL)
        # Below every cosine.
        similarities = ops.where(left_out, -2.0, similarities)
        values, places = ops.top_k(similarities, k=self.count)
        return places, values

    def compute_output_spec(self, tokens: Any) -> tuple[Any, Any]:
        """Describes both."""
        shape = (*tokens.shape, self.count)
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "float32")
