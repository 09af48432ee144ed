"""Validation by types, and one line for all that is wrong."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pydantic
from pydantic.fields import FieldInfo

from zoo.errors import ArgumentError, suggestion

# `True` is not 1 and "3" is not 3; a NaN is no number.
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
    """Metaclass of classes whose wrong arguments are one `ArgumentError`."""

    def __call__(cls, **values: Any) -> Any:
        """Makes an instance of the class."""
        return validated(cls, values)


def validated(kind: type, values: Mapping[str, Any], path: str = "") -> Any:
    """Makes an instance of a class.

    Args:
        kind: The class.
        values: Of its fields.
        path: Of these values within others.

    Raises:
        ArgumentError: If a value is wrong; it names the path of each.
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
        ArgumentError: If the text is no JSON, or a value in it is wrong.
    """
    try:
        return pydantic.TypeAdapter(kind).validate_json(text)
    except pydantic.ValidationError as error:
        raise ArgumentError(one_line(error, kind)) from None


def check_call(
    function: Callable, arguments: Mapping[str, Any], hints: Mapping[str, Any]
) -> str | None:
    """Says what is wrong with the values of a function's arguments, or `None`.

    Args:
        function: Whose arguments they are.
        arguments: Names and values, perhaps from JSON, where tuples are lists.
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
    """Says in one line which values are wrong, each with its path.

    Args:
        error: What pydantic found.
        kind: The class that was validated.
        path: Of its values within others.
    """
    return "; ".join(dict.fromkeys(_sentences(error, kind, path)))


def _sentences(
    error: pydantic.ValidationError, kind: type, before: str
) -> Iterator[str]:
    for each in error.errors(include_url=False):
        path = ".".join(map(str, [*filter(None, [before]), *each["loc"]]))
        reason, value = each["type"], each["input"]
        if reason == "missing":
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
