"""Examples that were worked out by hand."""

import keras
import numpy as np
from keras import ops

import custom_layers as cl

from .backends import numbers


class _HalfSquaredError(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.sum(ops.square(y_true - y_pred), axis=-1) / 2


def test_one_step_of_the_3_2_1_network():
    """Inputs 1 to 3, hidden units 4 and 5, output 6, all with a sigmoid."""
    hidden, output = cl.Dense(2, "sigmoid"), cl.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((3,)), hidden, output])
    hidden.set_weights(
        [np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.2]]), np.array([-0.4, 0.2])]
    )
    output.set_weights([np.array([[-0.3], [-0.2]]), np.array([0.1])])
    x, target = np.array([[1.0, 0.0, 1.0]]), np.array([[1.0]])
    assert round(float(numbers(model(x))[0, 0]), 3) == 0.474
    model.compile(cl.optimizers.SGD(0.9), _HalfSquaredError())
    model.train_on_batch(x, target)
    expected = [
        [[0.192, -0.306], [0.4, 0.1], [-0.508, 0.194]],
        [-0.408, 0.194],
        [[-0.261], [-0.138]],
        [0.218],
    ]
    for found, weight in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(np.round(found, 3), weight, atol=1e-6)
