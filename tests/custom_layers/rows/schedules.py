"""Rows of learning rate schedules."""

import custom_layers as cl

from ..table import ScheduleRow

_STEP_DECAY = {
    "initial_learning_rate": 0.4,
    "decay_steps": 20,
    "boundaries": (0.5, 0.8),
}


def _step_decay(step, initial_learning_rate, decay_steps, boundaries, factor=0.1):
    reached = sum(step >= boundary * decay_steps for boundary in boundaries)
    return initial_learning_rate * factor**reached


def _warmup(step, rate, steps):
    full = rate if isinstance(rate, float) else _step_decay(step, **_STEP_DECAY)
    return full * (step + 1) / steps if step < steps else full


SCHEDULES = [
    ScheduleRow(
        cl.optimizers.schedules.StepDecay, None, _step_decay, _STEP_DECAY | factor
    )
    for factor in ({}, {"factor": 0.5})
] + [
    ScheduleRow(
        cl.optimizers.schedules.Warmup, None, _warmup, {"rate": rate, "steps": steps}
    )
    for rate, steps in (
        (0.5, 4),
        (cl.optimizers.schedules.StepDecay(**_STEP_DECAY), 12),
    )
]
