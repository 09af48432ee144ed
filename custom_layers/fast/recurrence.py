"""Recurrent loops with custom gradients, for training in TensorFlow.

Backpropagation through time needs a loop for the gradients of the steps alone. Those
of the weights, and that of the inputs, are matrix products over many steps at once:
over all of them after the loop under XLA, over each round of it in a plain graph,
where one core computes them while another goes on with the recurrence. What TensorFlow
derives from a loop takes a product for each step.

Reference:
    Werbos, 1990, Backpropagation through time: what it does and how to do it.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from custom_layers.fast.context import compiles
from custom_layers.fast.loop import STEPS, loop, rounds, steps_a_round, walk


@dataclasses.dataclass(frozen=True)
class CellStep:
    """One step of a cell and its derivative.

    Args:
        forward: `forward(x, y, states) -> states, saved` takes the projected inputs
            `x` and `y = h @ kernel + bias`, where `h` is the first state.
        backward: `backward(gradients, h, saved) -> dx, dy, gradients` takes the
            gradients of the new states to those of `x`, of `y` and, but for what
            flows through `y`, of the old states (`None` if all does).
        shared: Whether `dx` is always `dy`.
        projects: Whether the loop projects the inputs under XLA too, where a short
            product in each step may or may not be faster than a long one before.
        compiled_steps: How many steps a round of the loop takes at most under XLA,
            where more pay for short steps only, and take longer to compile.
    """

    forward: Callable
    backward: Callable
    shared: bool
    projects: bool
    compiled_steps: int = 1


@dataclasses.dataclass(frozen=True)
class Recurrence:
    """`_loops.run` for the step of a cell.

    The arguments of its parts are the inputs with time first, the recurrent kernel,
    the states, and `extras`; their results are every output where that is wanted,
    and the last states.

    Args:
        step: Of the cell.
        states: How many.
        every_output: Whether to return the outputs of all steps.
        extras: Which further arguments there are: `"bias"`, the recurrent one, and,
            for inputs that the loop has to project, `"input_kernel"` and perhaps
            `"input_bias"`.
    """

    step: CellStep
    states: int
    every_output: bool
    extras: tuple[str, ...]

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
        inputs, outer, inner, states = self._parts(arguments)

        def body(states: list, x: list) -> tuple[list, tf.Tensor]:
            states, _ = self.step.forward(outer(x[0]), inner(states[0]), states)
            return states, states[0]

        states, _, outputs = loop(body, states, [inputs], self.every_output)
        return (outputs, *states) if self.every_output else tuple(states)

    def forwards(self, arguments: tuple) -> tuple[tuple, list]:
        """Computes the results, and keeps what the gradient needs of every step."""
        inputs, outer, inner, states = self._parts(arguments)
        length = _length(inputs)
        steps = _array(length, inputs.dtype, inputs.shape[1:]).unstack(inputs)
        _, saved = self.step.forward(outer(inputs[0]), inner(states[0]), states)
        kept = [states[0], *saved, *states[: self.every_output]]

        def step(time: tf.Tensor, *carry: Any) -> tuple:
            old, arrays = list(carry[: self.states]), carry[self.states :]
            new, saved = self.step.forward(outer(steps.read(time)), inner(old[0]), old)
            kept = [old[0], *saved, *new[: self.every_output]]
            return *new, *_write(arrays, time, kept)

        arrays = [_array(length, x.dtype, x.shape) for x in kept]
        carry = walk(step, length, self._steps(), (*states, *arrays))
        new, arrays = carry[: self.states], carry[self.states :]
        if self.every_output:
            new.insert(0, arrays.pop().stack())
        return tuple(new), arrays

    def backwards(self, arguments: tuple, saved: list, upstream: tuple) -> tuple:
        """Computes the gradients of the arguments from those of the results."""
        inputs, kernel = arguments[:2]
        length, outputs = _length(inputs), upstream[: -self.states]
        added = [_array(length, x.dtype, x.shape[1:]).unstack(x) for x in outputs]
        transposed = tf.transpose(kernel)

        def step(time: tf.Tensor, gradients: list) -> tuple[list, list]:
            for array in added:
                gradients[0] += array.read(time)
            h, *kept = (array.read(time) for array in saved)
            dx, dy, gradients = self.step.backward(gradients, h, kept)
            through = dy @ transposed
            gradients[0] = through if gradients[0] is None else gradients[0] + through
            return gradients, [dy, *[dx] * (not self.step.shared)]

        steps = steps_a_round(length, self._steps())
        together = self._all_at_once if compiles() or steps == 1 else self._by_rounds
        by_inputs, by_kernel, *by_extras, gradients = together(
            step, arguments, saved[0], list(upstream[-self.states :])
        )
        by_inputs = tf.reshape(by_inputs, tf.shape(inputs))
        return by_inputs, by_kernel, *gradients, *by_extras

    def _all_at_once(
        self, step: Callable, arguments: tuple, before: Any, gradients: list
    ) -> tuple:
        """Goes back through time; the products follow the loop."""
        inputs, kernel = arguments[:2]
        length = _length(inputs)

        def back(index: tf.Tensor, *carry: Any) -> tuple:
            time = length - 1 - index
            gradients, rows = step(time, list(carry[: self.states]))
            return *gradients, *_write(carry[self.states :], time, rows)

        shape = inputs.shape[1], kernel.shape[1]
        arrays = [
            _array(length, inputs.dtype, shape) for _ in range(2 - self.step.shared)
        ]
        carry = walk(back, length, self._steps(), (*gradients, *arrays))
        rows = [_rows(array.stack()) for array in (before, *carry[self.states :])]
        by_inputs = self._by_inputs(arguments, rows[-1])
        products = self._by_weights(_rows(inputs), *rows)
        return by_inputs, *products, carry[: self.states]

    def _by_rounds(
        self, step: Callable, arguments: tuple, before: Any, gradients: list
    ) -> tuple:
        """Goes back through time; each round adds its products to those before.

        The gradient of the inputs follows the loop: TensorFlow leaves it out for a
        first layer, whose inputs need none, but leaves nothing out of a loop.
        """
        inputs = arguments[0]
        length = _length(inputs)
        steps = steps_a_round(length, self._steps())
        count, features = length // steps, inputs.shape[2]
        blocks = tf.reshape(inputs, (count, -1, features))

        def back(index: tf.Tensor, array: Any, *carry: Any) -> tuple:
            index = count - 1 - index
            gradients, sums = list(carry[: self.states]), carry[self.states :]
            found = []
            for i in reversed(range(steps)):
                time = index * steps + i
                gradients, rows = step(time, gradients)
                found.insert(0, [before.read(time), *rows])
            rows = [tf.concat(parts, axis=0) for parts in zip(*found, strict=True)]
            products = self._by_weights(blocks[index], *rows)
            sums = [a + b for a, b in zip(sums, products, strict=True)]
            return array.write(index, rows[-1]), *gradients, *sums

        weights = [arguments[1], *arguments[2 + self.states :]]
        zeros = [tf.zeros_like(weight) for weight in weights]
        array = _array(count, inputs.dtype, (None, arguments[1].shape[1]))
        array, *carry = rounds(back, count, (array, *gradients, *zeros))
        by_inputs = self._by_inputs(arguments, _rows(array.stack()))
        return by_inputs, *carry[self.states :], carry[: self.states]

    def _by_inputs(self, arguments: tuple, dx: tf.Tensor) -> tf.Tensor:
        """The gradient of the inputs by that of the projected ones."""
        if "input_kernel" not in self.extras:
            return dx
        place = 2 + self.states + self.extras.index("input_kernel")
        return tf.matmul(dx, arguments[place], transpose_b=True)

    def _by_weights(
        self, x: tf.Tensor, h: tf.Tensor, dy: tf.Tensor, *other: Any
    ) -> list:
        """The gradients of the weights by some steps, whose rows are given.

        Args:
            x: Inputs.
            h: The outputs before.
            dy: Gradient of the product with the recurrent kernel.
            other: That of the projected inputs, where it is another one.
        """
        (dx,) = other or (dy,)
        given = {
            "bias": lambda: tf.reduce_sum(dy, axis=0),
            "input_kernel": lambda: tf.matmul(x, dx, transpose_a=True),
            "input_bias": lambda: tf.reduce_sum(dx, axis=0),
        }
        by_kernel = tf.matmul(h, dy, transpose_a=True)
        return [by_kernel, *(given[name]() for name in self.extras)]

    def _steps(self) -> int:
        return self.step.compiled_steps if compiles() else STEPS

    def _parts(self, arguments: tuple) -> tuple[tf.Tensor, Callable, Callable, list]:
        inputs, kernel, *rest = arguments
        extras = dict(zip(self.extras, rest[self.states :], strict=True))
        outer = _projection(extras.get("input_kernel"), extras.get("input_bias"))
        inner = _projection(kernel, extras.get("bias"))
        return inputs, outer, inner, rest[: self.states]


def _projection(kernel: Any, bias: Any) -> Callable:
    def project(x: tf.Tensor) -> tf.Tensor:
        if kernel is None:
            return x
        y = x @ kernel
        return y if bias is None else y + bias

    return project


def _rows(x: tf.Tensor) -> tf.Tensor:
    return tf.reshape(x, (-1, x.shape[-1]))


def _length(inputs: tf.Tensor) -> Any:
    return inputs.shape[0] or tf.shape(inputs)[0]


def _array(length: Any, dtype: Any, shape: Any) -> tf.TensorArray:
    return tf.TensorArray(dtype, length, element_shape=shape, clear_after_read=False)


def _write(arrays: Any, time: tf.Tensor, values: list) -> list:
    return [a.write(time, x) for a, x in zip(arrays, values, strict=False)]
