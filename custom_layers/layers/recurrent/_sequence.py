"""Runs a cell over a sequence, by the fastest loop."""

from typing import Any

import keras

from custom_layers._types import Tensor
from custom_layers.exporting import is_exporting
from custom_layers.fast.context import compiles, records
from custom_layers.layers.recurrent import _loops
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent._steps import Step, end_of, step_of
from custom_layers.layers.recurrent.stacked_cells import StackedRNNCells


def along(
    cell: Any,
    inputs: Tensor,
    states: list,
    *,
    mask: Tensor | None,
    training: bool | None,
    unroll: bool,
    zero_output_for_mask: bool,
    every_output: bool,
) -> tuple[Tensor, Any, list]:
    """Runs a cell along the first axis of the inputs.

    Returns:
        The last output, all outputs (`None` if not requested), and the last states.
    """
    options = {
        "mask": mask,
        "training": training,
        "unroll": unroll,
        "zero_output_for_mask": zero_output_for_mask,
    }
    if isinstance(cell, StackedRNNCells):
        return _one_by_one(cell.cells, inputs, states, every_output, options)
    step = step_of(cell, inputs[0], states, training)
    if _trains_fast(cell, training) and mask is None and not unroll:
        results = _trained(cell, step, inputs, states, training, every_output)
    else:
        recur = step.recur
        if keras.backend.backend() == "tensorflow" and not unroll:
            # Converters know a cell by all of it standing in the loop, one core can
            # project inputs while another is busy with the recurrence, and XLA makes
            # a slow product of inputs that were transposed just before.
            recur = step.at_once
        else:
            inputs = step.project(inputs)
        del options["training"]
        results = _loops.run(
            recur, inputs, states, every_output=every_output, **options
        )
    end_of(cell)
    return results


def _one_by_one(
    cells: Any, inputs: Tensor, states: list, every_output: bool, options: dict
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


def _trained(
    cell: RecurrentCell,
    step: Step,
    inputs: Tensor,
    states: list,
    training: bool | None,
    every_output: bool,
) -> tuple[Tensor, Tensor | None, list]:
    """Runs the loop with a custom gradient.

    A plain graph projects the inputs within it: there one core can project those of
    later steps while another computes the recurrence. Under XLA the rule decides.
    """
    from custom_layers.fast import cells as fast

    kernel, bias = cell.recurrent_tensors()
    extras = {"bias": bias}
    rule = getattr(fast, cell.training_rule)
    if (compiles() and not rule.projects) or (training and cell.dropout):
        inputs = step.project(inputs)
    else:
        extras["input_kernel"], extras["input_bias"] = cell.input_tensors()
    return fast.run(rule, inputs, kernel, states, every_output, **extras)


def _trains_fast(cell: Any, training: bool | None) -> bool:
    """Whether the cell has a loop with a custom gradient."""
    return (
        keras.backend.backend() == "tensorflow"
        and (bool(training) or records())
        and isinstance(cell, RecurrentCell)
        and not cell.recurrent_dropout
        and not is_exporting()
        and cell.has_training_rule()
    )
