"""What single losses do beyond the checks that all losses share."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import gradient, numbers, tensorflow_only

LOSSES = cl.losses


@tensorflow_only
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_the_logits_behind_saturated_probabilities(activation):
    """The loss after an activation keeps its gradient, as in Keras."""
    logits = np.array([[60.0, -60.0], [-60.0, 60.0]], dtype="float32")
    targets = np.array([[0.0, 1.0], [0.0, 1.0]], dtype="float32")
    pairs = {
        "softmax": ("categorical_crossentropy", "sparse_categorical_crossentropy"),
        "sigmoid": ("binary_crossentropy",),
    }
    for name in pairs[activation]:
        y = targets.argmax(axis=-1) if name.startswith("sparse") else targets

        def total(x, package, activations, y=y, name=name):
            p = getattr(activations, activation)(x)
            return getattr(package, name)(y, p)

        ours = gradient(lambda x: total(x, LOSSES, cl.activations), logits)
        theirs = gradient(lambda x: total(x, keras.losses, keras.activations), logits)
        np.testing.assert_allclose(numbers(ours), numbers(theirs), atol=1e-6)
        assert np.abs(numbers(ours)[0]).max() > 0.4


@tensorflow_only
def test_logits_that_are_probabilities_give_a_warning():
    p = cl.activations.softmax(ops.array([[1.0, 2.0]]))
    with pytest.warns(UserWarning, match="from_logits=True"):
        LOSSES.categorical_crossentropy([[0.0, 1.0]], p, from_logits=True)


def test_a_single_class_gives_a_warning():
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        LOSSES.categorical_crossentropy([[1.0], [0.0]], [[1.0], [1.0]])


def test_ignored_samples_have_no_part_in_mean_and_gradient():
    y = np.array([1, -1, 0])
    logits = np.array([[1.0, 2.0], [np.nan, np.nan], [0.5, 0.5]], dtype="float32")
    loss = LOSSES.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    counted = LOSSES.SparseCategoricalCrossentropy(from_logits=True)
    np.testing.assert_allclose(
        numbers(loss(y, logits)), numbers(counted(y[[0, 2]], logits[[0, 2]])), rtol=1e-6
    )
    grads = numbers(gradient(lambda p: loss(y, p), logits))
    np.testing.assert_array_equal(grads[1], [0, 0])
    assert np.all(np.isfinite(grads))


@pytest.mark.parametrize("label", [-1, 2])
def test_a_number_that_is_no_class_never_passes(label):
    try:
        value = LOSSES.sparse_categorical_crossentropy(
            np.array([label]), np.array([[0.5, 0.5]], dtype="float32")
        )
    except Exception as error:
        assert "indices" in str(error)
    else:
        assert np.all(np.isnan(numbers(value)))


def test_binary_crossentropy_of_logits_is_exact_where_it_is_small():
    logits = np.array([[10.0], [-10.0], [0.0]], dtype="float32")
    targets = np.array([[1.0], [0.0], [1.0]], dtype="float32")
    losses = LOSSES.binary_crossentropy(targets, logits, from_logits=True)
    expected = np.log1p(np.exp(-np.array([10.0, 10.0, 0.0])))
    np.testing.assert_allclose(numbers(losses), expected, rtol=1e-5)
    slope = gradient(
        lambda p: LOSSES.binary_crossentropy(targets, p, from_logits=True), logits
    )
    np.testing.assert_allclose(numbers(slope)[2], -0.5, rtol=1e-6)


@pytest.mark.parametrize("y_shape", [(4,), (4, 1)])
@pytest.mark.parametrize("p_shape", [(4,), (4, 1)])
@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy"])
def test_a_lone_dimension_is_added_or_dropped(name, y_shape, p_shape):
    y = np.array([0.0, 1.0, 1.0, 0.0]).reshape(y_shape)
    p = np.array([0.1, 0.7, 0.4, 0.2]).reshape(p_shape)
    ours, theirs = getattr(LOSSES, name)(), getattr(keras.losses, name)()
    np.testing.assert_allclose(numbers(ours(y, p)), numbers(theirs(y, p)), rtol=1e-6)


def test_functions_serve_in_compile():
    model = keras.Sequential([keras.Input((2,)), cl.Dense(2, activation="softmax")])
    model.compile("sgd", loss=LOSSES.sparse_categorical_crossentropy)
    history = model.fit(np.ones((4, 2)), np.array([0, 1, 0, 1]), verbose=0)
    assert np.isfinite(history.history["loss"][0])
