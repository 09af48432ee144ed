"""Negative sampling."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.layers import _noise

__all__ = ["NegativeSampling"]

# Multiples of these, modulo `_CYCLE`, cover the unit square uniformly.
_STRIDES = (24737, 18673)
_CYCLE = 2**15


@keras.saving.register_keras_serializable("custom_layers")
class NegativeSampling(keras.layers.Layer):
    r"""Logits of the true token of a large vocabulary and of a few negative samples.

    .. math::

        s_j = x \cdot K_{w_j}, \qquad
        p(w_j = w) = \frac{\mathrm{counts}_w^{\mathrm{power}}}
            {\sum_v \mathrm{counts}_v^{\mathrm{power}}} \quad \text{for } j > 0

    with the true token `w_0` and the negative samples `w_j`. Training draws new
    negative samples for each example. At inference they are the same in each call,
    a low-discrepancy sample of the distribution, so that losses are comparable.
    Until `set_counts`, the distribution is uniform. Train with
    `NegativeSamplingLoss`; targets are 1 for the true token and 0 for negative
    samples.

    Args:
        vocabulary_size: Vocabulary size.
        negatives: Number of negative samples per positive.
        power: Exponent of the token frequencies: 1 for the unigram distribution, 0
            for the uniform one.
        kernel_initializer: Initializer for the matrix `(vocabulary_size, features)`.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, ..., features)` and token ids `(batch, ...)` to
        `(batch, ..., 1 + negatives)`.

    Example:

    >>> layer = NegativeSampling(4, negatives=2, kernel_initializer="ones")
    >>> ops.convert_to_numpy(layer(ops.ones((1, 8)), ops.array([2]))).tolist()
    [[8.0, 8.0, 8.0]]

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed
        representations of words and phrases and their compositionality.
    """

    def __init__(
        self,
        vocabulary_size: int,
        negatives: int = 5,
        *,
        power: float = 0.75,
        kernel_initializer: InitializerLike = "uniform",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        sizes = {"vocabulary_size": vocabulary_size, "negatives": negatives}
        for name, value in sizes.items():
            if not isinstance(value, int) or value <= 0:
                raise ValueError(
                    f"`{name}` must be a positive integer. Received: {name}={value}"
                )
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.negatives = negatives
        self.power = power
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        # In mixed precision, cast the gathered vectors, not the matrix.
        self.autocast = False

    def build(self, inputs_shape: Shape, words_shape: Shape) -> None:
        """Creates the output vectors of the tokens, and the sampling table."""
        self.kernel = self.add_weight(
            (self.vocabulary_size, inputs_shape[-1]),
            self.kernel_initializer,
            name="kernel",
        )
        options = {"dtype": "float32", "autocast": False, "trainable": False}
        shape = (self.vocabulary_size,)
        self.shares = self.add_weight(shape, "ones", name="shares", **options)
        # Integers as floats, which every device keeps in its own memory.
        self.aliases = self.add_weight(shape, "zeros", name="aliases", **options)

    def set_counts(self, counts: Sequence[int]) -> None:
        """Sets the token frequencies; a token of frequency 0 is never sampled.

        Args:
            counts: Frequency of each token; the layer must be built.
        """
        if len(counts) != self.vocabulary_size or not max(counts) > 0:
            raise ValueError(
                f"`counts` must hold the frequency of each of {self.vocabulary_size} "
                "tokens, one of them above 0. Received: "
                f"{len(counts)} of them"
            )
        likely = np.asarray(counts, "float64")
        weights = np.where(likely > 0, likely, 1) ** self.power * (likely > 0)
        shares, aliases = alias_table(weights)
        self.shares.assign(shares)
        self.aliases.assign(aliases)

    def call(self, inputs: Tensor, words: Tensor, training: bool = False) -> Tensor:
        """Computes the logits, that of the true token first."""
        words = ops.expand_dims(ops.cast(words, "int32"), -1)
        noise = self._noise((*ops.shape(words)[:-1], self.negatives), training)
        chosen = ops.concatenate([words, noise], axis=-1)
        vectors = ops.cast(ops.take(self.kernel, chosen, axis=0), self.compute_dtype)
        x = ops.expand_dims(ops.cast(inputs, self.compute_dtype), -2)
        return ops.sum(x * vectors, axis=-1)

    def _noise(self, shape: tuple, training: bool) -> Tensor:
        if training:
            place, share = (
                _noise.uniform(shape, "float32", self.seed_generator) for _ in range(2)
            )
        else:
            place, share = (_even(shape, stride) for stride in _STRIDES)
        first = ops.cast(place * self.vocabulary_size, "int32")
        # Rounding can give an index out of range.
        first = ops.minimum(first, self.vocabulary_size - 1)
        alias = ops.cast(ops.take(self.aliases, first, axis=0), "int32")
        return ops.where(share < ops.take(self.shares, first, axis=0), first, alias)

    def compute_output_shape(self, inputs_shape: Shape, words_shape: Shape) -> Shape:
        """Returns the shape of the logits."""
        return (*words_shape, 1 + self.negatives)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "negatives": self.negatives,
            "power": self.power,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }


def _even(shape: tuple, stride: int) -> Tensor:
    """A low-discrepancy sequence in [0, 1), the same in each call."""
    place = ops.arange(ops.size(ops.zeros(shape)), dtype="int32")
    turned = ops.mod(ops.mod(place, _CYCLE) * stride, _CYCLE)
    return ops.reshape((ops.cast(turned, "float32") + 0.5) / _CYCLE, shape)


def alias_table(weights: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Builds the alias table of a discrete distribution.

    With an index `i` drawn uniformly and `u` from `[0, 1)`, the sample is `i` where
    `u < shares[i]` and `aliases[i]` elsewhere:

    .. math::

        \frac{w_i}{\sum_k w_k}
            = \frac{1}{n} \left(s_i + \sum_{j : a_j = i} (1 - s_j)\right)

    Args:
        weights: Unnormalized probabilities `w`.

    Returns:
        Probabilities `s` of keeping an index, and aliases `a`.

    Example:

    >>> shares, aliases = alias_table([3, 1])
    >>> shares.tolist(), aliases.tolist()
    ([1.0, 0.5], [0, 0])

    Reference:
        Walker, 1977, An efficient method for generating discrete random variables
        with general distributions.
    """
    weights = np.asarray(weights, "float64")
    shares = weights / weights.sum() * len(weights)
    aliases = np.arange(len(weights))
    small = [i for i, share in enumerate(shares) if share < 1]
    large = [i for i, share in enumerate(shares) if share >= 1]
    while small and large:
        poor, rich = small.pop(), large.pop()
        aliases[poor] = rich
        shares[rich] -= 1 - shares[poor]
        (small if shares[rich] < 1 else large).append(rich)
    # The rest has probability 1 but for rounding.
    shares[small + large] = 1
    return shares, aliases
