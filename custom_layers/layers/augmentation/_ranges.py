"""Ranges of random parameters."""

from typing import Any

Limits = tuple[float, float]


def limits_within(
    name: str, factor: Any, bounds: Limits, open_below: bool = False
) -> Limits:
    """Validates a factor whose limits must lie within bounds, and returns them.

    Args:
        name: Name of the argument, for the message.
        factor: A pair of limits; a number `f` means `(-f, f)`.
        bounds: Smallest and largest value allowed.
        open_below: Whether the lower bound is exclusive.
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
    """Validates a factor whose range must overlap the bounds."""
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
    """Returns the numbers of a factor, one or two; none for another type."""
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
