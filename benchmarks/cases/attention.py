"""Attention, positions and transformer blocks.

Where Keras has no namesake, the peer is what a user would write with its layers.
"""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import FunctionCase, LayerCase


class KerasEncoder(keras.layers.Layer):
    """An encoder block of Keras' layers."""

    def __init__(self, intermediate_dim, num_heads, dropout=0.0):
        super().__init__()
        self.sizes = intermediate_dim, num_heads, dropout

    def build(self, shape):
        width, heads, dropout = self.sizes
        layers, size = keras.layers, shape[-1]
        self.attention = layers.MultiHeadAttention(
            heads, size // heads, dropout=dropout
        )
        self.dense, self.out = layers.Dense(width, "relu"), layers.Dense(size)
        self.norms = [layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
        self.drops = [layers.Dropout(dropout) for _ in range(2)]

    def call(self, x, training=False):
        attended = self.attention(x, x, training=training)
        x = self.norms[0](x + self.drops[0](attended, training=training))
        transformed = self.drops[1](self.out(self.dense(x)), training=training)
        return self.norms[1](x + transformed)


class KerasRotary(keras.layers.Layer):
    """The formula, as it stands."""

    def call(self, x):
        half = x.shape[-1] // 2
        rates = ops.power(10000.0, -ops.arange(half, dtype="float32") / half)
        angles = ops.arange(x.shape[1], dtype="float32")[:, None, None] * rates
        a, b = x[..., :half], x[..., half:]
        c, s = ops.cos(angles), ops.sin(angles)
        return ops.concatenate([a * c - b * s, b * c + a * s], axis=-1)


class KerasSines(keras.layers.Layer):
    """The formula, as it stands."""

    def call(self, x):
        steps, features = x.shape[-2:]
        rates = ops.power(
            10000.0, -ops.arange(0, features, 2, dtype="float32") / features
        )
        angles = ops.arange(steps, dtype="float32")[:, None] * rates
        waves = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
        return ops.broadcast_to(ops.reshape(waves, (steps, features)), x.shape)


class KerasPositions(keras.layers.Layer):
    """An embedding of Keras of the places."""

    def __init__(self, sequence_length):
        super().__init__()
        self.length = sequence_length

    def build(self, shape):
        self.places = keras.layers.Embedding(self.length, shape[-1])
        self.places.build()

    def call(self, x):
        return ops.broadcast_to(self.places(ops.arange(x.shape[1])), x.shape)


class KerasTokens(keras.layers.Layer):
    """Two embeddings of Keras, added."""

    def __init__(self, vocabulary_size, embedding_dim, sequence_length):
        super().__init__()
        self.tokens = keras.layers.Embedding(vocabulary_size, embedding_dim)
        self.places = keras.layers.Embedding(sequence_length, embedding_dim)

    def call(self, x):
        return self.tokens(x) + self.places(ops.arange(x.shape[1]))


class KerasDecoder(KerasEncoder):
    """A decoder block of Keras' layers."""

    def build(self, x_shape, encoded_shape):
        super().build(x_shape)
        size, heads = x_shape[-1], self.sizes[1]
        self.cross = keras.layers.MultiHeadAttention(heads, size // heads)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)

    def call(self, x, encoded, training=False):
        attended = self.attention(x, x, use_causal_mask=True, training=training)
        x = self.norms[0](x + attended)
        x = self.norm(x + self.cross(x, encoded, training=training))
        return self.norms[1](x + self.out(self.dense(x)))


def keras_attention(query, key, value):
    """The formula, with the gradient that the backend finds."""
    scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) / query.shape[-1] ** 0.5
    return ops.matmul(ops.softmax(scores), value)


class KerasAttentionDecoder(keras.layers.Layer):
    """The same steps with Keras' layers."""

    def __init__(self, vocabulary_size, length, embedding_dim, units):
        super().__init__()
        layers = keras.layers
        self.length, self.size = length, embedding_dim
        self.table = layers.Dense(embedding_dim, use_bias=False)
        self.attention = layers.AdditiveAttention()
        self.key, self.query = layers.Dense(units), layers.Dense(units)
        self.beginning = layers.Dense(units, "tanh")
        self.cell, self.out = layers.GRUCell(units), layers.Dense(vocabulary_size)

    def call(self, x):
        keys, state = self.key(x), self.beginning(ops.mean(x, axis=1))
        before, found = ops.zeros((x.shape[0], self.size)), []
        for _ in range(self.length):
            query = ops.expand_dims(self.query(state), 1)
            context = ops.squeeze(self.attention([query, x, keys]), 1)
            _, (state,) = self.cell(ops.concatenate([before, context], -1), [state])
            found.append(self.out(ops.concatenate([state, context], -1)))
            before = self.table(ops.softmax(found[-1]))
        return ops.stack(found, axis=1)


_RNG = np.random.default_rng(1)
_LONG = [(32, 128, 256), (32, 128, 256)]
_SHORT = [(16, 50, 64), (16, 50, 64)]
_HEADS = {"num_heads": 8, "key_dim": 32}
_BLOCK = {"intermediate_dim": 512, "num_heads": 4}

CASES = [
    LayerCase("MultiHeadAttention", _HEADS, _LONG),
    LayerCase("MultiHeadAttention", _HEADS, _LONG, call={"use_causal_mask": True}),
    LayerCase("MultiHeadAttention", _HEADS | {"dropout": 0.1}, _LONG),
    LayerCase("MultiHeadAttention", {"num_heads": 4, "key_dim": 16}, _SHORT),
    LayerCase("Attention", {}, _LONG, listed=True),
    LayerCase("Attention", {"use_scale": True}, _SHORT, listed=True),
    FunctionCase(
        "scaled_dot_product_attention",
        tuple(_RNG.normal(size=(32, 8, 128, 32)) for _ in range(3)),
        kind="layers",
        peer=keras_attention,
    ),
    LayerCase("RotaryEmbedding", {}, (32, 128, 8, 32), peer=KerasRotary),
    LayerCase(
        "SinePositionEncoding",
        {},
        (32, 128, 256),
        peer=KerasSines,
        differentiable=False,
    ),
    LayerCase(
        "PositionEmbedding",
        {"sequence_length": 128},
        (32, 128, 256),
        peer=KerasPositions,
    ),
    LayerCase(
        "TokenAndPositionEmbedding",
        {"vocabulary_size": 20000, "embedding_dim": 64, "sequence_length": 50},
        (32, 50),
        draw=lambda rng, shape: rng.integers(0, 20000, shape),
        peer=KerasTokens,
    ),
    LayerCase(
        "AttentionDecoder",
        {"vocabulary_size": 30, "length": 20, "embedding_dim": 32, "units": 64},
        (32, 64, 64),
        peer=KerasAttentionDecoder,
    ),
    LayerCase("TransformerEncoder", _BLOCK, (16, 64, 128), peer=KerasEncoder),
    LayerCase(
        "TransformerDecoder",
        _BLOCK,
        [(16, 64, 128), (16, 64, 128)],
        peer=KerasDecoder,
    ),
]
