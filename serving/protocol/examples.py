"""Examples in requests: what classification, regression and multi-inference read.

A signature of theirs has one input of strings, and takes a serialized `tf.Example` in
each. They come as an `Input` message or as JSON. This module imports protobuf, so REST
imports it when it is asked for one of these methods.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from serving.errors import invalid_argument
from serving.protocol.messages import message
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef
from serving.protocol.tensors import clip, decode_base64, is_base64_object

_JSON_TYPES = {type(None): "Null", dict: "Object", list: "Array", str: "String"}
_KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}
_Example = message("tensorflow.Example")


@dataclasses.dataclass(frozen=True)
class ExamplesRequest:
    """The decoded body of `:classify` or `:regress`.

    Args:
        signature_name: The name of a signature.
        examples: Serialized examples, shape `(examples,)`.
    """

    signature_name: str
    examples: np.ndarray


def decode_examples_request(document: Mapping[str, Any]) -> ExamplesRequest:
    """Reads the parsed JSON body of `:classify` or `:regress`.

    Raises:
        StatusError: INVALID_ARGUMENT with TensorFlow Serving's words.

    Example:

    >>> request = decode_examples_request({"examples": [{"x": 2.0}, {"x": [3.0]}]})
    >>> request.signature_name, request.examples.shape
    ('serving_default', (2,))
    """
    name = document.get("signature_name", "")
    if type(name) is not str:
        raise invalid_argument(
            f"JSON Value: {clip(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    context = b""
    if "context" in document:
        context = _example(document["context"])
    if "examples" not in document:
        raise invalid_argument(
            f"JSON Value: {clip(document)} When method is classify, key 'examples' is "
            "expected and was not found"
        )
    examples = document["examples"]
    if type(examples) is not list:
        raise invalid_argument(
            f"JSON Value: {clip(document)} Expecting 'examples' value to be an "
            "list/array"
        )
    if not examples:
        raise invalid_argument(
            f"JSON Value: {clip(document)} 'examples' value is an empty array"
        )
    return ExamplesRequest(
        name or DEFAULT_SIGNATURE_NAME, _array(map(_example, examples), context)
    )


def serialize_examples(request_input: Any) -> np.ndarray:
    """Returns the serialized examples of an `Input` message, shape `(examples,)`.

    A feature of the context is part of each example that has none of the same name.

    Raises:
        StatusError: INVALID_ARGUMENT when there are no examples.

    Example:

    >>> request_input = message("tensorflow.serving.Input")()
    >>> example = request_input.example_list.examples.add()
    >>> example.features.feature["x"].float_list.value.append(2.0)
    >>> serialize_examples(request_input).shape
    (1,)
    """
    kind = request_input.WhichOneof("kind")
    found = getattr(request_input, kind) if kind else None
    if found is None or not found.examples:
        raise invalid_argument("Input is empty.")
    context = b""
    if kind == "example_list_with_context":
        context = found.context.SerializeToString()
    return _array((e.SerializeToString() for e in found.examples), context)


def find_signature(signatures: Mapping[str, SignatureDef], name: str) -> SignatureDef:
    """Returns a signature by name, the default one for an empty name.

    Raises:
        StatusError: INVALID_ARGUMENT when there is none.
    """
    name = name or DEFAULT_SIGNATURE_NAME
    if name not in signatures:
        raise invalid_argument(f"No signature was found with the name: {name}")
    return signatures[name]


def _array(examples: Iterable[bytes], context: bytes) -> np.ndarray:
    # Serialized messages one after the other are read as one: a later feature of the
    # same name replaces an earlier one.
    values = [context + example for example in examples]
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _example(value: Any) -> bytes:
    if type(value) is not dict:
        raise invalid_argument(
            f"Example must be JSON object but got JSON {_json_type(value)}"
        )
    example = _Example()
    for name, content in value.items():
        _text(name)  # A message has no place for a lone surrogate.
        _fill_feature(name, content, example.features.feature[name])
    return example.SerializeToString()


def _fill_feature(name: str, content: Any, feature: Any) -> None:
    kind, values = "", []
    for value in content if type(content) is list else [content]:
        its_kind, converted = _convert(name, value)
        if kind not in ("", its_kind):
            raise invalid_argument(
                f"Unexpected element type in feature: {name} "
                f"expecting type: {_KINDS[kind]}"
            )
        kind = its_kind
        values.append(converted)
    if kind:
        getattr(feature, kind).value.extend(values)


def _convert(name: str, value: Any) -> tuple[str, Any]:
    if type(value) is float:
        return "float_list", value
    if type(value) is bool:
        return "int64_list", int(value)
    if type(value) is int:
        return _convert_integer(name, value)
    if type(value) is str:
        return "bytes_list", _text(value)
    if is_base64_object(value):
        return "bytes_list", decode_base64(value["b64"])
    raise invalid_argument(
        f"Feature: {name} has element with unexpected JSON type: {_json_type(value)}"
    )


def _convert_integer(name: str, value: int) -> tuple[str, Any]:
    if -(2**63) <= value < 2**63:
        return "int64_list", value
    if 0 <= value < 2**64:
        raise invalid_argument(
            f"Feature: {name} has uint64 element. Only int64 is supported."
        )
    return "float_list", float(np.float32(value))


def _text(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise invalid_argument("The surrogate pair in string is invalid.") from None


def _json_type(value: Any) -> str:
    if type(value) is bool:
        return str(value)
    return _JSON_TYPES.get(type(value), "Number")
