"""Analogies in embedding space."""

from typing import Any

import keras
from keras import ops

from custom_layers import Embedding
from zoo.tasks.neighbours import COUNT, SPECIAL, unit_vectors

TERMS = 3


class Analogy(keras.layers.Layer):
    r"""Finds the words that are to `c` as `b` is to `a`, by 3CosAdd.

    .. math::

        s_j = \cos(v_j, u_b - u_a + u_c), \qquad u = v / \lVert v \rVert

    without the three words themselves.

    Args:
        embedding: A built layer.

    Shapes:
        Token ids `(batch, 3)` of `a`, `b` and `c`, to the token ids of the answers and
        to the similarities, both `(batch, answers)`: 10 of them, fewer of a small
        vocabulary.

    Reference:
        Mikolov, Yih and Zweig, 2013, Linguistic regularities in continuous space word
        representations.
    """

    def __init__(self, embedding: Embedding, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.embedding = embedding
        self.count = min(COUNT, embedding.input_dim - SPECIAL - TERMS)

    def call(self, tokens: Any) -> tuple[Any, Any]:
        """Returns the answers, the nearest first, and their similarities."""
        unit = unit_vectors(self.embedding)
        a, b, c = (ops.take(unit, tokens[:, i], axis=0) for i in range(TERMS))
        target = b - a + c
        length = ops.sqrt(ops.sum(ops.square(target), axis=-1, keepdims=True))
        target = target / ops.maximum(length, keras.config.epsilon())
        similarities = ops.matmul(target, ops.transpose(unit))
        words = ops.arange(self.embedding.input_dim, dtype="int32")
        is_given = ops.any(ops.equal(ops.expand_dims(tokens, -1), words), axis=1)
        left_out = ops.logical_or(is_given, words < SPECIAL)
        # Below every cosine.
        values, ids = ops.top_k(ops.where(left_out, -2.0, similarities), k=self.count)
        return ids, values

    def compute_output_spec(self, tokens: Any) -> tuple[Any, Any]:
        """Returns shape and dtype of both."""
        shape = tokens.shape[0], self.count
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "float32")
