"""Validation by type annotations, with one line for all errors."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pydantic
from pydantic.fields import FieldInfo

from zoo.errors import ArgumentError, suggestion

# Strict: `True` is not taken for 1 nor "3" for 3, and NaN is refused.
STRICT = pydantic.ConfigDict(
    strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True
)
_MESSAGES = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be a name",
    "tuple_type": "must be a list",
    "too_long": "must be a list of {max_length}",
    "dict_type": 'must be an object, {{"name": value}}',
    "dataclass_type": 'must be an object, {{"name": value}}',
    "dataclass_exact_type": "must be a {class_name}",
    "greater_than_equal": "must be {ge:.10g} or more",
    "greater_than": "must be greater than {gt:.10g}",
    "less_than_equal": "must be {le:.10g} or less",
    "less_than": "must be less than {lt:.10g}",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}


class OneLineErrors(type):
    """Metaclass that raises one `ArgumentError` for all wrong arguments."""

    def __call__(cls, **values: Any) -> Any:
        """Makes an instance of the class."""
        return validated(cls, values)


def validated(kind: type, values: Mapping[str, Any], path: str = "") -> Any:
    """Makes a validated instance of a class.

    Args:
        kind: The class.
        values: Values of its fields.
        path: Path of these values within an outer object.

    Raises:
        ArgumentError: If values are wrong; it names the path of each.
    """
    try:
        return type.__call__(kind, **values)
    except pydantic.ValidationError as error:
        raise ArgumentError(one_line(error, kind, path)) from None


def fields_of(kind: type) -> dict[str, FieldInfo]:
    """Returns the fields of a pydantic dataclass or model."""
    return getattr(kind, "__pydantic_fields__", {})


def read_json(kind: type, text: str) -> Any:
    """Makes an instance of a class from JSON.

    Raises:
        ArgumentError: If the text is not JSON, a value in it is wrong, or a name stands
            twice in an object, of which readers of JSON take one.
    """
    try:
        made = pydantic.TypeAdapter(kind).validate_json(text)
    except pydantic.ValidationError as error:
        raise ArgumentError(one_line(error, kind)) from None
    json.loads(text, object_pairs_hook=_named_once)
    return made


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentError(f"{twice!r} stands twice in one object; keep one of both.")
    return held


def check_call(
    function: Callable, arguments: Mapping[str, Any], hints: Mapping[str, Any]
) -> str | None:
    """Returns an error message for wrong arguments of a function, or `None`.

    Args:
        function: The function to call.
        arguments: Arguments by name, perhaps from JSON, where tuples are lists.
        hints: Type of each argument.
    """
    fields: dict[str, Any] = {name: (hints.get(name, Any), ...) for name in arguments}
    model = pydantic.create_model(function.__name__, __config__=STRICT, **fields)
    try:
        model(**{name: _tuples(value) for name, value in arguments.items()})
    except pydantic.ValidationError as error:
        return one_line(error, model)
    return None


def one_line(error: pydantic.ValidationError, kind: type, path: str = "") -> str:
    """Formats a validation error as one line: each wrong value with its path.

    Args:
        error: The error of pydantic.
        kind: The validated class.
        path: Path of its values within an outer object.
    """
    return "; ".join(dict.fromkeys(_sentences(error, kind, path)))


def _sentences(
    error: pydantic.ValidationError, kind: type, before: str
) -> Iterator[str]:
    for each in error.errors(include_url=False):
        path = ".".join(map(str, [*filter(None, [before]), *each["loc"]]))
        reason, value = each["type"], each["input"]
        if reason == "missing" and isinstance(each["loc"][-1], int):
            path = path.rpartition(".")[0]
            yield f"`{path}` has too few values. Received: {value!r}"
        elif reason == "missing":
            yield f"`{path}` is missing"
        elif reason in ("unexpected_keyword_argument", "extra_forbidden"):
            *parents, name = each["loc"]
            yield f"there is no `{path}`.{suggestion(str(name), _names(kind, parents))}"
        elif reason == "json_invalid":
            yield each["msg"]
        else:
            message = _MESSAGES.get(reason)
            if message is None:
                message = each["msg"].replace("Input should", "must")
            message = message.format(**each.get("ctx", {}))
            what = f"`{path}`" if path else "it"
            yield f"{what} {message}. Received: {value!r}"


def _names(kind: Any, parents: list[int | str]) -> list[str]:
    for parent in parents:
        kind = fields_of(kind)[str(parent)].annotation
    return list(fields_of(kind))


def _tuples(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_tuples, value))
    return value
