"""The loop over the time axis in TensorFlow, which XLA and converters can take."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from custom_layers.fast.context import compiles
from custom_layers.layers.recurrent import _loops
from custom_layers.layers.recurrent._steps import Step

STEPS = 5  # of a round of the loop at most, in a plain graph


def loop_of_steps(step: Step, inputs: Any, states: list, **options: Any) -> tuple:
    """Loops over whole steps, each of which projects its inputs.

    Converters recognise a cell that is entirely in the loop, one core can project
    inputs while another computes the recurrence, and XLA's product of inputs that
    were transposed just before is slow.
    """
    return _loops.run(step.at_once, inputs, states, loop=loop, **options)


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
        return outputs.write(time if every_output else 0, output), *new

    most = 1 if compiles() else STEPS
    outputs, *carry = walk(step, length, most, (outputs, *carry))
    outputs = outputs.stack()
    return carry, outputs[-1], outputs if every_output else None


def walk(step: Callable, length: Any, most: int, carry: Any) -> list:
    """Loops over time, several steps a round where that divides the length."""
    steps = steps_a_round(length, most)

    def several(index: tf.Tensor, *carry: Any) -> tuple:
        for i in range(steps):
            # A converter must see that the index itself is the time.
            time = index * steps + i if steps > 1 else index
            carry = tuple(step(time, *carry))
        return carry

    return rounds(several, length // steps, carry)


def steps_a_round(length: Any, most: int) -> int:
    """The largest number of steps up to `most` that divides a known length, or one."""
    choices = range(most, 0, -1) if isinstance(length, int) else [1]
    return next(n for n in choices if n == 1 or length % n == 0)


def rounds(body: Callable, count: Any, carry: Any) -> list:
    """Applies `body(index, *carry) -> carry` for each index below `count`."""
    _, *carry = tf.while_loop(
        lambda index, *_: index < count,
        lambda index, *carry: (index + 1, *body(index, *carry)),
        (tf.constant(0), *carry),
        maximum_iterations=count,
    )
    return list(carry)
