"""How data becomes numbers: the fields of a recipe's `encoding`, by task."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic.dataclasses import dataclass

from zoo.validation import STRICT, OneLineErrors, validated


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Encoding(metaclass=OneLineErrors):
    """Base of the encodings of tasks; this one has no fields."""

    of_data: ClassVar[tuple[str, ...]] = ()  # fields that the data decides if None


def complete(encoding: type[Encoding], given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of an encoding with the defaults of those not given.

    Raises:
        ArgumentError: If there is no such field, or a value is wrong.

    Example:

    >>> from pydantic import Field
    >>> @dataclass(frozen=True, kw_only=True, config=STRICT)
    ... class Windows(Encoding):
    ...     length: int = Field(64, ge=1)
    >>> complete(Windows, {})
    {'length': 64}
    >>> complete(Windows, {"length": 0})
    Traceback (most recent call last):
    ...
    zoo.errors.ArgumentError: `encoding.length` must be 1 or more. Received: 0
    """
    return dataclasses.asdict(validated(encoding, given, "encoding"))
