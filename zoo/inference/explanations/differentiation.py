"""Gradients of scores with respect to what they are computed from."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.errors import ArgumentError


def value_and_gradient(
    function: Callable[[Any], Any], x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Computes scores and the gradient of each with respect to its own sample.

    .. math::

        g_i = \nabla_{x_i} \sum_j f(x)_j = \nabla_{x_i} f(x_i)

    since samples of a batch do not depend on each other at inference.

    Args:
        function: Maps a batch of samples to a score each, of shape `(samples,)`.
        x: The samples, of shape `(samples, ...)`.

    Returns:
        The scores, and gradients of the shape of `x`.

    Raises:
        ArgumentError: If the backend computes none, or nothing depends on `x`.

    Example:

    >>> y, g = value_and_gradient(lambda x: x[:, 0] ** 2, np.array([[3.0], [4.0]]))
    >>> y.tolist(), g.tolist()
    ([9.0, 16.0], [[6.0], [8.0]])
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        y, gradient = _of_tensorflow(function, x)
    elif backend == "jax":
        y, gradient = _of_jax(function, x)
    else:
        raise ArgumentError(
            f"Gradients are computed by TensorFlow and JAX, and Keras runs on {backend}"
            "; set KERAS_BACKEND=tensorflow."
        )
    if gradient is None:
        raise ArgumentError("The output does not depend on its input by a gradient.")
    return ops.convert_to_numpy(y), ops.convert_to_numpy(gradient)


def _of_tensorflow(function: Callable[[Any], Any], x: np.ndarray) -> tuple[Any, Any]:
    import tensorflow as tf

    inputs = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = function(inputs)
    return y, tape.gradient(y, inputs)


def _of_jax(function: Callable[[Any], Any], x: np.ndarray) -> tuple[Any, Any]:
    import jax  # pyright: ignore[reportMissingImports]  (another backend)

    def total(inputs: Any) -> tuple[Any, Any]:
        y = function(inputs)
        return ops.sum(y), y

    (_, y), gradient = jax.value_and_grad(total, has_aux=True)(ops.convert_to_tensor(x))
    return y, gradient
