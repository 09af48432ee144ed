"""A product with a wide kernel whose gradient a CPU takes faster.

The gradient of `y = x @ K` by `x` is `dy @ K^T`. Where the rows of `K` are long,
TensorFlow's kernel for CPUs takes up to three times as long for it as for the
same numbers in the order `(K @ dy^T)^T`, unless `dy` has very few rows or very many.
"""

from typing import Any

import tensorflow as tf
from keras.backend import standardize_dtype

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles, has_only_cpus, records

LEAST_FEATURES, LEAST_UNITS = 512, 1024
ROWS = (16, 256)  # the fewest and the most that gain


def serves(inputs: Any, kernel: Any) -> bool:
    """Whether the gradient may gain: in a plain graph, for a wide kernel.

    Outside of graphs TensorFlow leaves out a gradient that nobody asks for, which
    one written by hand would compute.
    """
    return (
        isinstance(inputs, tf.Tensor)
        and inputs.shape.rank == 2
        and all(standardize_dtype(x.dtype) == "float32" for x in (inputs, kernel))
        and kernel.shape[0] >= LEAST_FEATURES
        and kernel.shape[1] >= LEAST_UNITS
        and not tf.executing_eagerly()
        and records()
        and not compiles()
        and has_only_cpus()
    )


@tf.custom_gradient
def product(inputs: Tensor, kernel: Tensor) -> tuple[Tensor, Any]:
    """Computes `inputs @ kernel`, both of rank 2."""

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        by_kernel = tf.matmul(inputs, upstream, transpose_a=True)
        return _by_inputs(upstream, kernel), by_kernel

    return tf.matmul(inputs, kernel), gradient


def _by_inputs(upstream: Tensor, kernel: Tensor) -> Tensor:
    def turned() -> Tensor:
        return tf.transpose(tf.matmul(kernel, upstream, transpose_b=True))

    def straight() -> Tensor:
        return tf.matmul(upstream, kernel, transpose_b=True)

    rows = upstream.shape[0]
    if rows is None:
        rows = tf.shape(upstream)[0]
        gains = tf.logical_and(rows >= ROWS[0], rows <= ROWS[1])
        return tf.cond(gains, turned, straight)
    return turned() if ROWS[0] <= rows <= ROWS[1] else straight()
