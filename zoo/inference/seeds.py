"""Seeds of what is drawn, as every way of asking for it takes them."""

from zoo.errors import ArgumentError

_END = 2**63  # of the integers of a signature


def check_seeds(first: int, count: int = 1) -> None:
    """Checks the seeds `first`, `first + 1` and so on.

    Raises:
        ArgumentError: If one of them is negative, or no integer of 64 bits.
    """
    if not 0 <= first <= _END - count:
        raise ArgumentError(f"`seed` must be 0 to {_END - count}. Received: {first}")
