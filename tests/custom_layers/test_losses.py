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


@pytest.mark.parametrize("from_logits", [False, True])
def test_the_derivative_of_cross_entropy(from_logits):
    """-y/y_hat by probabilities that sum to one; softmax(z) - y by logits."""
    logits = np.array([[0.3, -1.2, 2.0], [1.0, 0.0, -1.0]], dtype="float32")
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    y = np.array([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]], dtype="float32")

    def total(x):
        return LOSSES.categorical_crossentropy(y, x, from_logits=from_logits)

    slopes = numbers(gradient(total, logits if from_logits else p))
    if from_logits:
        np.testing.assert_allclose(slopes, p - y, atol=1e-6)
    else:
        # The division by the sum of the probabilities takes out what all share.
        np.testing.assert_allclose(slopes, -y / p + 1, rtol=1e-5, atol=1e-5)


def test_the_derivative_of_binary_cross_entropy():
    y, p = np.array([[1.0], [0.0]]), np.array([[0.2], [0.4]], dtype="float32")
    slopes = numbers(gradient(lambda x: LOSSES.binary_crossentropy(y, x), p))
    np.testing.assert_allclose(slopes, -y / p + (1 - y) / (1 - p), rtol=1e-5)


@pytest.mark.parametrize("likelihood", ["poisson", None])
def test_an_unknown_likelihood(likelihood):
    x = np.zeros((1, 2))
    with pytest.raises(ValueError, match=f"likelihood.*Received.*{likelihood}"):
        LOSSES.negative_evidence_lower_bound(x, x, x, x, likelihood)


def test_the_bound_is_of_the_surprise():
    """With the exact posterior, -log p(x) itself: here of N(0, 2) at x."""
    x = np.array([[0.7], [-1.9]], dtype="float32")
    nodes, shares = np.polynomial.hermite_e.hermegauss(5)
    mean, variance = x / 2, 0.5  # of z given x, where x = z + noise
    log_variance = np.full_like(x, np.log(variance))
    bound = sum(
        share
        / np.sqrt(2 * np.pi)
        * numbers(
            LOSSES.negative_evidence_lower_bound(
                x, mean + np.sqrt(variance) * node, mean, log_variance, "gaussian"
            )
        )
        for node, share in zip(nodes, shares, strict=True)
    )
    negative_log_p = x[:, 0] ** 2 / 4 + np.log(2 * np.pi * 2) / 2
    np.testing.assert_allclose(bound, negative_log_p, rtol=1e-5)


@pytest.mark.parametrize("rho", [0, 1, -0.5, 2])
def test_rho_outside_its_range(rho):
    with pytest.raises(ValueError, match=f"`rho` must lie.*Received: rho={rho}"):
        LOSSES.SparsityPenalty(rho=rho)
    with pytest.raises(ValueError, match=f"`rho` must lie.*Received: rho={rho}"):
        LOSSES.sparsity_penalty([[0.5]], rho=rho)


def test_a_negative_weight_of_sparsity():
    with pytest.raises(ValueError, match="`beta` must not be negative.*beta=-1"):
        LOSSES.SparsityPenalty(beta=-1)


def test_sparsity_of_a_layer():
    """What a layer adds to the loss is `beta KL`, whatever the batch."""
    layer = cl.Dense(
        3,
        activation="sigmoid",
        activity_regularizer=LOSSES.SparsityPenalty(rho=0.2, beta=3.0),
    )
    x = np.random.default_rng(1).normal(size=(8, 4)).astype("float32")
    for batch in (x, np.concatenate([x, x])):
        y = layer(batch)
        (loss,) = layer.losses
        expected = 3.0 * LOSSES.sparsity_penalty(y, rho=0.2)
        np.testing.assert_allclose(numbers(loss), numbers(expected), rtol=1e-5)


def test_a_perceptron_leaves_zero_and_stops_at_the_solution():
    """Rosenblatt's rule: w <- w + y x at a mistake, and zero is a mistake."""
    x = np.array([[1.0, 2.0], [1.0, -1.0]], dtype="float32")
    y = np.array([[1.0], [-1.0]], dtype="float32")

    def slope(w):
        return numbers(
            gradient(
                lambda w: LOSSES.perceptron_criterion(y, ops.matmul(x, w)),
                np.array(w, dtype="float32"),
            )
        )

    np.testing.assert_allclose(slope([[0.0], [0.0]]), -(x.T @ y))
    np.testing.assert_allclose(slope([[0.0], [1.0]]), [[0.0], [0.0]])


def test_labels_0_and_1_are_signs_only_where_all_are():
    p = np.array([[0.3, -0.2]])
    for name in ("hinge", "squared_hinge"):
        ours, theirs = getattr(LOSSES, name), getattr(keras.losses, name)
        for y in ([[0.0, 1.0]], [[0.0, -1.0]], [[0.5, 1.0]], [[2.0, 0.0]]):
            np.testing.assert_allclose(
                numbers(ours(np.array(y), p)), numbers(theirs(np.array(y), p))
            )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", LOSSES.mean_squared_error),
        ("kld", LOSSES.kl_divergence),
        ("perceptron_criterion", LOSSES.perceptron_criterion),
        ("log_cosh", keras.losses.log_cosh),
        (LOSSES.hinge, LOSSES.hinge),
        (None, None),
    ],
)
def test_a_name_means_ours_first(name, expected):
    assert LOSSES.get(name) is expected


def test_losses_come_back_from_configurations():
    loss = LOSSES.CategoricalCrossentropy(from_logits=True)
    for found in (
        LOSSES.get(LOSSES.serialize(loss)),
        LOSSES.deserialize(LOSSES.serialize(loss)),
        LOSSES.get(
            {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}
        ),
    ):
        assert type(found) is LOSSES.CategoricalCrossentropy
        assert found.from_logits
    assert type(LOSSES.get("CategoricalCrossentropy")) is type(loss)
    assert LOSSES.deserialize("mse") is LOSSES.mean_squared_error
    with pytest.raises(ValueError, match="typo"):
        LOSSES.get("typo")


def test_functions_check_shapes():
    for name in ("negative_sampling_loss", "hierarchical_softmax_loss"):
        with pytest.raises(ValueError, match="same shape.*Received"):
            getattr(LOSSES, name)(np.zeros((2, 3)), np.zeros((2, 4)))
