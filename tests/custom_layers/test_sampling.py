"""What sampling does beyond the shared checks."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import gradient, numbers


def test_draws_have_the_moments_that_they_are_told():
    mean = np.full((20000, 2), [1.5, -2.0], "float32")
    log_variance = np.full((20000, 2), [0.0, -3.0], "float32")
    z = numbers(cl.GaussianSampling(seed=2)(mean, log_variance, training=True))
    np.testing.assert_allclose(z.mean(axis=0), [1.5, -2.0], atol=0.03)
    np.testing.assert_allclose(np.log(z.var(axis=0)), [0.0, -3.0], atol=0.05)
    standard = (z - mean) / np.exp(log_variance / 2)
    np.testing.assert_allclose((standard**3).mean(axis=0), [0, 0], atol=0.1)
    np.testing.assert_allclose((standard**4).mean(axis=0), [3, 3], atol=0.3)
    assert abs(np.corrcoef(standard.T)[0, 1]) < 0.03


def _drawing(mean, log_variance):
    """The same draw each time: a new layer with the same seed."""
    return cl.GaussianSampling(seed=4)(mean, log_variance, training=True)


def test_gradients_reach_both_parameters():
    mean, log_variance = (
        np.random.default_rng(i).normal(size=(4, 3)).astype("float32") for i in (1, 2)
    )
    z = numbers(_drawing(mean, log_variance))
    epsilon = (z - mean) / np.exp(log_variance / 2)
    by_mean = gradient(lambda x: _drawing(x, log_variance), mean)
    np.testing.assert_allclose(numbers(by_mean), np.ones((4, 3)), rtol=1e-6)
    by_log_variance = gradient(lambda x: _drawing(mean, x), log_variance)
    np.testing.assert_allclose(
        numbers(by_log_variance),
        epsilon / 2 * np.exp(log_variance / 2),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_seed_repeats_and_calls_differ():
    mean = np.zeros((5, 3), "float32")
    layer, other = cl.GaussianSampling(seed=4), cl.GaussianSampling(seed=4)
    first, second = (numbers(layer(mean, mean, training=True)) for _ in range(2))
    np.testing.assert_array_equal(first, numbers(other(mean, mean, training=True)))
    assert np.abs(first - second).max() > 0.1


def test_an_encoder_gives_the_same_code_each_time():
    inputs = keras.Input((4,))
    mean, log_variance = cl.Dense(2)(inputs), cl.Dense(2)(inputs)
    encoder = keras.Model(inputs, [mean, cl.GaussianSampling()(mean, log_variance)])
    x = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    mean, code = encoder.predict(x, verbose=0)
    np.testing.assert_array_equal(mean, code)
    _, drawn = encoder(x, training=True)
    assert np.abs(numbers(drawn) - mean).max() > 1e-3


@pytest.mark.slow
def test_an_autoencoder_trains_through_the_draw():
    """Variance shrinks where only the reconstruction counts."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((2,))
    log_variance = cl.Dense(2, kernel_initializer="zeros")(inputs)
    z = cl.GaussianSampling(seed=1)(cl.Dense(2)(inputs), log_variance)
    model = keras.Model(inputs, cl.Dense(2)(z))
    model.compile(cl.optimizers.Adam(0.02), cl.losses.MeanSquaredError())
    x = np.random.default_rng(1).normal(size=(512, 2)).astype("float32")
    losses = model.fit(x, x, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    spread = keras.Model(inputs, log_variance).predict(x, verbose=0)
    assert spread.mean() < -1


@pytest.mark.parametrize("shape", [(2, 4), (2,), (3, 3)])
def test_parameters_of_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"same shape.*\(2, 3\)"):
        cl.GaussianSampling()(ops.ones((2, 3)), ops.ones(shape))
