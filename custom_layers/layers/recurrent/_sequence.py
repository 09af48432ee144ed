"""Runs a cell over a sequence."""

from typing import Any

import keras

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.layers.recurrent import _loops
from custom_layers.layers.recurrent._steps import Step, end_of, step_of
from custom_layers.layers.recurrent.stacked_cells import StackedRNNCells


def along(
    cell: Any,
    inputs: Tensor,
    states: list,
    *,
    training: bool | None,
    unroll: bool,
    **options: Any,
) -> tuple[Tensor, Any, list]:
    """Runs a cell along the first axis of the inputs.

    Args:
        cell: One of ours, or anything with a `call`.
        inputs: `(time, batch, ...)`.
        states: The states that the sequence starts with.
        training: Whether dropout takes part.
        unroll: Whether to unroll the loop over the steps.
        options: `mask`, `zero_output_for_mask` and `every_output`, as
            `_loops.run` takes them.

    Returns:
        The last output, all outputs (`None` if not requested), and the last states.
    """
    if isinstance(cell, StackedRNNCells) and fast.is_unmodified(cell):
        options |= {"training": training, "unroll": unroll}
        return _one_by_one(cell.cells, inputs, states, **options)
    if unroll:
        step = step_of(cell, inputs[0], states, training)
        results = _loops.run(
            step.recur,
            step.project(inputs),
            states,
            loop=_loops.unrolled,
            **options,
        )
    else:
        results = _loop(cell, inputs, states, training=training, **options)
    end_of(cell)
    return results


def _one_by_one(
    cells: Any, inputs: Tensor, states: list, every_output: bool, **options: Any
) -> tuple[Tensor, Any, list]:
    """Runs each of stacked cells over the outputs of the one below."""
    new_states, last = [], None
    for k, (cell, state) in enumerate(zip(cells, states, strict=True)):
        nested = keras.tree.is_nested(state)
        every = every_output or k < len(cells) - 1
        last, inputs, state = along(
            cell,
            inputs,
            list(state) if nested else [state],
            every_output=every,
            **options,
        )
        new_states.append(state if nested else state[0])
    return last, inputs, new_states


@fast.path
def _loop(
    cell: Any, inputs: Tensor, states: list, *, training: bool | None, **options: Any
) -> tuple[Tensor, Any, list]:
    """Loops over the steps of the inputs."""
    step = step_of(cell, inputs[0], states, training)
    return _loop_of_steps(step, inputs, states, **options)


@fast.path
def _loop_of_steps(
    step: Step, inputs: Tensor, states: list, **options: Any
) -> tuple[Tensor, Any, list]:
    """Loops over the recurrence, after the projection of the inputs of all steps."""
    projected = step.project(inputs)
    return _loops.run(step.recur, projected, states, loop=_loops.scanned, **options)
