"""Arrays to TensorFlow Serving's JSON and back."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from serving.client.casting import cast
from serving.errors import ServingError
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def predict_body(inputs: Mapping[str, np.ndarray], signature_name: str) -> bytes:
    """Writes a predict request in column format.

    Example:

    >>> predict_body({"x": np.float32([0.1]), "y": np.float32([np.nan])}, "other")
    b'{"signature_name":"other","inputs":{"x":[0.1],"y":[NaN]}}'
    >>> predict_body({"x": np.float32([0.1])}, "serving_default")
    b'{"inputs":{"x":[0.1]}}'
    """
    values = {name: _json_value(array) for name, array in inputs.items()}
    document: dict[str, Any] = {"inputs": values}
    # Our server reads a body that is one array and nothing else several times faster.
    if signature_name != DEFAULT_SIGNATURE_NAME:
        document = {"signature_name": signature_name, **document}
    return orjson.dumps(document, option=_OPTIONS)


def examples_body(
    examples: Sequence[Mapping[str, Any]], signature_name: str, context: Mapping | None
) -> bytes:
    """Writes a classify or regress request.

    Example:

    >>> examples_body([{"age": 3, "png": b"\\xff"}], "s", None)
    b'{"signature_name":"s","examples":[{"age":3,"png":{"b64":"/w=="}}]}'
    """
    document: dict[str, Any] = {"signature_name": signature_name}
    if context is not None:
        document["context"] = _features(context)
    document["examples"] = [_features(example) for example in examples]
    return orjson.dumps(document, option=_OPTIONS)


def parse(content: bytes) -> Any:
    """Parses JSON, also with the NaN and Infinity that TensorFlow Serving writes.

    Raises:
        ValueError: If it is none.
    """
    try:
        return orjson.loads(content)
    except ValueError:
        return json.loads(content)


def read_array(name: str, value: Any, dtype: np.dtype | None) -> np.ndarray:
    """Reads a value of an answer as an array of the output's type.

    Strings become `str`, base64 objects `bytes`.

    Raises:
        ServingError: If it is none.

    Example:

    >>> read_array("y", [[1, 2]], np.dtype(np.float32))
    array([[1., 2.]], dtype=float32)
    """
    if dtype is not None and dtype.kind == "O":
        return _read_strings(name, value)
    if dtype is None:
        return cast(name, value, None)
    if dtype.kind in "fb":
        # The server has rounded: what it wrote as 3.4028235e+38 is no overflow.
        try:
            array = np.array(value)
            if array.size == 0 or array.dtype.kind in (
                "b" if dtype.kind == "b" else "iuf"
            ):
                with np.errstate(over="ignore"):
                    return array.astype(dtype)
        except ValueError as error:
            raise ServingError(f"Output {name!r} is no array: {error}") from None
    return cast(name, value, dtype)


def is_base64(value: Any) -> bool:
    """Whether a JSON value is `{"b64": "..."}` and nothing else."""
    return isinstance(value, dict) and value.keys() == {"b64"}


def _json_value(array: np.ndarray) -> Any:
    if array.dtype.kind == "O":
        return _nested([_json_string(text) for text in array.flat], array.shape)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        # orjson would write null.
        return orjson.Fragment(json.dumps(array.tolist()))
    return array.tolist() if not array.ndim else np.ascontiguousarray(array)


def _nested(flat: list, shape: tuple[int, ...]) -> Any:
    values = np.empty(len(flat), object)
    values[:] = flat
    return values.reshape(shape).tolist()


def _json_string(text: str | bytes) -> str | dict[str, str]:
    if isinstance(text, bytes):
        return {"b64": base64.b64encode(text).decode()}
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ServingError(f"{text!r} is no text that UTF-8 can carry.") from None
    return text


def _features(example: Mapping[str, Any]) -> dict[str, Any]:
    # A feature is a value or a flat list.
    arrays = {name: cast(name, value, None) for name, value in example.items()}
    return {
        name: _json_value(array.ravel() if array.ndim else array)
        for name, array in arrays.items()
    }


def _read_strings(name: str, value: Any) -> np.ndarray:
    leaves, shape = [value], ()
    while leaves and all(type(leaf) is list for leaf in leaves):
        sizes = {len(leaf) for leaf in leaves}
        if len(sizes) > 1:
            break
        shape += (sizes.pop(),)
        leaves = [each for leaf in leaves for each in leaf]
    if not all(type(leaf) is str or is_base64(leaf) for leaf in leaves):
        raise ServingError(f"Output {name!r} is no array of strings.")
    array = np.empty(len(leaves), object)
    array[:] = [_decode(name, leaf) for leaf in leaves]
    return array.reshape(shape)


def _decode(name: str, leaf: str | dict[str, str]) -> str | bytes:
    if isinstance(leaf, str):
        return leaf
    try:
        return base64.b64decode(leaf["b64"], validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise ServingError(f"Output {name!r} holds base64 that is none.") from None
