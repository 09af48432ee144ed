"""Totals over the sessions of a run."""

import pytest

from zoo.runs.timings import PHASES, _total


def session(steps, rate, memory):
    return {
        "seconds": dict.fromkeys(PHASES, 2.0),
        "steps": steps,
        "steps_per_second": rate,
        "peak_memory_bytes": memory,
    }


def test_steps_are_added_and_the_largest_memory_is_kept():
    # The last session was stopped within its first call, which is not timed.
    total = _total([session(100, 50.0, 7), session(300, 100.0, 9), session(1, None, 5)])
    assert total["steps"] == 401
    assert total["peak_memory_bytes"] == 9
    assert total["steps_per_second"] == pytest.approx(400 / 5)
    assert total["seconds"] == dict.fromkeys(PHASES, 6.0)
