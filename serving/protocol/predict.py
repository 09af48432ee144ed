"""The bodies of a predict request and its response."""

import dataclasses
import enum
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from serving.errors import StatusError, invalid_argument
from serving.protocol.decimals import nest
from serving.protocol.flat_json import parse_array
from serving.protocol.json_body import parse_object
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef
from serving.protocol.tensors import (
    clip,
    decode_rows,
    decode_tensor,
    format_values,
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
    found = decode_array_request(body, signatures)
    return _decode_document(parse_object(body), signatures) if found is None else found


def decode_array_request(
    body: bytes, signatures: Mapping[str, SignatureDef]
) -> PredictRequest | None:
    """Reads the body of `:predict` if it is one array of numbers: see `flat_json`."""
    signature = signatures.get(DEFAULT_SIGNATURE_NAME)
    if signature is None or len(signature.inputs) != 1:
        return None
    (info,) = signature.inputs.values()
    found = parse_array(body, info)
    if found is None:
        return None
    form, array = found
    return PredictRequest(signature.name, {info.name: array}, Format(form))


def _decode_document(
    document: dict[str, Any], signatures: Mapping[str, SignatureDef]
) -> PredictRequest:
    signature = _choose_signature(document, signatures)
    if not signature.inputs:
        raise invalid_argument(
            f"Failed to get input map for signature: {signature.name}"
        )
    present = [form for form in Format if form.value in document]
    if not present:
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    if len(present) > 1:
        raise invalid_argument(
            f"JSON Value: {clip(document)} Not formatted correctly expecting only one "
            "of 'inputs' or 'instances' keys to exist"
        )
    (form,) = present
    if form is Format.ROW:
        inputs = _from_instances(document, signature)
    else:
        inputs = _from_inputs(document[form.value], signature)
    return PredictRequest(signature.name, inputs, form)


def encode_predict_response(outputs: Mapping[str, np.ndarray], form: Format) -> bytes:
    """Writes the answer of `:predict` in the format of its request.

    Raises:
        StatusError: INVALID_ARGUMENT when outputs cannot be cut into rows.

    Example:

    >>> encode_predict_response({"y": np.float32([2.5, 3])}, Format.ROW)
    b'{"predictions":[2.5,3.0]}'
    >>> two = {"y": np.float32([2.5]), "n": np.int64([4])}
    >>> encode_predict_response(two, Format.COLUMN)
    b'{"outputs":{"y":[2.5],"n":[4]}}'
    """
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    if form is Format.COLUMN:
        texts = {
            name: nest(format_values(name, array), array.shape)
            for name, array in outputs.items()
        }
        only = len(texts) == 1
        answer = next(iter(texts.values())) if only else _object(texts)
        return f'{{"outputs":{answer}}}'.encode()
    _check_batch(outputs)
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        answer = nest(format_values(name, array), array.shape)
    else:
        columns = [
            [f"{_key(name)}:{text}" for text in _rows(name, array)]
            for name, array in outputs.items()
        ]
        rows = [f"{{{','.join(row)}}}" for row in zip(*columns, strict=True)]
        answer = f"[{','.join(rows)}]"
    return f'{{"predictions":{answer}}}'.encode()


def _rows(name: str, array: np.ndarray) -> list[str]:
    values, shape = format_values(name, array), array.shape[1:]
    size = math.prod(shape)
    if not shape:
        return values
    return [nest(values[i * size : (i + 1) * size], shape) for i in range(len(array))]


def _object(texts: Mapping[str, str]) -> str:
    return f"{{{','.join(f'{_key(name)}:{text}' for name, text in texts.items())}}}"


@functools.lru_cache(1000)
def _key(name: str) -> str:
    return orjson.dumps(name).decode()


def _choose_signature(
    document: dict[str, Any], signatures: Mapping[str, SignatureDef]
) -> SignatureDef:
    name = document.get("signature_name", "")
    if type(name) is not str:
        raise invalid_argument(
            f"JSON Value: {clip(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    name = name or DEFAULT_SIGNATURE_NAME
    if name not in signatures:
        raise invalid_argument(
            f'Serving signature name: "{name}" not found in signature def'
        )
    return signatures[name]


def _from_instances(
    document: dict[str, Any], signature: SignatureDef
) -> dict[str, np.ndarray]:
    instances = document[Format.ROW.value]
    if type(instances) is not list:
        raise invalid_argument(
            f"JSON Value: {clip(document)} Excepting 'instances' to be an list/array"
        )
    if not instances:
        raise invalid_argument(
            f"JSON Value: {clip(document)} No values in 'instances' array"
        )
    named = _is_named(instances[0])
    if not named and len(signature.inputs) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map: " + _names(signature)
        )
    for index, element in enumerate(instances):
        if _is_named(element) != named:
            raise invalid_argument(
                f"Expecting {'object' if named else 'value/list'} but got "
                f"{'list' if named else 'object'} at item {index} of input list"
            )
        if named and element.keys() != signature.inputs.keys():
            raise _keys_error(index, element, signature)
    if named:
        return {
            name: decode_rows([row[name] for row in instances], info)
            for name, info in signature.inputs.items()
        }
    (info,) = signature.inputs.values()
    return {info.name: decode_rows(instances, info)}


def _from_inputs(inputs: Any, signature: SignatureDef) -> dict[str, np.ndarray]:
    if not _is_named(inputs):
        if len(signature.inputs) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple "
                "input tensors required as per tensorinfo_map: " + _names(signature)
            )
        (info,) = signature.inputs.values()
        return {info.name: decode_tensor(inputs, info)}
    for name in signature.inputs:
        if name not in inputs:
            raise invalid_argument(
                f"Missing named input: {name} in 'inputs' object. "
                f"The signature has: {_names(signature)}"
            )
    return {
        name: decode_tensor(inputs[name], info)
        for name, info in signature.inputs.items()
    }


def _is_named(value: Any) -> bool:
    return type(value) is dict and not is_base64_object(value)


def _names(signature: SignatureDef) -> str:
    return ",".join(sorted(signature.inputs))


def _keys_error(
    index: int, element: dict[str, Any], signature: SignatureDef
) -> StatusError:
    for name in element:
        if name not in signature.inputs:
            return invalid_argument(
                f"Failed to process element: {index} key: {clip(name)} of 'instances' "
                "list. Error: INVALID_ARGUMENT: JSON object: does not have named "
                f"input: {clip(name)}; the signature has: {_names(signature)}"
            )
    return invalid_argument(
        f"Failed to process element: {index} of 'instances' list. JSON object: "
        f"{clip(element)} keys must be equal to: {_names(signature)}"
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
