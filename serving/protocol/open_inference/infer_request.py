"""The body of an inference request."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from serving.errors import StatusError, invalid_argument
from serving.protocol.open_inference.binary_data import decode_binary
from serving.protocol.open_inference.datatypes import datatype, numpy_dtype
from serving.protocol.open_inference.json_data import clip, decode_json_data
from serving.protocol.open_inference.requests import InferRequest, RequestedOutput
from serving.protocol.open_inference.templates import (
    fill,
    find_template,
    remember,
    repeated_part,
)
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    SignatureDef,
    TensorInfo,
    format_shape,
)

_MAX_RANK = 32
_MAX_ELEMENTS = 2**40
_LONG_INTEGER = 20  # digits


def decode_infer_request(
    body: bytes, json_size: int | None, signatures: Mapping[str, SignatureDef]
) -> InferRequest:
    """Reads the body of `/infer` against the signatures of a servable.

    Args:
        body: JSON, and the binary data of tensors behind it.
        json_size: The size of the JSON in bytes; None where there is nothing behind.
        signatures: Of the servable; the parameter `signature_name` chooses one.

    Raises:
        StatusError: INVALID_ARGUMENT that names the tensor, what was expected and what
            came.

    Example:

    >>> x = TensorInfo("x", "DT_FLOAT", (None,), "x:0")
    >>> signatures = {"serving_default": SignatureDef("serving_default", {"x": x}, {})}
    >>> head = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2], '
    >>> decode_infer_request(head + b'"data": [1, 2]}]}', None, signatures).inputs
    {'x': array([1., 2.], dtype=float32)}
    >>> head += b'"parameters": {"binary_data_size": 8}}]}'
    >>> tail = np.float32([3, 4]).tobytes()
    >>> decode_infer_request(head + tail, len(head), signatures).inputs
    {'x': array([3., 4.], dtype=float32)}
    """
    if json_size is None:
        json_size = len(body)
    elif json_size > len(body):
        raise invalid_argument(
            f"Inference-Header-Content-Length is {json_size}, the body has "
            f"{len(body)} bytes."
        )
    head, numbers = repeated_part(body, json_size)
    known = find_template(head, signatures)
    if known is not None:
        request = fill(known, body, json_size, numbers)
        if request is not None:
            return request
    document = parse_object(memoryview(body)[:json_size])
    parameters = _parameters(document, "The request")
    signature = choose_signature(parameters.get("signature_name"), signatures)
    inputs: dict[str, np.ndarray] = {}
    offset = json_size
    for tensor in _objects(document, "inputs"):
        spec = input_spec(_name(tensor, "input"), signature, inputs)
        try:
            offset, inputs[spec.name] = _decode_input(tensor, spec, body, offset)
        except StatusError as error:
            raise StatusError(error.code, f"Input '{spec.name}': {error}") from None
    check_complete(inputs, signature)
    if offset != len(body):
        raise invalid_argument(
            f"The body has {len(body) - offset} bytes behind the binary data of its "
            "inputs."
        )
    request_id = document.get("id")
    if request_id is not None and type(request_id) is not str:
        raise invalid_argument(f"'id' must be a string; received {clip(request_id)}.")
    binary = _flag(parameters, "binary_data_output", False)
    outputs = _decode_outputs(document, binary, signature)
    request = InferRequest(request_id, signature.name, inputs, outputs, binary)
    if request_id is None:  # Else it would not come again.
        sizes = {
            tensor["name"]: None if "data" in tensor else _binary_size(tensor)
            for tensor in document["inputs"]
        }
        remember(head, numbers, signatures, request, sizes)
    return request


def parse_object(text: bytes | memoryview) -> dict[str, Any]:
    """Parses a JSON object; NaN and Infinity are numbers, as Triton takes them.

    Raises:
        StatusError: INVALID_ARGUMENT when it is not one.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        document = _parse_leniently(bytes(text), error)
    if type(document) is not dict:
        raise invalid_argument(f"The body must be an object; it is {clip(document)}.")
    return document


def choose_signature(name: Any, signatures: Mapping[str, SignatureDef]) -> SignatureDef:
    """Returns the signature of that name, by default `serving_default` or the only one.

    Raises:
        StatusError: INVALID_ARGUMENT where there is none.
    """
    if name is None:
        if DEFAULT_SIGNATURE_NAME in signatures:
            return signatures[DEFAULT_SIGNATURE_NAME]
        if len(signatures) == 1:
            return next(iter(signatures.values()))
    if type(name) is str and name in signatures:
        return signatures[name]
    raise invalid_argument(
        f"No signature {clip(name)}. The parameter signature_name takes one of: "
        f"{', '.join(sorted(signatures))}."
    )


def input_spec(
    name: str, signature: SignatureDef, known: Mapping[str, np.ndarray]
) -> TensorInfo:
    """Returns what the signature says of an input that a request names.

    Raises:
        StatusError: INVALID_ARGUMENT for one that it has not, or that came before.
    """
    spec = signature.inputs.get(name)
    if spec is None:
        raise invalid_argument(
            f"Unexpected input '{name[:100]}'. The inputs are: "
            f"{', '.join(sorted(signature.inputs))}."
        )
    if name in known:
        raise invalid_argument(f"Input '{name}' is given twice.")
    return spec


