"""Objects within objects, as JSON has them, in one row of a table."""

from collections.abc import Iterator, Mapping
from typing import Any

from zoo.errors import DatasetError


def flattened(item: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an object with the fields of those within it as its own.

    Their names are joined by points, as by `pandas.json_normalize`.

    Raises:
        DatasetError: If two fields have one name then.

    >>> flattened({"id": 7, "user": {"age": 31, "home": {"city": "Rome"}}})
    {'id': 7, 'user.age': 31, 'user.home.city': 'Rome'}
    """
    if not any(isinstance(value, dict) for value in item.values()):
        return dict(item)
    found: dict[str, Any] = {}
    for name, value in _fields(item):
        if name in found:
            raise DatasetError(f"an object has two fields {name!r}; rename one.")
        found[name] = value
    return found


def _fields(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in _fields(value))
        else:
            yield name, value
