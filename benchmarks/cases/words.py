"""Output layers of large vocabularies, beside Keras' embeddings of the same rows."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import LayerCase, LossCase
from benchmarks.cases.losses import SummedBinaryCrossentropy


class SampledWords(keras.layers.Layer):
    """The true token, and samples of any distribution by its cumulative shares."""

    def __init__(self, vocabulary_size, negatives):
        super().__init__()
        self.negatives = negatives
        self.table = keras.layers.Embedding(vocabulary_size, 64)
        self.seed = keras.random.SeedGenerator()
        self.cumulative = ops.convert_to_tensor(
            np.arange(1, vocabulary_size + 1) / vocabulary_size, "float32"
        )

    def call(self, x, words, training=False):
        share = keras.random.uniform((words.shape[0], self.negatives), seed=self.seed)
        noise = ops.searchsorted(self.cumulative, ops.reshape(share, (-1,)), "right")
        noise = ops.reshape(noise, share.shape)
        chosen = ops.concatenate([ops.cast(words, "int32")[:, None], noise], axis=-1)
        return ops.sum(x[:, None] * self.table(chosen), axis=-1)


class PathsOfWords(keras.layers.Layer):
    """The nodes on the path of each token."""

    def __init__(self, vocabulary_size, path_length):
        super().__init__()
        self.nodes = keras.layers.Embedding(vocabulary_size - 1, 64)
        rng = np.random.default_rng(1)
        paths = rng.integers(0, vocabulary_size - 1, (vocabulary_size, path_length))
        self.paths = ops.convert_to_tensor(paths, "int32")

    def call(self, x, words):
        nodes = self.nodes(ops.take(self.paths, words, axis=0))
        return ops.sum(x[:, None] * nodes, axis=-1)


class TurnsOfPaths(keras.losses.Loss):
    """Keras' binary cross-entropy of each turn, masked and summed; 1 is the left."""

    def call(self, y_true, y_pred):
        left = 1.0 - ops.cast(y_true, y_pred.dtype)
        terms = ops.binary_crossentropy(left, y_pred, from_logits=True)
        return ops.sum(ops.where(y_true < 0, 0.0, terms), axis=-1)


def _words(rng, shapes):
    return [rng.normal(size=shapes[0]), rng.integers(0, 10000, shapes[1])]


_RNG = np.random.default_rng(1)
_SAMPLED = np.eye(6)[np.zeros(1024, "int32")]
_PATHS = _RNG.integers(-1, 2, size=(1024, 16))
_SIZES = [(1024, 64), (1024,)]

CASES = [
    LayerCase(
        "NegativeSampling",
        {"vocabulary_size": 10000, "negatives": 5},
        _SIZES,
        draw=_words,
        peer=SampledWords,
    ),
    LayerCase(
        "HierarchicalSoftmax",
        {"vocabulary_size": 10000, "path_length": 16},
        _SIZES,
        draw=_words,
        peer=PathsOfWords,
    ),
    LossCase(
        "NegativeSamplingLoss",
        _SAMPLED,
        _RNG.normal(size=(1024, 6)),
        peer=SummedBinaryCrossentropy,
    ),
    LossCase(
        "HierarchicalSoftmaxLoss",
        _PATHS,
        _RNG.normal(size=(1024, 16)),
        peer=TurnsOfPaths,
    ),
]
