"""What the adversarial losses do beyond the checks that all functions share."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import compiled_forms, gradient, numbers

LOSSES = cl.losses
_RNG = np.random.default_rng(2)
REAL = _RNG.normal(size=(64, 3)).astype("float32")
FAKE = _RNG.normal(size=(64, 3)).astype("float32") + 5


def test_the_penalty_looks_between_real_and_fake():
    """The gradient of `|x|^2 / 2` is `x`: the norms show where it was evaluated."""

    def critic(x):
        return ops.sum(x * x, axis=-1) / 2

    penalty = numbers(LOSSES.gradient_penalty(REAL, FAKE, critic, seed=1))
    u = numbers(keras.random.uniform((64, 1), seed=1))
    assert len(np.unique(u)) == 64
    norms = np.linalg.norm(u * REAL + (1 - u) * FAKE, axis=-1)
    np.testing.assert_allclose(penalty, (norms - 1) ** 2, rtol=1e-4)


@pytest.mark.parametrize("form", ["eager", "compiled"])
def test_the_penalty_reaches_the_weights(form):
    """A linear critic `x @ w` has the penalty `(|w| - 1)^2` and its slope."""

    def total(w):
        return LOSSES.gradient_penalty(REAL, FAKE, lambda x: ops.matmul(x, w), seed=1)

    def slope():
        return gradient(lambda w: ops.mean(total(w)), w)

    w = np.array([[1.0], [2.0], [2.0]], dtype="float32")
    forms = [slope] if form == "eager" else compiled_forms(slope).values()
    for function in forms:
        np.testing.assert_allclose(numbers(function()), 2 * (3 - 1) * w / 3, rtol=1e-5)


def test_a_flat_critic_has_a_finite_slope():
    w = np.zeros((3, 1), dtype="float32")

    def total(w):
        return LOSSES.gradient_penalty(REAL, FAKE, lambda x: ops.matmul(x, w), seed=1)

    np.testing.assert_array_equal(numbers(total(w)), np.ones(64))
    assert np.all(np.isfinite(numbers(gradient(total, w))))


def test_the_generators_want_the_same_but_only_one_saturates():
    sure = np.array([-20.0], dtype="float32")
    saturated = numbers(gradient(LOSSES.minimax_generator_loss, sure))
    alive = numbers(gradient(LOSSES.non_saturating_generator_loss, sure))
    assert abs(saturated[0]) < 1e-8
    assert alive[0] == pytest.approx(-1)


def test_the_losses_are_exact_where_they_are_small():
    scores = np.array([15.0], dtype="float32")
    expected = np.log1p(np.exp(-15.0))
    for value in (
        LOSSES.minimax_discriminator_loss(scores, -scores) / 2,
        LOSSES.non_saturating_generator_loss(scores),
        -LOSSES.minimax_generator_loss(-scores),
    ):
        np.testing.assert_allclose(numbers(value), [expected], rtol=1e-5)
