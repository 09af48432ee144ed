"""The product with a wide kernel, whose gradient TensorFlow takes in two orders."""

import numpy as np
import pytest

import custom_layers as cl

from .backends import numbers, tensorflow_only

pytestmark = tensorflow_only
FEATURES, UNITS = 512, 1024
# Both sides of what gains, and its edges.
ROWS = [1, 15, 16, 40, 256, 257]


def _drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _built(layer):
    layer.build((None, FEATURES))
    return layer


def _gradients(layer):
    """A function of inputs: outputs, and gradients by the inputs and the weights."""
    import tensorflow as tf

    def found(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(tf.square(y))
        return y, *tape.gradient(loss, [x, *(w.value for w in layer.weights)])

    return found


@pytest.fixture
def served(monkeypatch):
    """Shapes of the inputs of which the fast product was asked."""
    from custom_layers.fast import product as fast

    product, shapes = fast.product, []

    def recorded(inputs, kernel):
        shapes.append(tuple(inputs.shape))
        return product(inputs, kernel)

    monkeypatch.setattr(fast, "product", recorded)
    return shapes


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "component, options",
    [(cl.Dense, {"units": UNITS}), (cl.Maxout, {"units": UNITS // 2, "pieces": 2})],
)
def test_the_gradients_are_those_of_the_plain_product(
    component, options, known, rows, served
):
    import tensorflow as tf

    x = _drawn(rows, FEATURES)
    gradients = _gradients(_built(component(**options)))
    expected = gradients(tf.constant(x))
    assert served == [], "nothing is gained outside of a graph"
    spec = [tf.TensorSpec((rows if known else None, FEATURES))]
    compiled = tf.function(gradients, input_signature=spec)
    for value, other in zip(compiled(x), expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-3)
    assert served == [(rows if known else None, FEATURES)]


@pytest.mark.parametrize("rows", [15, 40])
@pytest.mark.parametrize("known", [True, False])
def test_the_gradient_has_a_gradient(rows, known):
    """As the gradient penalty of a Wasserstein critic needs it."""
    import tensorflow as tf

    layer = _built(cl.Dense(UNITS, activation="tanh"))
    sources = [w.value for w in layer.weights]

    def slopes(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                loss = tf.reduce_sum(layer(x))
            penalty = tf.reduce_sum(tf.square(inner.gradient(loss, x)))
        return outer.gradient(penalty, [x, *sources])

    x = _drawn(rows, FEATURES)
    spec = [tf.TensorSpec((rows if known else None, FEATURES))]
    compiled = tf.function(slopes, input_signature=spec)(x)
    for value, other in zip(compiled, slopes(tf.constant(x)), strict=True):
        scale = np.abs(numbers(other)).max()
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize(
    "shape, dtype, options",
    [
        ((40, FEATURES), "float64", {}),
        ((40, FEATURES), "mixed_bfloat16", {}),
        ((40, FEATURES - 1), "float32", {}),
        ((4, 10, FEATURES), "float32", {}),
        ((40, FEATURES), "float32", {"jit_compile": True}),
    ],
)
def test_other_products_stay_plain(shape, dtype, options, served):
    import tensorflow as tf

    layer = cl.Dense(UNITS, dtype=dtype)
    layer.build(shape)
    x = tf.constant(_drawn(*shape), layer.compute_dtype)
    tf.function(_gradients(layer), **options)(x)
    assert served == []


def test_inference_stays_plain(served):
    import tensorflow as tf

    layer = _built(cl.Dense(UNITS))
    tf.function(lambda x: layer(x))(_drawn(40, FEATURES))
    assert served == []
