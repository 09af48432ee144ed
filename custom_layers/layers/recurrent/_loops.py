"""Loops over the time axis.

A loop applies `body(carry, inputs) -> (carry, output)` to each step; `carry` is a
list of tensors, the inputs are a list of tensors with time as their first axis.
It returns the last carry, the last output, and every output or `None`.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor


def time_major(x: Tensor) -> Tensor:
    """Swaps the axes of batch and time."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))


def run(
    recur: Callable[[Tensor, Any], tuple[Tensor, Any]],
    inputs: Tensor,
    states: Any,
    *,
    loop: Callable,
    mask: Tensor | None = None,
    zero_output_for_mask: bool = False,
    every_output: bool = True,
) -> tuple[Tensor, Tensor | None, Any]:
    """Runs a cell along the first axis of its inputs.

    Where the mask is false, the states are kept and the output is that of the
    previous step, or zero.

    Returns:
        The last output, all outputs (`None` if not requested), and the last states.
    """
    steps = [inputs]
    carry = keras.tree.flatten(states)

    def body(carry: list, steps: list) -> tuple[list, Tensor]:
        output, new = recur(steps[0], keras.tree.pack_sequence_as(states, carry))
        return keras.tree.flatten(new), output

    if mask is not None:
        steps.append(mask)
        first, _ = recur(inputs[0], states)
        carry.append(ops.zeros_like(first))
        body = _masked(body, zero_output_for_mask)
    carry, last, outputs = loop(body, carry, steps, every_output)
    if mask is not None:
        carry = carry[:-1]
    return last, outputs, keras.tree.pack_sequence_as(states, carry)


def _masked(body: Callable, zero_output: bool) -> Callable:
    """A body that carries the output, too, and skips where the mask is false."""

    def masked(carry: list, steps: list) -> tuple[list, Tensor]:
        *states, output = carry
        *inputs, mask = steps
        new_states, new_output = body(states, inputs)
        left = ops.zeros_like(output) if zero_output else output
        output = _where(mask, new_output, left)
        states = [_where(mask, x, y) for x, y in zip(new_states, states, strict=True)]
        return [*states, output], output

    return masked


def _where(mask: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return ops.where(ops.reshape(mask, (-1, *[1] * (len(x.shape) - 1))), x, y)


def unrolled(body: Callable, carry: list, steps: list, every_output: bool) -> tuple:
    """Unrolls the loop."""
    outputs = []
    for inputs in zip(*(ops.unstack(x, axis=0) for x in steps), strict=True):
        carry, output = body(carry, list(inputs))
        outputs.append(output)
    return carry, outputs[-1], ops.stack(outputs) if every_output else None


def scanned(body: Callable, carry: list, steps: list, every_output: bool) -> tuple:
    """Loops with `ops.scan`."""
    carry, outputs = ops.scan(body, carry, steps)
    return carry, outputs[-1], outputs if every_output else None
