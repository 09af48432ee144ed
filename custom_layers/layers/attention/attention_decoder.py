"""Decoder that writes tokens while it attends to features."""

from typing import Any

import keras
from keras import ops

from custom_layers import activations
from custom_layers._types import Shape, Tensor
from custom_layers.layers.attention._arguments import check_size
from custom_layers.layers.dense import Dense
from custom_layers.layers.embedding import Embedding
from custom_layers.layers.recurrent.gru import GRUCell

__all__ = ["AttentionDecoder"]


@keras.saving.register_keras_serializable("custom_layers")
class AttentionDecoder(keras.layers.Layer):
    r"""Recurrent decoder with additive attention: features to logits of tokens.

    .. math::

        a_{ti} &= \mathrm{softmax}_i\big(v \cdot
            \tanh(f_i W + h_{t-1} U + b)\big), \quad c_t = \sum_i a_{ti} f_i \\
        h_t &= \mathrm{GRU}([e_{t-1}, c_t], h_{t-1}) \\
        z_t &= [h_t, c_t] V + d, \quad e_t = \sum_k \mathrm{softmax}(z_t)_k E_k

    from :math:`h_0 = \tanh(\bar f W_0 + b_0)` of the mean of the features, and
    :math:`e_0 = E_0`. A step takes the expected embedding of the token before, which
    has a gradient: the decoder trains on its own answers, as it is used. `step` takes
    any embedding, such as that of one token for a search.

    Args:
        vocabulary_size: Number of tokens; the token 0 begins a sequence and ends it.
        length: Number of steps.
        embedding_dim: Dimension of the embeddings `E`.
        units: Dimension of the state `h` and of the attention.

    Shapes:
        `(batch, n, features)` to `(batch, length, vocabulary_size)`.

    Example:

    >>> decoder = AttentionDecoder(9, length=4, embedding_dim=3, units=5)
    >>> tuple(decoder(ops.zeros((2, 6, 7))).shape)
    (2, 4, 9)

    Reference:
        Xu et al., 2015, Show, attend and tell: neural image caption generation with
        visual attention; Goyal, Dyer and Berg-Kirkpatrick, 2017, Differentiable
        scheduled sampling for credit assignment.
    """

    def __init__(
        self,
        vocabulary_size: int,
        length: int,
        embedding_dim: int = 64,
        units: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        sizes = {
            "vocabulary_size": vocabulary_size,
            "length": length,
            "embedding_dim": embedding_dim,
            "units": units,
        }
        for name, size in sizes.items():
            check_size(name, size)
        self.vocabulary_size = vocabulary_size
        self.length = length
        self.embedding_dim = embedding_dim
        self.units = units
        part: dict[str, Any] = {"dtype": self.dtype_policy}
        self.embedding = Embedding(
            vocabulary_size, embedding_dim, name="embedding", **part
        )
        self.key = Dense(units, use_bias=False, name="key", **part)
        self.query = Dense(units, name="query", **part)
        self.score = Dense(1, use_bias=False, name="score", **part)
        self.beginning = Dense(units, "tanh", name="beginning", **part)
        self.cell = GRUCell(units, name="cell", **part)
        self.logits = Dense(vocabulary_size, name="logits", **part)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: Shape) -> None:
        """Builds the parts."""
        features, units = input_shape[-1], self.units
        if features is None:
            raise ValueError(
                "The number of features must be known. "
                f"Received: input_shape={input_shape}"
            )
        self.embedding.build((None, None))
        self.key.build((None, None, features))
        self.query.build((None, units))
        self.score.build((None, None, units))
        self.beginning.build((None, features))
        self.cell.build((None, self.embedding_dim + features))
        self.logits.build((None, units + features))

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the logits of all tokens, one after the other."""
        keys, state = self.begin(inputs)
        before = self.embedding(ops.zeros_like(state[:, 0], dtype="int32"))
        found = []
        for _ in range(self.length):
            logits, state, _ = self.step(before, state, inputs, keys)
            before = ops.matmul(activations.softmax(logits), self.embedding.embeddings)
            found.append(logits)
        return ops.stack(found, axis=1)

    def begin(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Returns what all steps share, the keys of the features, and the first state.

        Shapes:
            `(batch, n, features)` to `(batch, n, units)` and `(batch, units)`.
        """
        return self.key(features), self.beginning(ops.mean(features, axis=1))

    def step(
        self, before: Tensor, state: Tensor, features: Tensor, keys: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Computes the logits of a token, the next state, and the attention weights.

        Args:
            before: Embedding of the token before, `(batch, embedding_dim)`.
            state: The state before, `(batch, units)`.
            features: As for the call.
            keys: As `begin` returned them.

        Shapes:
            To `(batch, vocabulary_size)`, `(batch, units)` and `(batch, n)`.
        """
        query = ops.expand_dims(self.query(state), 1)
        scores = ops.squeeze(self.score(ops.tanh(keys + query)), -1)
        weights = activations.softmax(scores)
        context = ops.sum(ops.expand_dims(weights, -1) * features, axis=1)
        _, (state,) = self.cell(ops.concatenate([before, context], axis=-1), [state])
        logits = self.logits(ops.concatenate([state, context], axis=-1))
        return logits, state, weights

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the logits."""
        return (input_shape[0], self.length, self.vocabulary_size)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "length": self.length,
            "embedding_dim": self.embedding_dim,
            "units": self.units,
        }
