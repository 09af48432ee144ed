"""Hierarchical softmax."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.losses.huffman import huffman_codes

__all__ = ["HierarchicalSoftmax"]


@keras.saving.register_keras_serializable("custom_layers")
class HierarchicalSoftmax(keras.layers.Layer):
    r"""Logits of the nodes on the path to a token in a binary tree of the vocabulary.

    .. math::

        s_j &= x \cdot K_{\mathrm{points}[w, j]} \\
        p(w \mid x) &= \prod_j \sigma((1 - 2 \, \mathrm{codes}[w, j]) s_j)

    for the token `w`, with `codes` and `points` of `huffman_codes(counts)`; until
    `set_counts`, all counts are equal. Train with `HierarchicalSoftmaxLoss`, whose
    targets are the codes. Paths are padded to the longest with node 0.

    Args:
        vocabulary_size: Vocabulary size, the number of leaves of the tree.
        path_length: Number of nodes of the longest path.
        kernel_initializer: Initializer for the matrix
            `(vocabulary_size - 1, features)`.

    Shapes:
        `(batch, ..., features)` and token ids `(batch, ...)` to
        `(batch, ..., path_length)`.

    Example:

    >>> layer = HierarchicalSoftmax(3, path_length=2, kernel_initializer="ones")
    >>> scores = layer(ops.ones((1, 4)), ops.array([0]))
    >>> ops.convert_to_numpy(scores).tolist()
    [[4.0, 4.0]]

    Reference:
        Morin and Bengio, 2005, Hierarchical probabilistic neural network language
        model; Mikolov, Chen, Corrado and Dean, 2013, Efficient estimation of word
        representations in vector space.
    """

    def __init__(
        self,
        vocabulary_size: int,
        path_length: int,
        *,
        kernel_initializer: InitializerLike = "uniform",
        **kwargs: Any,
    ) -> None:
        shortest = (vocabulary_size - 1).bit_length()
        if vocabulary_size < 2 or path_length < shortest:
            raise ValueError(
                "`vocabulary_size` must be 2 or more, and `path_length` no less than "
                "its binary logarithm. Received: "
                f"vocabulary_size={vocabulary_size}, path_length={path_length}"
            )
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.path_length = path_length
        self.kernel_initializer = initializers.get(kernel_initializer)
        # In mixed precision, cast the gathered vectors, not the matrix.
        self.autocast = False

    def build(self, inputs_shape: Shape, words_shape: Shape) -> None:
        """Creates the vectors of the nodes, and the tree."""
        self.kernel = self.add_weight(
            (self.vocabulary_size - 1, inputs_shape[-1]),
            self.kernel_initializer,
            name="kernel",
        )
        # Integers as floats, which every device keeps in its own memory.
        self.points = self.add_weight(
            (self.vocabulary_size, self.path_length),
            initializers.Constant(self._paths([1] * self.vocabulary_size)),
            dtype="float32",
            autocast=False,
            trainable=False,
            name="points",
        )

    def set_counts(self, counts: Sequence[int]) -> None:
        """Sets the token frequencies: frequent tokens get short paths.

        Args:
            counts: Frequency of each token; the layer must be built.
        """
        if len(counts) != self.vocabulary_size:
            raise ValueError(
                f"`counts` must hold the frequency of each of {self.vocabulary_size} "
                f"tokens. Received: {len(counts)} of them"
            )
        self.points.assign(self._paths(counts))

    def _paths(self, counts: Sequence[int]) -> np.ndarray:
        points = huffman_codes(counts).points
        missing = self.path_length - points.shape[1]
        if missing < 0:
            raise ValueError(
                f"The longest path in the tree of these counts has {points.shape[1]} "
                f"nodes. Received: path_length={self.path_length}"
            )
        return np.pad(points.astype("float32"), ((0, 0), (0, missing)))

    def call(self, inputs: Tensor, words: Tensor) -> Tensor:
        """Computes the logits, from the root on."""
        path = ops.take(self.points, ops.cast(words, "int32"), axis=0)
        nodes = ops.take(self.kernel, ops.cast(path, "int32"), axis=0)
        x = ops.expand_dims(ops.cast(inputs, self.compute_dtype), -2)
        return ops.sum(x * ops.cast(nodes, self.compute_dtype), axis=-1)

    def compute_output_shape(self, inputs_shape: Shape, words_shape: Shape) -> Shape:
        """Returns the shape of the logits."""
        return (*words_shape, self.path_length)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "path_length": self.path_length,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
        }
