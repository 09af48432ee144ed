"""The bodies of a predict request and its response."""

import dataclasses
import enum
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.errors import invalid_argument
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef
from serving.protocol.tensors import (
    clip,
    decode_tensor,
    encode_tensor,
    is_base64_object,
)


class Format(enum.Enum):
    """Row format lists instances, column format lists inputs."""

    ROW = "instances"
    COLUMN = "inputs"


@dataclasses.dataclass(frozen=True)
class PredictRequest:
    """A decoded predict request."""

    signature_name: str
    inputs: Mapping[str, np.ndarray]
    format: Format


def decode_predict_request(
    body: bytes, signatures: Mapping[str, SignatureDef]
) -> PredictRequest:
    """Reads the body of `:predict` against the signatures of a servable.

    Raises:
        StatusError: With TensorFlow Serving's code and a message that names
            the input, what was expected and what came.

    Example:

    >>> from serving.protocol.signature_def import TensorInfo
    >>> x = TensorInfo("x", "DT_FLOAT", (None,), "x:0")
    >>> signatures = {"serving_default": SignatureDef("serving_default", {"x": x}, {})}
    >>> request = decode_predict_request(b'{"instances": [1.5, 2]}', signatures)
    >>> request.format.name, request.inputs["x"].tolist()
    ('ROW', [1.5, 2.0])
    """
    document = _parse_object(body)
    signature = _choose_signature(document, signatures)
    present = [form for form in Format if form.value in document]
    if not present:
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    if len(present) > 1:
        raise invalid_argument(
            "Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist"
        )
    (form,) = present
    decode = _from_instances if form is Format.ROW else _from_inputs
    inputs = decode(document[form.value], signature)
    return PredictRequest(signature.name, inputs, form)


def encode_predict_response(outputs: Mapping[str, np.ndarray], form: Format) -> bytes:
    """Writes the answer of `:predict` in the format of its request.

    Raises:
        StatusError: INVALID_ARGUMENT when outputs cannot be cut into rows.

    Example:

    >>> encode_predict_response({"y": np.float32([2.5, 3])}, Format.ROW)
    b'{"predictions": [2.5, 3.0]}'
    >>> two = {"y": np.float32([2.5]), "n": np.int64([4])}
    >>> encode_predict_response(two, Format.COLUMN)
    b'{"outputs": {"y": [2.5], "n": [4]}}'
    """
    if form is Format.ROW:
        _check_batch(outputs)
    values = {name: encode_tensor(name, array) for name, array in outputs.items()}
    if len(values) == 1:
        (answer,) = values.values()
    elif form is Format.COLUMN:
        answer = values
    else:
        rows = zip(*values.values(), strict=True)
        answer = [dict(zip(values, row, strict=True)) for row in rows]
    key = "predictions" if form is Format.ROW else "outputs"
    return json.dumps({key: answer}).encode()


def encode_predict_request(
    inputs: Mapping[str, np.ndarray], signature_name: str | None = None
) -> bytes:
    """Writes a request in column format, as a client sends it.

    Example:

    >>> encode_predict_request({"x": np.float32([0.1])})
    b'{"inputs": {"x": [0.1]}}'
    """
    document: dict[str, Any] = {}
    if signature_name is not None:
        document["signature_name"] = signature_name
    document["inputs"] = {name: encode_tensor(name, x) for name, x in inputs.items()}
    return json.dumps(document).encode()


def _parse_object(body: bytes) -> dict[str, Any]:
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise invalid_argument(
            f"JSON Parse error: Invalid UTF-8 at offset: {error.start}"
        ) from None
    except json.JSONDecodeError as error:
        raise invalid_argument(
            f"JSON Parse error: {error.msg} at offset: {error.pos}"
        ) from None
    except RecursionError:
        raise invalid_argument("JSON Parse error: Nested too deeply") from None
    except ValueError as error:  # A number of thousands of digits.
        raise invalid_argument(f"JSON Parse error: {error}") from None
    if type(document) is not dict:
        raise invalid_argument(f"JSON Value: {clip(document)} Is not object")
    return document


def _choose_signature(
    document: dict[str, Any], signatures: Mapping[str, SignatureDef]
) -> SignatureDef:
    name = document.get("signature_name", "")
    if type(name) is not str:
        raise invalid_argument(
            f"JSON Value: {clip(name)} not formatted correctly. 'signature_name' key "
            "must be a string value."
        )
    name = name or DEFAULT_SIGNATURE_NAME
    if name not in signatures:
        raise invalid_argument(
            f'Serving signature name: "{name}" not found in signature def'
        )
    return signatures[name]


def _from_instances(instances: Any, signature: SignatureDef) -> dict[str, np.ndarray]:
    if type(instances) is not list:
        raise invalid_argument("Expecting 'instances' to be a list/array")
    if not instances:
        raise invalid_argument("No values in 'instances' array")
    named = _is_named(instances[0])
    for index, element in enumerate(instances):
        if _is_named(element) != named:
            raise invalid_argument(
                f"Expecting {'object' if named else 'value/list'} but got "
                f"{'value/list' if named else 'object'} at item {index} of input list"
            )
        if named and element.keys() != signature.inputs.keys():
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. "
                + _keys_error(element, signature)
            )
    if named:
        columns = {name: [row[name] for row in instances] for name in signature.inputs}
        return _decode_all(columns, signature)
    return _decode_all({_only_input(signature, "instances"): instances}, signature)


def _from_inputs(inputs: Any, signature: SignatureDef) -> dict[str, np.ndarray]:
    if not _is_named(inputs):
        inputs = {_only_input(signature, "inputs"): inputs}
    missing = [name for name in signature.inputs if name not in inputs]
    if missing:
        raise invalid_argument(
            f"Missing named input: {missing[0]} in 'inputs' object. "
            + _keys_error(inputs, signature)
        )
    if inputs.keys() != signature.inputs.keys():
        raise invalid_argument(_keys_error(inputs, signature))
    return _decode_all(inputs, signature)


def _decode_all(
    values: Mapping[str, Any], signature: SignatureDef
) -> dict[str, np.ndarray]:
    return {
        name: decode_tensor(values[name], spec)
        for name, spec in signature.inputs.items()
    }


def _is_named(value: Any) -> bool:
    return type(value) is dict and not is_base64_object(value)


def _only_input(signature: SignatureDef, key: str) -> str:
    if len(signature.inputs) != 1:
        raise invalid_argument(
            f"{key} is a plain value/list, but expecting "
            f"{'an object' if key == 'inputs' else 'list of objects'} as multiple "
            f"input tensors required: {','.join(sorted(signature.inputs))}"
        )
    (name,) = signature.inputs
    return name


def _keys_error(received: Mapping[str, Any], signature: SignatureDef) -> str:
    return (
        f"JSON object keys must be equal to: {','.join(sorted(signature.inputs))}; "
        f"received: {clip(','.join(sorted(received)))}"
    )


def _check_batch(outputs: Mapping[str, np.ndarray]) -> None:
    batch_size = None
    for name, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {name} has no shape information")
        if batch_size not in (None, len(array)):
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {len(array)} "
                f"expecting: {batch_size}"
            )
        batch_size = len(array)
