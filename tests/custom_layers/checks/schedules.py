"""Checks of learning rate schedules."""

import keras
import numpy as np

from ..backends import compiled_forms, numbers
from .common import plain, same

STEPS = 25


def oracle_pairs(row):
    """The learning rates of the first steps, and what they should be."""
    schedule = row.make()
    rates = np.array([numbers(schedule(step)) for step in range(STEPS)])
    expected = [row.oracle(step, **row.kwargs) for step in range(STEPS)]
    return [(rates, np.array(expected))]


def check_schedule_oracle(row):
    for rates, expected in oracle_pairs(row):
        same(rates, expected)


def check_schedule_config(row):
    """A copy by way of JSON gives the same learning rates."""
    copy = row.component.from_config(plain(row.make().get_config()))
    for step in range(STEPS):
        same(numbers(copy(step)), numbers(row.make()(step)))


def check_schedule_forms(row):
    schedule = row.make()
    for form in compiled_forms(lambda step: schedule(step)).values():
        for step in range(STEPS):
            rate = form(keras.ops.convert_to_tensor(step))
            same(numbers(rate), numbers(schedule(step)))
