"""JSON as TensorFlow Serving reads it: NaN and Infinity, and RapidJSON's messages."""

import json
import math
import re
from typing import Any

import orjson

from serving.errors import StatusError, invalid_argument
from serving.protocol.tensors import clip

_MESSAGES = {
    "Expecting value": "Invalid value.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Extra data": "The document root must not be followed by other values.",
    "Expecting property name enclosed in double quotes": (
        "Missing a name for object member."
    ),
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# A string that does not end is taken whole, else each of its quotes would be tried.
_STRING_OR_INF = re.compile(r'("(?:[^"\\]|\\.)*+"?)|\bInf\b|-NaN\b', re.DOTALL)
_JSON_NAMES = {"Inf": "Infinity", "-NaN": "NaN"}
_MAX_INTEGER_DIGITS = 309


def parse_object(body: bytes) -> dict[str, Any]:
    """Parses the body of a request.

    Integers beyond 64 bits become floats, as in RapidJSON.

    Raises:
        StatusError: INVALID_ARGUMENT when it is no JSON object.

    Example:

    >>> parse_object(b'{"instances": [1, NaN, 18446744073709551616]}')
    {'instances': [1, nan, 1.8446744073709552e+19]}
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _parse(body)
    if type(document) is not dict:
        raise invalid_argument(f"JSON Value: {clip(document)} Is not object")
    return document


def _parse(body: bytes) -> Any:
    """Parses what orjson refuses (NaN, a byte order mark), or says what is wrong."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _parse_error("Invalid encoding in string.", error.start) from None
    text = text.rstrip("\0")  # RapidJSON ends there, where a string of C ends.
    if not text or text.isspace():
        raise invalid_argument("JSON Parse error: The document is empty")
    # RapidJSON reads more names of numbers than the standard library.
    if "Inf" in text or "-NaN" in text:
        text = _STRING_OR_INF.sub(lambda each: each[1] or _JSON_NAMES[each[0]], text)
    try:
        return json.loads(text, parse_float=_to_float, parse_int=_to_integer)
    except json.JSONDecodeError as error:
        raise _parse_error(_message(error), error.pos) from None
    except RecursionError:
        raise invalid_argument("JSON Parse error: Nested too deeply") from None


def _parse_error(message: str, offset: int) -> StatusError:
    return invalid_argument(f"JSON Parse error: {message} at offset: {offset}")


def _message(error: json.JSONDecodeError) -> str:
    if error.msg == "Expecting ',' delimiter":
        before = _STRING.sub("", error.doc[: error.pos])
        depth, index = 0, len(before)
        while index and depth >= 0:  # Back to the bracket that is still open.
            index -= 1
            depth += (before[index] in "]}") - (before[index] in "[{")
        if before[index] == "{":
            return "Missing a comma or } after an object member."
        return "Missing a comma or ] after an array element."
    return _MESSAGES.get(error.msg, error.msg)


def _to_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise invalid_argument(
            "JSON Parse error: Number too big to be stored in double."
        )
    return number


def _to_integer(text: str) -> int | float:
    if len(text) > _MAX_INTEGER_DIGITS:  # Python refuses to convert thousands.
        return _to_float(text)
    number = int(text)
    return number if -(2**63) <= number < 2**64 else _to_float(text)
