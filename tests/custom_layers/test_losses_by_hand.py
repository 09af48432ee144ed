"""Losses whose derivatives are written out for TensorFlow: they stay the formula."""

import warnings

import numpy as np
import pytest
from keras import ops

import custom_layers as cl
from custom_layers import fast

from . import rows
from .backends import compiled_forms, gradient, numbers, tensorflow_only

pytestmark = tensorflow_only

LOSSES = cl.losses
_RNG = np.random.default_rng(8)


def _case(name, targets, predictions, **kwargs):
    return pytest.param(name, targets, predictions, kwargs, id=f"{name}-{kwargs}")


def _shares(*shape):
    x = np.exp(_RNG.normal(size=shape))
    return x / x.sum(axis=-1, keepdims=True)


# Some probabilities lie where they are clipped; 16 classes are too few for the fast
# paths, 120 are enough.
_EDGES = np.concatenate([[0.0, 1.0, 1e-9, 1 - 1e-9], _RNG.uniform(size=116) / 60])
_CLASSES = _RNG.integers(0, 16, size=(3, 2))
CASES = [
    _case("mean_absolute_error", _RNG.normal(size=(3, 16)), _RNG.normal(size=(3, 16))),
    _case(
        "categorical_crossentropy",
        _RNG.uniform(size=(3, 120, 5)),
        _RNG.normal(size=(3, 120, 5)) * 9,
        from_logits=True,
        axis=1,
    ),
    *(
        _case(
            "sparse_categorical_crossentropy",
            _CLASSES,
            _RNG.normal(size=(3, 2, classes)) * 9,
            from_logits=True,
        )
        for classes in (16, 120)
    ),
    _case("sparse_categorical_crossentropy", _CLASSES, _shares(3, 2, 120)),
    _case("sparse_categorical_crossentropy", np.array([2, 5]), np.stack([_EDGES] * 2)),
]
each_case = pytest.mark.parametrize(("name", "targets", "predictions", "kwargs"), CASES)


def _values(name, targets, predictions, kwargs):
    """Losses and derivatives by both arguments, plainly and compiled."""
    function = getattr(LOSSES, name)
    y = targets if targets.dtype.kind == "i" else targets.astype("float32")
    p = predictions.astype("float32")
    weights = np.linspace(1, 2, p.size).astype("float32")

    def weighted(y, p):
        losses = function(y, p, **kwargs)
        return losses * ops.reshape(weights[: np.prod(losses.shape)], losses.shape)

    steps = [
        lambda: weighted(ops.array(y), ops.array(p)),
        lambda: gradient(lambda x: weighted(ops.array(y), x), p),
    ]
    if y.dtype.kind == "f":
        steps.append(lambda: gradient(lambda x: weighted(x, ops.array(p)), y))
    for step in steps:
        yield numbers(step())
        for form in compiled_forms(step).values():
            yield numbers(form())


@each_case
def test_they_are_the_formula(name, targets, predictions, kwargs, monkeypatch):
    found = list(_values(name, targets, predictions, kwargs))
    monkeypatch.setattr(fast, "TABLE", fast.NEEDED)
    plain = list(_values(name, targets, predictions, kwargs))
    for ours, expected in zip(found, plain, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("row", rows.LOSSES, ids=lambda row: row.title)
def test_they_have_second_derivatives(row, compiled):
    """The derivative of the slope along a direction is the slope's difference."""
    import tensorflow as tf

    rng = np.random.default_rng(5)
    p = row.predictions.astype("float64")
    direction = rng.normal(size=p.shape) * np.abs(p)
    targets = tf.constant(row.targets.astype("float64"))
    shape = row.function(targets, p, **row.kwargs).shape
    weights = tf.constant(rng.uniform(1, 2, size=shape))

    def slope(p):
        with tf.GradientTape() as tape:
            tape.watch(p)
            total = tf.reduce_sum(weights * row.function(targets, p, **row.kwargs))
        return tape.gradient(total, p)

    def curvature(p):
        with tf.GradientTape() as tape:
            tape.watch(p)
            along = tf.reduce_sum(slope(p) * direction)
        return tape.gradient(along, p, unconnected_gradients="zero")

    if compiled:
        curvature = tf.function(curvature, autograph=False, jit_compile=True)
    step = 1e-6
    above, below = (
        slope(tf.constant(p + s * direction)).numpy() for s in (step, -step)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        actual = curvature(tf.constant(p)).numpy()
    np.testing.assert_allclose(
        actual, (above - below) / (2 * step), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", ["mean_squared_error", "hinge", "kl_divergence"])
def test_shapes_that_are_stretched(name):
    """One target for many predictions, and open sizes."""
    import tensorflow as tf

    y, p = _shares(1, 5).astype("float32"), _shares(3, 5).astype("float32")
    function = getattr(LOSSES, name)
    slope = gradient(lambda y: function(y, ops.array(p)), y)
    assert slope.shape == (1, 5)
    losses = tf.function(
        function, input_signature=[tf.TensorSpec((None, None), "float32")] * 2
    )
    full = np.repeat(y, 3, axis=0)
    np.testing.assert_allclose(
        numbers(losses(full, p)), numbers(function(y, ops.array(p))), rtol=1e-5
    )


def test_a_class_that_nobody_expects_may_be_impossible():
    y, z = np.array([[0.0, 1.0]]), np.array([[-np.inf, 2.0]], dtype="float32")
    loss = LOSSES.categorical_crossentropy(y, ops.array(z), from_logits=True)
    np.testing.assert_array_equal(numbers(loss), [0.0])


@pytest.mark.parametrize("label", [-1, 3, 200])
@pytest.mark.parametrize("classes", [3, 150])
@pytest.mark.parametrize("from_logits", [False, True])
def test_no_class_is_never_a_loss_under_xla(label, classes, from_logits):
    import tensorflow as tf

    if label == 3 and classes == 150:
        return
    p = _shares(1, classes).astype("float32")

    @tf.function(jit_compile=True)
    def loss(y, p):
        return LOSSES.sparse_categorical_crossentropy(y, p, from_logits)

    assert np.isnan(numbers(loss(np.array([label]), p))).all()


@pytest.mark.parametrize(
    "name", ["mean_squared_error", "binary_crossentropy", "categorical_crossentropy"]
)
def test_they_have_directional_derivatives(name):
    """In forward mode, as in reverse mode."""
    import tensorflow as tf

    y, p = _shares(3, 5).astype("float32"), _shares(3, 5).astype("float32")
    function, x = getattr(LOSSES, name), tf.constant(p)
    direction = tf.constant(_RNG.normal(size=(3, 5)).astype("float32"))
    with tf.autodiff.ForwardAccumulator(x, direction) as accumulator:
        losses = function(y, x)
    slopes = numbers(gradient(lambda x: function(y, x), p))
    np.testing.assert_allclose(
        numbers(accumulator.jvp(losses)),
        (slopes * numbers(direction)).sum(axis=-1),
        rtol=1e-4,
    )