def check_complete(inputs: Mapping[str, np.ndarray], signature: SignatureDef) -> None:
    """Raises INVALID_ARGUMENT where an input of the signature is missing."""
    if len(inputs) != len(signature.inputs):
        missing = sorted(signature.inputs.keys() - inputs.keys())
        raise invalid_argument(
            f"Expected {len(signature.inputs)} inputs, received {len(inputs)}. "
            f"Missing: {', '.join(missing)}."
        )


def check_tensor(kind: Any, shape: Any, spec: TensorInfo) -> int:
    """Compares datatype and shape of a tensor with the signature.

    Returns:
        The number of elements.

    Raises:
        StatusError: INVALID_ARGUMENT that says what was expected and what came.
    """
    expected = datatype(spec.dtype)
    if kind != expected:
        raise invalid_argument(f"expected datatype {expected}, received {clip(kind)}")
    count = extent = 1
    for size in shape:
        if type(size) is not int or size < 0:
            raise invalid_argument(f"its shape has {clip(size)}, expected sizes >= 0")
        count *= size
        extent *= size or 1  # numpy refuses (0, 2**62), too
    if len(shape) > _MAX_RANK or extent > _MAX_ELEMENTS:
        raise invalid_argument("its shape is too large")
    if not spec.accepts(tuple(shape)):
        raise invalid_argument(
            f"expected shape {format_shape(spec.shape)}, received shape "
            f"{format_shape(tuple(shape))}"
        )
    return count


def check_outputs(names: list[str], signature: SignatureDef) -> None:
    """Raises INVALID_ARGUMENT for an output that is unknown or named twice."""
    for name in names:
        if name not in signature.outputs:
            raise invalid_argument(
                f"Unexpected output '{name[:100]}'. The outputs are: "
                f"{', '.join(sorted(signature.outputs))}."
            )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid_argument(f"Output '{twice}' is requested twice.")


def _decode_input(
    tensor: dict[str, Any], spec: TensorInfo, body: bytes, offset: int
) -> tuple[int, np.ndarray]:
    shape = tensor.get("shape")
    if type(shape) is not list:
        raise invalid_argument(f"'shape' must be a list; received {clip(shape)}")
    count = check_tensor(tensor.get("datatype"), shape, spec)
    dtype = numpy_dtype(spec.dtype)
    size = _binary_size(tensor)
    if ("data" in tensor) == (size is not None):
        raise invalid_argument(
            "expected one of 'data' and the parameter binary_data_size; received "
            + ("none" if size is None else "both")
        )
    if size is None:
        array = decode_json_data(tensor["data"], tuple(shape), count, dtype)
        return offset, array.reshape(shape)
    if type(size) is not int or size < 0:
        raise invalid_argument(f"'binary_data_size' is {clip(size)}, expected bytes")
    end = offset + size
    if end > len(body):
        raise invalid_argument(
            f"its binary data ends at byte {end}, the body at byte {len(body)}"
        )
    return end, decode_binary(body, offset, size, count, dtype).reshape(shape)


def _binary_size(tensor: dict[str, Any]) -> Any:
    return _parameters(tensor, "it").get("binary_data_size")


def _decode_outputs(
    document: dict[str, Any], binary: bool, signature: SignatureDef
) -> tuple[RequestedOutput, ...]:
    if document.get("outputs") is None:
        return ()
    rows = _objects(document, "outputs")
    outputs = []
    for row in rows:
        name, parameters = _name(row, "output"), _parameters(row, "An output")
        classes = parameters.get("classification", 0)
        if type(classes) is not int or classes < 0:
            raise invalid_argument(
                f"Output '{name[:100]}': 'classification' is {clip(classes)}, expected "
                "the number of classes."
            )
        wants_binary = _flag(parameters, "binary_data", binary)
        outputs.append(RequestedOutput(name, wants_binary, classes))
    check_outputs([output.name for output in outputs], signature)
    return tuple(outputs)


def _objects(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = document.get(key)
    if type(rows) is not list or set(map(type, rows)) - {dict}:
        raise invalid_argument(f"'{key}' must be a list of objects.")
    return rows


def _name(row: dict[str, Any], what: str) -> str:
    name = row.get("name")
    if type(name) is not str:
        raise invalid_argument(f"An {what} needs a 'name'; received {clip(name)}.")
    return name


def _parameters(holder: dict[str, Any], what: str) -> dict[str, Any]:
    parameters = holder.get("parameters")
    if parameters is None:
        return {}
    if type(parameters) is not dict:
        raise invalid_argument(f"{what} has 'parameters' that are not an object")
    if "shared_memory_region" in parameters:
        raise invalid_argument(f"{what} names shared memory, which is not supported")
    return parameters


def _flag(parameters: dict[str, Any], key: str, default: bool) -> bool:
    value = parameters.get(key, default)
    if type(value) is not bool:
        raise invalid_argument(
            f"'{key}' must be true or false; received {clip(value)}."
        )
    return value


def _parse_leniently(text: bytes, error: orjson.JSONDecodeError) -> Any:
    # A number beyond float64 is infinity, too.
    if b"NaN" in text or b"Infinity" in text or "infinity" in error.msg:
        try:
            return json.loads(text, parse_int=_parse_integer)
        except (ValueError, RecursionError):
            pass  # The message of the strict parser says where.
    raise invalid_argument(f"The body is not JSON: {error}.") from None


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _LONG_INTEGER else float(digits)
