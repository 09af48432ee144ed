"""What single penalties do beyond the checks that all of them share."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import numbers


@pytest.mark.parametrize("name", ["L1", "L2", "L1L2"])
def test_names_mean_ours(name):
    cls = getattr(cl.regularizers, name)
    for found in (
        cl.regularizers.get(name),
        cl.regularizers.get(name.lower()),
        cl.regularizers.get(cls),
        cl.regularizers.get(cls()),
        cl.regularizers.get(cl.regularizers.serialize(cls())),
        cl.regularizers.deserialize(name.lower()),
    ):
        assert type(found) is cls


def test_other_identifiers():
    assert cl.regularizers.get(None) is None
    assert cl.regularizers.serialize(None) is None
    found = cl.regularizers.get("orthogonal_regularizer")
    assert type(found) is keras.regularizers.OrthogonalRegularizer
    assert cl.regularizers.get(abs) is abs
    custom = cl.regularizers.deserialize("l2", custom_objects={"l2": abs})
    assert custom is abs
    with pytest.raises(ValueError, match="typo"):
        cl.regularizers.get("typo")


def test_none_is_the_default():
    assert cl.regularizers.L1(None).l1 == 0.01
    assert cl.regularizers.L2(None).l2 == 0.01
    assert cl.regularizers.L1L2(None, None).get_config() == {"l1": 0.0, "l2": 0.0}


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "a", [0.1]])
def test_a_strength_that_is_none(value):
    for make in (
        lambda: cl.regularizers.L1(value),
        lambda: cl.regularizers.L1L2(l1=value),
        lambda: cl.ActivityRegularization(l1=value),
    ):
        with pytest.raises(ValueError, match="`l1` must be a non-negative float.*l1="):
            make()
    for make in (
        lambda: cl.regularizers.L2(value),
        lambda: cl.regularizers.L1L2(l2=value),
        lambda: cl.ActivityRegularization(l2=value),
    ):
        with pytest.raises(ValueError, match="`l2` must be a non-negative float.*l2="):
            make()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_the_penalty_has_the_dtype_of_the_weight(dtype):
    weight = keras.Variable(np.ones((2, 2)), dtype=dtype)
    for l1, l2 in ((0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)):
        penalty = cl.regularizers.L1L2(l1, l2)(weight)
        assert keras.backend.standardize_dtype(penalty.dtype) == dtype
        assert float(numbers(penalty)) == 4 * (l1 + l2)


def test_a_layer_adds_its_penalties_to_the_loss():
    layer = cl.Dense(
        2,
        kernel_initializer="ones",
        kernel_regularizer=cl.regularizers.L1(0.5),
        bias_initializer="ones",
        bias_regularizer="l2",
        activity_regularizer=cl.regularizers.L2(0.25),
    )
    y = numbers(layer(np.full((2, 3), 2.0)))
    losses = sorted(float(numbers(loss)) for loss in layer.losses)
    np.testing.assert_allclose(losses, sorted([3.0, 0.02, 0.25 * (y**2).sum() / 2]))


@pytest.mark.slow
def test_lasso_silences_what_does_not_help():
    """Of two features only the first one matters: the other's weight goes to 0."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(1).normal(size=(200, 2)).astype("float32")
    model = keras.Sequential(
        [keras.Input((2,)), cl.Dense(1, kernel_regularizer=cl.regularizers.L1(0.1))]
    )
    model.compile(cl.optimizers.SGD(0.05), cl.losses.MeanSquaredError())
    model.fit(x, 2 * x[:, :1], epochs=50, verbose=0)
    useful, useless = np.abs(model.get_weights()[0][:, 0])
    assert useful > 1.8
    assert useless < 0.02
