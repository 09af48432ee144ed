"""What single activations do beyond the checks that all of them share."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import BACKEND, as_float64, gradient, numbers


class TestSteps:
    X = np.array([-2.5, -1.0, -1e-30, -0.0, 0.0, 1e-30, 1.0, 2.5], "float32")

    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            (cl.activations.unit_step, [0, 0, 0, 1, 1, 1, 1, 1]),
            (cl.activations.heaviside, [0, 0, 0, 0.5, 0.5, 1, 1, 1]),
            (partial(cl.activations.heaviside, value_at_zero=0), [0] * 5 + [1] * 3),
            (cl.activations.sign_threshold, [-1] * 3 + [1] * 5),
            (cl.activations.stair_step, [-3, -1, -1, 0, 0, 0, 1, 2]),
            (
                partial(cl.activations.stair_step, width=2.0, height=0.5),
                [-1, -0.5, -0.5, 0, 0, 0, 0, 0.5],
            ),
        ],
    )
    def test_values_at_the_steps(self, function, expected):
        x = self.X
        if BACKEND == "jax":
            # XLA takes the smallest numbers for zero.
            x = np.where(np.abs(x) < 1e-3, np.sign(x) * 1e-3, x).astype("float32")
        np.testing.assert_array_equal(numbers(function(x)), expected)
        np.testing.assert_array_equal(numbers(gradient(function, x)), np.zeros(8))

    def test_a_width_that_is_not_positive(self):
        with pytest.raises(ValueError, match=r"`width` must be positive.*width=0"):
            cl.activations.stair_step(self.X, width=0)


def jacobian(function, x):
    """Row i holds the gradient of output i."""
    units = np.eye(len(x), dtype="float32")
    return np.stack(
        [
            as_float64(gradient(lambda x, u=u: ops.multiply(function(x), u), x))
            for u in units
        ]
    )


@pytest.mark.parametrize("axis", [-1, 0])
def test_the_jacobian_of_softmax(axis):
    """`d s[i] / d x[j] = s[i] (delta[i, j] - s[j])`."""
    x = np.random.default_rng(1).normal(size=6).astype("float32")
    s = numbers(cl.activations.softmax(x, axis=axis)).astype("float64")
    expected = s[:, None] * (np.eye(6) - s)
    function = partial(cl.activations.softmax, axis=axis)
    np.testing.assert_allclose(jacobian(function, x), expected, atol=1e-6)


def test_softmax_sums_to_one_along_each_axis():
    x = np.random.default_rng(1).normal(size=(3, 4, 5)).astype("float32") * 50
    for axis in (0, 1, -1, (0, 2), (-1, 1), (0, 1, 2)):
        total = np.sum(numbers(cl.activations.softmax(x, axis=axis)), axis=axis)
        np.testing.assert_allclose(total, np.ones_like(total), rtol=1e-5)


def test_the_slope_of_softplus_is_the_sigmoid():
    x = np.array([-1e30, -50.0, -1.0, 0.0, 1.0, 50.0, 1e30], "float32")
    np.testing.assert_allclose(
        numbers(gradient(cl.activations.softplus, x)),
        numbers(cl.activations.sigmoid(x)),
        rtol=1e-6,
    )


class TestLookup:
    def test_none_is_linear(self):
        assert cl.activations.get(None) is cl.activations.linear

    def test_an_activation_of_keras_alone(self):
        assert cl.activations.get("celu") is keras.activations.celu
        assert cl.activations.serialize(keras.activations.celu) == "celu"

    def test_an_unknown_name(self):
        with pytest.raises(ValueError, match="no_such"):
            cl.activations.get("no_such")

    def test_a_function_of_the_user_comes_first(self):
        found = cl.activations.deserialize("relu", custom_objects={"relu": ops.abs})
        assert found is ops.abs


class TestLayers:
    def test_parameters_through_a_function(self):
        stairs = cl.Activation(partial(cl.activations.stair_step, width=2.0))
        assert numbers(stairs(np.array([[3.0, 4.0]]))).tolist() == [[1.0, 2.0]]

    def test_an_activation_that_is_a_layer(self):
        layer = cl.Activation(cl.LeakyReLU(0.5))
        assert numbers(layer(np.array([[-2.0]]))).tolist() == [[-1.0]]
        copy = cl.Activation.from_config(layer.get_config())
        assert copy.activation.negative_slope == 0.5

    def test_masks_pass(self):
        mask = ops.array([[True, False]])
        for layer in (cl.ReLU(), cl.ELU(), cl.Softmax(), cl.PReLU(), cl.Maxout(2)):
            assert layer.compute_mask(ops.ones((1, 2, 3)), mask) is mask

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: cl.ReLU(max_value=-1), r"max_value .*negative.*max_value=-1"),
            (lambda: cl.ReLU(negative_slope=None), r"negative_slope .*slope=None"),
            (lambda: cl.ReLU(threshold=-1), r"threshold .*negative.*threshold=-1"),
            (lambda: cl.LeakyReLU(-0.5), r"negative_slope.*negative_slope=-0.5"),
            (lambda: cl.LeakyReLU(None), r"negative_slope.*negative_slope=None"),
            (lambda: cl.Activation("no_such"), r"no_such"),
            (
                lambda: cl.PReLU()(keras.KerasTensor((None, None, 3))),
                r"known size.*shared_axes=None",
            ),
            (
                lambda: cl.PReLU(shared_axes=1)(keras.KerasTensor((None, 4, None))),
                r"known size.*\(None, 4, None\)",
            ),
        ],
    )
    def test_errors(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()

    def test_prelu_shares_slopes_over_sizes_that_are_open(self):
        layer = cl.PReLU(alpha_initializer="ones", shared_axes=[1])
        x = keras.Input((None, 3))
        model = keras.Model(x, layer(x))
        assert tuple(layer.alpha.shape) == (1, 3)
        assert model.predict(-np.ones((2, 5, 3)), verbose=0).min() == -1
        with pytest.raises(ValueError, match="expected"):
            layer(np.ones((2, 5, 4)))

    def test_prelu_of_infinite_inputs(self):
        layer = cl.PReLU(alpha_initializer=cl.initializers.Constant(0.5))
        x = np.array([[np.inf, -np.inf]], "float32")
        assert numbers(layer(x)).tolist() == [[np.inf, -np.inf]]

    @pytest.mark.parametrize("layers", [keras.layers, cl])
    def test_the_derivative_of_prelu_at_zero_is_that_of_keras(self, layers):
        layer = layers.PReLU(alpha_initializer=keras.initializers.Constant(0.5))
        x = np.array([[-1.0, 0.0, 1.0]], "float32")
        layer.build(x.shape)
        assert numbers(gradient(layer, x)).tolist() == [[0.5, 0.0, 1.0]]

    @pytest.mark.slow
    def test_prelu_learns_a_slope(self):
        keras.utils.set_random_seed(1)
        x = np.random.default_rng(1).normal(size=(64, 1)).astype("float32")
        y = np.where(x > 0, x, 0.3 * x)
        model = keras.Sequential([keras.Input((1,)), cl.PReLU()])
        model.compile(cl.optimizers.SGD(0.5), cl.losses.MeanSquaredError())
        model.fit(x, y, epochs=100, verbose=0)
        np.testing.assert_allclose(model.get_weights()[0], [0.3], atol=1e-3)


class TestSoftmaxWithMask:
    X = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], "float32")

    def test_what_is_masked_gets_nothing(self):
        for mask in ([[1, 1, 0], [0, 0, 0]], [[0.9, 1.0, 0.1], [0.0, 0.5, 0.0]]):
            y = numbers(cl.Softmax()(self.X, mask=np.array(mask)))
            np.testing.assert_allclose(y[0], [0.268941, 0.731059, 0], rtol=1e-5)
            assert y[1].tolist() == [0, 0, 0]

    def test_a_mask_of_fewer_dimensions(self):
        y = numbers(cl.Softmax()(self.X, mask=np.array([True, False, True])))
        assert y[:, 1].tolist() == [0, 0]

    def test_the_gradient_stops_there(self):
        mask = np.array([[True, True, False], [False, False, False]])

        def weighted(x):
            weights = np.array([1.0, 2.0, 3.0], "float32")
            return ops.multiply(cl.Softmax()(x, mask=mask), weights)

        slope = numbers(gradient(weighted, self.X))
        assert slope[0, 2] == 0
        assert slope[1].tolist() == [0, 0, 0]
        assert np.all(slope[0, :2] != 0)

    def test_half_precision(self):
        layer = cl.Softmax(dtype="float16")
        y = numbers(layer(self.X, mask=np.array([True, False, True])))
        assert np.isfinite(y).all()
        assert y[:, 1].tolist() == [0, 0]

    def test_a_mask_with_more_dimensions(self):
        with pytest.raises(ValueError, match=r"more dimensions.*\(1, 1, 3\)"):
            cl.Softmax()(self.X, mask=np.ones((1, 1, 3)))

    def test_a_mask_of_another_size(self):
        with pytest.raises(ValueError, match=r"broadcastable.*\(2, 2\).*\(2, 3\)"):
            cl.Softmax()(self.X, mask=np.ones((2, 2)))
