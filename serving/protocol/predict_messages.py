"""The messages of a prediction: from a `PredictRequest` to a `PredictResponse`."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.messages import message
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef
from serving.protocol.tensor_proto import (
    decode_tensor_proto,
    dtype_number,
    encode_tensor_proto,
)
from serving.protocol.tensors import type_label

_PredictResponse = message("tensorflow.serving.PredictResponse")
_DataType = message("tensorflow.TensorProto").DESCRIPTOR.fields_by_name["dtype"]


@dataclasses.dataclass(frozen=True)
class PredictCall:
    """A decoded `PredictRequest`.

    Args:
        signature_name: One of the servable's signatures.
        inputs: Arrays of the signature's types, by input name.
        output_names: The outputs that are asked for.
    """

    signature_name: str
    inputs: Mapping[str, np.ndarray]
    output_names: Collection[str]


def decode_predict_message(
    request: Any,
    signatures: Mapping[str, SignatureDef],
    max_bytes: int = 2**63 - 1,
    arrays: Mapping[str, np.ndarray] | None = None,
) -> PredictCall:
    """Reads a `PredictRequest` against the signatures of a servable.

    Shapes are not compared: TensorFlow Serving leaves them to the model, too.

    Args:
        request: The message.
        signatures: By name.
        max_bytes: A tensor that needs more is refused before anything is allocated.
        arrays: Its tensors, where they were taken out of the message.

    Raises:
        StatusError: With TensorFlow Serving's code and words.

    Example:

    >>> from serving.protocol.signature_def import TensorInfo
    >>> x = {"x": TensorInfo("x", "DT_FLOAT", (None,), "x:0")}
    >>> request = message("tensorflow.serving.PredictRequest")()
    >>> encode_tensor_proto(np.float32([1, 2]), request.inputs["x"])
    >>> signatures = {"serving_default": SignatureDef("serving_default", x, {"y": x})}
    >>> call = decode_predict_message(request, signatures)
    >>> call.signature_name, call.inputs["x"].tolist(), list(call.output_names)
    ('serving_default', [1.0, 2.0], ['y'])
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE_NAME
    signature = signatures.get(name)
    if signature is None:
        raise StatusError(
            Code.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.'
        )
    _check_names(set(request.inputs), signature)
    inputs = {}
    for index, (key, info) in enumerate(signature.inputs.items()):
        if key in signature.defaults and key not in request.inputs:
            inputs[key] = signature.defaults[key]
            continue
        proto = request.inputs[key]
        if proto.dtype != dtype_number(info.dtype) and proto.dtype:
            raise invalid_argument(
                f"Expects arg[{index}] to be {type_label(info.dtype)} but "
                f"{_type_name(proto.dtype)} is provided: input '{key}'"
            )
        if arrays is None:
            inputs[key] = decode_tensor_proto(key, proto, max_bytes)
        else:
            inputs[key] = arrays[key]
    return PredictCall(name, inputs, _output_names(request.output_filter, signature))


def encode_predict_message(
    model_spec: Any, outputs: Mapping[str, np.ndarray], names: Collection[str]
) -> bytes:
    """Returns a serialized `PredictResponse`.

    Args:
        model_spec: The `ModelSpec` message that the answer echoes.
        outputs: Arrays by output name.
        names: Which of them are in the answer.

    Raises:
        StatusError: UNIMPLEMENTED for an array that no `TensorProto` carries.
    """
    response = _PredictResponse(model_spec=model_spec)
    for name in names:
        encode_tensor_proto(outputs[name], response.outputs[name])
    return response.SerializeToString()


def _check_names(given: set[str], signature: SignatureDef) -> None:
    wanted = signature.inputs.keys()
    if given == wanted or (wanted - signature.defaults.keys() <= given <= set(wanted)):
        return
    extra = ",".join(sorted(given - wanted))
    missing = ",".join(sorted(wanted - given))
    if len(given) == len(wanted):
        raise invalid_argument(
            f"input tensor alias not found in signature: {extra}. Inputs expected to "
            f"be in the set {{{','.join(sorted(wanted))}}}."
        )
    raise invalid_argument(
        f"input size does not match signature: {len(given)}!={len(wanted)} "
        f"len({{{','.join(sorted(given))}}}) != len({{{','.join(sorted(wanted))}}}). "
        f"Sent extra: {{{extra}}}. Missing but required: {{{missing}}}."
    )


def _output_names(
    output_filter: Sequence[str], signature: SignatureDef
) -> Collection[str]:
    for position, name in enumerate(output_filter):
        if name not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {name} Outputs expected "
                f"to be in the set {{{','.join(sorted(signature.outputs))}}}."
            )
        if name in output_filter[:position]:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
    return list(output_filter) or list(signature.outputs)


def _type_name(number: int) -> str:
    value = _DataType.enum_type.values_by_number.get(number)
    return type_label(value.name) if value is not None else f"type {number}"
