"""What the embedding does beyond the shared checks."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import numbers, tensorflow_only

MATRIX = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("size", [0, -1, 2.0, "3", None, True])
@pytest.mark.parametrize("name", ["input_dim", "output_dim"])
def test_sizes_are_positive_integers(name, size):
    with pytest.raises(ValueError, match=rf"`{name}`.*positive.*{name}={size}"):
        cl.Embedding(**{"input_dim": 6, "output_dim": 2, name: size})


@pytest.mark.parametrize("weights", [MATRIX, [MATRIX]])
def test_the_matrix_can_be_given(weights):
    layer = cl.Embedding(6, 2, weights=weights)
    assert layer.built
    np.testing.assert_array_equal(numbers(layer.embeddings), MATRIX)
    assert "weights" not in layer.get_config()


def test_a_matrix_of_another_shape_is_an_error():
    with pytest.raises(ValueError, match=r"\(6, 3\)"):
        cl.Embedding(6, 3, weights=MATRIX)


def test_the_length_of_inputs_is_no_argument_any_more():
    with pytest.warns(UserWarning, match="`input_length` .* remove it"):
        layer = cl.Embedding(6, 2, input_length=5)
    assert "input_length" not in layer.get_config()


def test_the_matrix_exists_once_the_layer_is_built():
    layer = cl.Embedding(6, 2)
    with pytest.raises(AttributeError, match="embeddings"):
        _ = layer.embeddings
    layer.build()
    variable = layer.embeddings
    layer.build((None, 3))
    assert layer.embeddings is variable


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int32", "int64", "float32", "float16", "bool"]
)
def test_numbers_of_any_dtype_are_words(dtype):
    words = np.array([[0, 1], [1, 0]])
    ours, theirs = (
        package.Embedding(6, 2, weights=MATRIX)(words.astype(dtype))
        for package in (cl, keras.layers)
    )
    np.testing.assert_array_equal(numbers(ours), numbers(theirs))


def test_negative_numbers_count_from_the_end_as_in_the_namesake():
    words = ops.array([[-1, -6, 5]])
    ours, theirs = (
        package.Embedding(6, 2, weights=MATRIX)(words) for package in (cl, keras.layers)
    )
    np.testing.assert_array_equal(numbers(ours), numbers(theirs))


def test_zero_can_be_padding():
    words = np.array([[3, 0, 1], [0, 0, 2]])
    masked = cl.Embedding(6, 2, mask_zero=True)
    mask = numbers(masked.compute_mask(ops.array(words)))
    assert mask.tolist() == [[True, False, True], [False, False, True]]
    assert cl.Embedding(6, 2).compute_mask(ops.array(words)) is None
    inputs = keras.Input((3,), dtype="int32")
    pooled = keras.layers.GlobalAveragePooling1D()(
        cl.Embedding(6, 2, weights=MATRIX, mask_zero=True)(inputs)
    )
    y = keras.Model(inputs, pooled).predict(words, verbose=0)
    np.testing.assert_allclose(y, [(MATRIX[3] + MATRIX[1]) / 2, MATRIX[2]], rtol=1e-6)


def test_mixed_precision_casts_the_vectors_not_the_matrix():
    layer = cl.Embedding(6, 2, dtype="mixed_float16")
    y = layer(ops.array([[1, 2]]))
    assert keras.backend.standardize_dtype(y.dtype) == "float16"
    assert layer.embeddings.dtype == "float32"


@tensorflow_only
def test_the_gradient_consists_of_the_rows_in_the_batch():
    import tensorflow as tf

    layer = cl.Embedding(6, 2, weights=MATRIX)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant([[4, 1], [1, 4]])))
    gradient = tape.gradient(loss, layer.embeddings.value)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [4, 1, 1, 4]


@tensorflow_only
def test_sentences_may_be_ragged():
    import tensorflow as tf

    words = tf.ragged.constant([[1, 2, 3], [4]])
    y = cl.Embedding(6, 2, weights=MATRIX)(words)
    assert y.to_list() == [MATRIX[[1, 2, 3]].tolist(), MATRIX[[4]].tolist()]


def test_weights_of_other_words_stay_in_fit():
    layer = cl.Embedding(6, 2, weights=MATRIX)
    model = keras.Sequential([keras.Input((2,), dtype="int32"), layer])
    model.compile(cl.optimizers.SGD(0.5), "mse")
    model.fit(np.array([[1, 4], [4, 4]]), np.zeros((2, 2, 2)), verbose=0)
    moved = np.any(numbers(layer.embeddings) != MATRIX, axis=-1)
    assert moved.tolist() == [False, True, False, False, True, False]
