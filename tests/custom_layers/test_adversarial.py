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


def players(size=8):
    """Two dense players whose scores depend on each weight."""
    code, sample = keras.Input((2,)), keras.Input((3,))
    keras.utils.set_random_seed(3)
    generator = keras.Model(code, cl.Dense(3)(cl.Dense(size, activation="elu")(code)))
    hidden = cl.Dense(size, activation="elu")(sample)
    return generator, keras.Model(sample, cl.Dense(1)(hidden))


def slopes(column, **options):
    """Gradients of the sum of one column of scores by the weights of both players."""
    layer = cl.AdversarialScores(*players(), seed=5, **options)
    layer(REAL)
    weights = [numbers(w) for w in layer.trainable_variables]

    def total(*values):
        values = [ops.convert_to_tensor(v) for v in values]
        scores, _ = layer.stateless_call(
            values, layer.non_trainable_variables, REAL, training=True
        )
        return ops.sum(scores[:, column])

    found = []
    for i, weight in enumerate(weights):

        def of_one(w, i=i):
            return total(*weights[:i], w, *weights[i + 1 :])

        found.append(np.abs(numbers(gradient(of_one, weight))).max() > 0)
    generator = len(layer.generator.trainable_variables)
    return found[:generator], found[generator:]


@pytest.mark.parametrize(
    ("column", "moves_generator", "moves_discriminator"),
    [(0, False, True), (1, False, True), (2, True, False)],
)
def test_each_score_moves_one_player(column, moves_generator, moves_discriminator):
    generator, discriminator = slopes(column)
    assert all(generator) if moves_generator else not any(generator)
    assert all(discriminator) if moves_discriminator else not any(discriminator)


def test_the_penalty_moves_the_discriminator_alone():
    generator, discriminator = slopes(3, penalized=True)
    assert not any(generator)
    # The bias of a score changes no slope.
    assert discriminator == [True, True, True, False]


def test_a_generated_sample_is_scored_for_the_class_that_it_was_drawn_for():
    code, sample = keras.Input((2,)), keras.Input((3,))
    class_id = keras.Input((), dtype="int32")
    made = cl.Embedding(3, 3)(class_id) + 0 * cl.Dense(3)(code)
    generator = keras.Model([code, class_id], made)
    judge = cl.Dense(3, use_bias=False)
    discriminator = keras.Model(sample, judge(sample))
    embedding = next(x for x in generator.layers if isinstance(x, cl.Embedding))
    embedding.set_weights([np.eye(3)])
    judge.set_weights([np.diag([1.0, 2.0, 3.0])])
    scores = numbers(cl.AdversarialScores(generator, discriminator)(REAL))
    assert scores.shape == (64, 6)
    # The sample of class k is the k-th unit vector, whose score for k is k + 1.
    assert set(scores[:, 3]) == {1.0, 2.0, 3.0}


def test_players_must_know_the_same_samples():
    code, sample = keras.Input((2,)), keras.Input((3,))
    generator = keras.Model(code, cl.Dense(4)(code))
    discriminator = keras.Model(sample, cl.Dense(1)(sample))
    with pytest.raises(ValueError, match=r"a generator of samples \(4,\)"):
        cl.AdversarialScores(generator, discriminator)(REAL)


def test_a_game_must_be_known():
    with pytest.raises(ValueError, match="must be one of .*'wasserstein'"):
        LOSSES.AdversarialLoss("chess")
    with pytest.raises(ValueError, match="must be one of .*'wasserstein'"):
        LOSSES.adversarial_loss([0], [[0.0] * 4], game="chess")
