"""A cell as two functions: input projection of all steps, and recurrence of one."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor


class Step(NamedTuple):
    """`output, states = recur(project(inputs), states)`.

    `project` takes the inputs of one time step or, with leading axes, of many.
    """

    project: Callable[[Tensor], Tensor]
    recur: Callable[[Tensor, list], tuple[Tensor, list]]

    def at_once(self, inputs: Tensor, states: list) -> tuple[Tensor, list]:
        """The whole step."""
        return self.recur(self.project(inputs), states)


def step_of(cell: Any, inputs: Tensor, states: list, training: bool | None) -> Step:
    """Prepares a cell for a loop: hoists everything that does not change in it.

    Args:
        cell: One of ours, or anything with a `call`.
        inputs: Of the first step: their shape is that of the dropout mask.
        states: Of the first step.
        training: Whether dropout takes part.
    """
    # A subclass may compute something else by any of its methods.
    if hasattr(cell, "step") and fast.is_unmodified(cell):
        return cell.step(inputs, states, training)
    if hasattr(cell, "get_dropout_mask"):
        # A mask drawn inside a loop could not be used after it.
        cell.get_dropout_mask(inputs)
        cell.get_recurrent_dropout_mask(keras.tree.flatten(states)[0])
    options = {"training": training} if takes(cell.call, "training") else {}
    function: Any = cell if callable(cell) else cell.call

    def recur(inputs: Tensor, states: list) -> tuple[Tensor, list]:
        output, new_states = function(inputs, states, **options)
        nested = keras.tree.is_nested(new_states)
        return output, new_states if nested else [new_states]

    return Step(lambda inputs: inputs, recur)


def end_of(cell: Any) -> None:
    """Resets the dropout masks of a cell for the next sequence."""
    if hasattr(cell, "reset_dropout_mask"):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()


def one_step(cell: Any, inputs: Tensor, states: Any, training: bool | None) -> tuple:
    """Calls one of our cells once; a single state may be given without a list."""
    nested = keras.tree.is_nested(states)
    states = list(states) if nested else [states]
    output, new_states = cell.step(inputs, states, training).at_once(inputs, states)
    return output, new_states if nested else new_states[0]


def takes(function: Callable, name: str) -> bool:
    """Whether a function has an argument of this name."""
    return name in inspect.signature(function).parameters


def project(inputs: Tensor, kernel: Tensor, masks: Any = None) -> Tensor:
    """`inputs @ kernel` with a dropout mask, or a list of one for each gate.

    Leading axes are flattened for one matrix product.
    """
    if masks is None:
        return _matmul(inputs, kernel)
    if not isinstance(masks, list | tuple):
        return _matmul(inputs * masks, kernel)
    gates = ops.split(kernel, len(masks), axis=1)
    return ops.concatenate(
        [_matmul(inputs * m, k) for m, k in zip(masks, gates, strict=True)], axis=-1
    )


def _matmul(inputs: Tensor, kernel: Tensor) -> Tensor:
    if len(inputs.shape) == 2:
        return ops.matmul(inputs, kernel)
    rows = ops.matmul(ops.reshape(inputs, (-1, inputs.shape[-1])), kernel)
    return ops.reshape(rows, (*ops.shape(inputs)[:-1], kernel.shape[-1]))
