"""Random numbers of layers: Keras' own, by an algorithm that is fast under XLA."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl
from custom_layers.layers import _noise

SHAPE = (64, 33)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("draw", ["uniform", "normal"])
def test_the_numbers_are_those_of_keras(draw, dtype):
    ours, theirs = keras.random.SeedGenerator(3), keras.random.SeedGenerator(3)
    for _ in range(2):
        drawn = getattr(_noise, draw)(SHAPE, dtype, ours)
        assert keras.backend.standardize_dtype(drawn.dtype) == dtype
        expected = getattr(keras.random, draw)(SHAPE, dtype=dtype, seed=theirs)
        np.testing.assert_array_equal(
            ops.convert_to_numpy(ops.cast(drawn, "float32")),
            ops.convert_to_numpy(ops.cast(expected, "float32")),
        )


def test_the_share_that_is_kept_is_scaled_up():
    kept = _noise.kept((20_000,), 0.2, "float32", keras.random.SeedGenerator(5))
    values = ops.convert_to_numpy(kept)
    assert sorted(set(values.tolist())) == [0.0, 1.25]
    assert values.mean() == pytest.approx(1, abs=0.02)


def test_attention_may_drop_everything():
    x = np.ones((2, 4, 3), "float32")
    outputs = cl.Attention(dropout=1.0)([x, x], training=True)
    np.testing.assert_array_equal(ops.convert_to_numpy(outputs), 0 * x)


X = np.ones((2, 4, 6, 3), "float32")
LAYERS = [
    (cl.Dropout(0.5), [X]),
    (cl.SpatialDropout2D(0.5), [X]),
    (cl.GaussianNoise(0.5), [X]),
    (cl.GaussianSampling(), [X, X]),
    (cl.NegativeSampling(9, 2), [X[0, 0], np.arange(6)]),
    (cl.MultiHeadAttention(2, 3, dropout=0.5), [X[0], X[0]]),
    (cl.Attention(dropout=0.5), [[X[0], X[0]]]),
    (cl.GRU(2, dropout=0.5, recurrent_dropout=0.5), [X[0]]),
]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a choice of TensorFlow's"
)
@pytest.mark.parametrize(
    ("layer", "inputs"), LAYERS, ids=[type(layer).__name__ for layer, _ in LAYERS]
)
def test_xla_is_not_left_to_choose_a_slow_algorithm(layer, inputs):
    import tensorflow as tf

    layer(*inputs)
    traced = tf.function(lambda: layer(*inputs, training=True), autograph=False)
    operations = _operations(traced.get_concrete_function().graph)
    assert operations & {"StatelessRandomUniformV2", "StatelessRandomNormalV2"}
    assert "StatelessRandomGetKeyCounter" not in operations


def _operations(graph):
    definition = graph.as_graph_def()
    functions = [function.node_def for function in definition.library.function]
    return {node.op for nodes in [definition.node, *functions] for node in nodes}
