"""Recurrent loops that compute their own gradient, for training in TensorFlow.

Backpropagation through time needs a loop for the gradients of the steps alone: that
of the recurrent kernel is one matrix product over all steps, after the loop. What
TensorFlow derives from a loop adds it up step by step instead.

Reference:
    Werbos, 1990, Backpropagation through time: what it does and how to do it.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from custom_layers.layers.recurrent._tensorflow_loop import loop


@dataclasses.dataclass(frozen=True)
class Rule:
    """One step of a cell and its derivative.

    Args:
        forward: `forward(x, y, states) -> states, saved` takes the projected inputs
            `x` and `y = h @ kernel + bias`, where `h` is the first state.
        backward: `backward(gradients, h, saved) -> dx, dy, gradients` takes the
            gradients of the new states to those of `x`, of `y` and, but for what
            flows through `y`, of the old states (`None` if all does).
        shared: Whether `dx` is always `dy`.
        steps: How many steps a round of the loop takes at most. More pay where a
            step is short, but take longer to compile.
    """

    forward: Callable
    backward: Callable
    shared: bool
    steps: int = 1


@dataclasses.dataclass(frozen=True)
class Recurrence:
    """`_loops.run` for a rule.

    The arguments of its parts are the inputs with time first, the recurrent kernel,
    the states, and the recurrent bias where there is one; their results are every
    output where that is wanted, and the last states.
    """

    rule: Rule
    states: int
    every_output: bool

    def __call__(self, *arguments: tf.Tensor) -> tuple:
        """Returns the results, with a gradient that can be differentiated again."""

        @tf.custom_gradient
        def recurrence(*arguments: tf.Tensor) -> tuple:
            results, saved = self.forwards(arguments)

            def gradient(*upstream: tf.Tensor) -> tuple:
                return self._gradient(arguments, saved, upstream)

            return results, gradient

        return recurrence(*arguments)

    def _gradient(self, arguments: tuple, saved: list, upstream: tuple) -> tuple:
        count = len(arguments)

        @tf.custom_gradient
        def first(*given: tf.Tensor) -> tuple:
            def second(*direction: tf.Tensor) -> list:
                with tf.GradientTape() as outer:
                    outer.watch(given)
                    with tf.GradientTape() as inner:
                        inner.watch(given[:count])
                        results = self.plain(given[:count])
                    slopes: Any = inner.gradient(
                        results, given[:count], list(given[count:])
                    )
                return outer.gradient(slopes, list(given), list(direction))

            return self.backwards(given[:count], saved, given[count:]), second

        return first(*arguments, *upstream)

    def plain(self, arguments: tuple) -> tuple:
        """Computes the results so that TensorFlow can derive any gradient."""
        inputs, inner, states = self._parts(arguments)

        def body(states: list, x: list) -> tuple[list, tf.Tensor]:
            states, _ = self.rule.forward(x[0], inner(states[0]), states)
            return states, states[0]

        states, _, outputs = loop(body, states, [inputs], self.every_output)
        return (outputs, *states) if self.every_output else tuple(states)

    def forwards(self, arguments: tuple) -> tuple[tuple, list]:
        """Computes the results, and keeps what the gradient needs of every step."""
        inputs, inner, states = self._parts(arguments)
        length = _length(inputs)
        steps = _array(length, inputs[0]).unstack(inputs)
        _, saved = self.rule.forward(inputs[0], inner(states[0]), states)
        kept = [states[0], *saved, *states[: self.every_output]]

        def step(time: tf.Tensor, *carry: Any) -> tuple:
            old, arrays = list(carry[: self.states]), carry[self.states :]
            new, saved = self.rule.forward(steps.read(time), inner(old[0]), old)
            kept = [old[0], *saved, *new[: self.every_output]]
            return *new, *_write(arrays, time, kept)

        carry = _walk(
            step, length, self.rule.steps, (*states, *(_array(length, x) for x in kept))
        )
        new, arrays = carry[: self.states], carry[self.states :]
        if self.every_output:
            new.insert(0, arrays.pop().stack())
        return tuple(new), arrays

    def backwards(self, arguments: tuple, saved: list, upstream: tuple) -> tuple:
        """Computes the gradients of the arguments from those of the results."""
        inputs, kernel = arguments[:2]
        length = _length(inputs)
        added = [_array(length, x[0]).unstack(x) for x in upstream[: -self.states]]
        transposed = tf.transpose(kernel)

        def step(time: tf.Tensor, *carry: Any) -> tuple:
            gradients, arrays = list(carry[: self.states]), carry[self.states :]
            for array in added:
                gradients[0] += array.read(time)
            h, *kept = (array.read(time) for array in saved)
            dx, dy, gradients = self.rule.backward(gradients, h, kept)
            through = dy @ transposed
            gradients[0] = through if gradients[0] is None else gradients[0] + through
            return *gradients, *_write(arrays, time, [dy, dx])

        arrays = [
            _array(length, inputs[0]) for _ in range(1 if self.rule.shared else 2)
        ]
        carry = _walk(
            lambda time, *carry: step(length - 1 - time, *carry),
            length,
            self.rule.steps,
            (*upstream[-self.states :], *arrays),
        )
        dy, *dx = (array.stack() for array in carry[self.states :])
        rows = tf.reshape(dy, (-1, dy.shape[-1]))
        before = tf.reshape(saved[0].stack(), (-1, kernel.shape[0]))
        d_kernel = tf.matmul(before, rows, transpose_a=True)
        d_bias = [tf.reduce_sum(rows, axis=0)] * (len(arguments) - 2 - self.states)
        return *(dx or [dy]), d_kernel, *carry[: self.states], *d_bias

    def _parts(self, arguments: tuple) -> tuple[tf.Tensor, Callable, list]:
        inputs, kernel, *rest = arguments
        states, bias = rest[: self.states], rest[self.states :]

        def inner(h: tf.Tensor) -> tf.Tensor:
            y = h @ kernel
            return y + bias[0] if bias else y

        return inputs, inner, states


def _length(inputs: tf.Tensor) -> Any:
    return inputs.shape[0] or tf.shape(inputs)[0]


def _walk(step: Callable, length: Any, most: int, carry: Any) -> list:
    """Loops over time; a round takes several steps where that divides the length."""
    choices = range(most, 0, -1) if isinstance(length, int) else [1]
    steps = next(n for n in choices if n == 1 or length % n == 0)

    def several(index: tf.Tensor, *carry: Any) -> tuple:
        for i in range(steps):
            carry = tuple(step(index * steps + i, *carry))
        return index + 1, *carry

    rounds = length // steps
    _, *carry = tf.while_loop(
        lambda index, *_: index < rounds,
        several,
        (tf.constant(0), *carry),
        maximum_iterations=rounds,
    )
    return list(carry)


def _array(length: Any, like: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(
        like.dtype, length, element_shape=like.shape, clear_after_read=False
    )


def _write(arrays: Any, time: tf.Tensor, values: list) -> list:
    return [a.write(time, x) for a, x in zip(arrays, values, strict=False)]
