"""The loop over the time axis in TensorFlow, which compiles and which exports."""

from collections.abc import Callable

import tensorflow as tf


def loop(body: Callable, carry: list, steps: list, every_output: bool) -> tuple:
    """Does what `_loops` says; `ops.scan` is slower here and fails under XLA."""
    length = steps[0].shape[0] or tf.shape(steps[0])[0]
    _, output = body(carry, [x[0] for x in steps])  # tells shape and dtype
    outputs = tf.TensorArray(
        output.dtype, length if every_output else 1, element_shape=output.shape
    )
    arrays = [
        tf.TensorArray(x.dtype, length, element_shape=x.shape[1:]).unstack(x)
        for x in steps
    ]

    def step(time: tf.Tensor, outputs: tf.TensorArray, *carry: tf.Tensor) -> tuple:
        new, output = body(list(carry), [array.read(time) for array in arrays])
        outputs = outputs.write(time if every_output else 0, output)
        return time + 1, outputs, *new

    _, outputs, *carry = tf.while_loop(
        lambda time, *_: time < length,
        step,
        (tf.constant(0), outputs, *carry),
        maximum_iterations=length,
    )
    outputs = outputs.stack()
    return carry, outputs[-1], outputs if every_output else None
