"""What a call of the engine did."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """The end of some steps.

    Args:
        step: Steps of the epoch that are done, counted from its start.
        logs: Loss and metrics, each the mean since the start of the epoch.
        finite: Whether the loss was finite in each step; the one where it was not
            is the last that was done.
    """

    step: int
    logs: dict[str, float]
    finite: bool
