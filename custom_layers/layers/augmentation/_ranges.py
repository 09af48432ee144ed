"""Limits of the numbers that are drawn."""

from typing import Any

Limits = tuple[float, float]


def limits_within(
    name: str, factor: Any, bounds: Limits, open_below: bool = False
) -> Limits:
    """Reads a factor whose numbers must lie in the bounds.

    Args:
        name: Name of the argument, for the message.
        factor: A pair of limits; a number `f` stands for `-f` and `f`.
        bounds: Smallest and largest number allowed.
        open_below: Whether the smallest number itself is not allowed.
    """
    low, high = bounds
    numbers = _numbers(factor)
    if not numbers or any(
        not low <= number <= high or (open_below and number == low)
        for number in numbers
    ):
        bracket = "(" if open_below else "["
        raise ValueError(
            f"`{name}` must be a number or a pair of numbers in the range "
            f"{bracket}{low}, {high}]. Received: {name}={factor}"
        )
    return _limits(numbers)


def limits_touching(name: str, factor: Any, bounds: Limits) -> Limits:
    """Reads a factor whose pair may reach over the bounds, but not lie beyond."""
    low, high = bounds
    numbers = _numbers(factor)
    if not numbers or numbers[0] > high or numbers[-1] < low:
        raise ValueError(
            f"`{name}` must be a number or a pair of numbers in the range "
            f"[{low}, {high}]. Received: {name}={factor}"
        )
    lower, upper = _limits(numbers)
    return (lower, upper) if len(numbers) == 2 else (max(lower, low), upper)


def _numbers(factor: Any) -> tuple:
    """Returns one number or two; none if the factor is something else."""
    if isinstance(factor, int | float):
        return (factor,)
    if isinstance(factor, tuple | list) and len(factor) == 2:
        return tuple(factor)
    return ()


def _limits(numbers: tuple) -> Limits:
    if len(numbers) == 1:
        return -abs(numbers[0]), abs(numbers[0])
    lower, upper = sorted(numbers)
    return lower, upper
