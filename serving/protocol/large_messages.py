"""Large messages of gRPC, read and written in another process.

What is large in a request are its tensors or its examples. They become arrays there;
the rest of the message is small, and read in the event loop as any other.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol import classification, regression
from serving.protocol.examples import serialize_examples
from serving.protocol.messages import message
from serving.protocol.open_inference.infer_request import InferRequest
from serving.protocol.open_inference.messages import (
    detach_contents,
    encode_infer_message,
)
from serving.protocol.open_inference.messages import message as open_inference_message
from serving.protocol.predict_messages import encode_predict_message
from serving.protocol.tensor_proto import decode_tensor_proto

LARGE = 2**20  # bytes of a message that the event loop does not parse
LARGE_VALUES = 100_000  # that it does not write

Arrays = Mapping[str, np.ndarray]


def detach_tensors(data: bytes, max_bytes: int) -> tuple[bytes, Arrays]:
    """Takes the tensors out of a `PredictRequest`; of each, its type is left.

    Args:
        data: The serialized message.
        max_bytes: A tensor that needs more is refused.

    Raises:
        StatusError: For what is no message, no tensor, or still large without tensors.
    """
    request = _parse(message("tensorflow.serving.PredictRequest"), data)
    arrays = {}
    for name, proto in request.inputs.items():
        arrays[name], dtype = decode_tensor_proto(name, proto, max_bytes), proto.dtype
        proto.Clear()
        proto.dtype = dtype
    return _rest(request), arrays


def detach_examples(data: bytes, name: str) -> tuple[bytes, np.ndarray]:
    """Takes the examples out of a request that has an `Input`.

    Args:
        data: The serialized message.
        name: Of the message.

    Raises:
        StatusError: For what is no message, or still large without its examples.
    """
    request = _parse(message(f"tensorflow.serving.{name}"), data)
    examples = serialize_examples(request.input)
    request.ClearField("input")
    return _rest(request), examples


def detach_infer_contents(data: bytes) -> tuple[bytes, tuple[list[np.ndarray], bool]]:
    """Takes the contents out of a `ModelInferRequest` of Open Inference Protocol v2.

    Returns:
        The rest, and the arrays with whether they were raw.

    Raises:
        StatusError: For what is no message, no tensor, or still large without tensors.
    """
    request = _parse(open_inference_message("ModelInferRequest"), data)
    content = detach_contents(request)
    return _rest(request), content


def detach(name: str, data: bytes, max_bytes: int) -> tuple[bytes, Any]:
    """Takes the content out of a message.

    Args:
        name: Of the message, one of `DETACHABLE`.
        data: The serialized message.
        max_bytes: A tensor that needs more is refused.

    Returns:
        The rest of the message, serialized, and its content.
    """
    if name == "PredictRequest":
        return detach_tensors(data, max_bytes)
    if name == "ModelInferRequest":
        return detach_infer_contents(data)
    return detach_examples(data, name)


def write_predict_response(
    model_spec: bytes, outputs: Arrays, names: Collection[str]
) -> bytes:
    """Returns a serialized `PredictResponse`, given a serialized `ModelSpec`."""
    return encode_predict_message(_model_spec(model_spec), outputs, names)


def write_classification_response(
    model_spec: bytes, outputs: Arrays, count: int
) -> bytes:
    """Returns a serialized `ClassificationResponse`, given a serialized `ModelSpec`."""
    return message("tensorflow.serving.ClassificationResponse")(
        model_spec=_model_spec(model_spec),
        result=classification.classification_result(outputs, count),
    ).SerializeToString()


def write_regression_response(model_spec: bytes, outputs: Arrays, count: int) -> bytes:
    """Returns a serialized `RegressionResponse`, given a serialized `ModelSpec`."""
    return message("tensorflow.serving.RegressionResponse")(
        model_spec=_model_spec(model_spec),
        result=regression.regression_result(outputs, count),
    ).SerializeToString()


def write_infer_response(
    name: str, version: int, request: InferRequest, outputs: Arrays
) -> bytes:
    """Returns a serialized `ModelInferResponse`."""
    return encode_infer_message(name, version, request, outputs).SerializeToString()


def are_large(outputs: Arrays) -> bool:
    """Whether the event loop should not write these outputs."""
    return sum(array.size for array in outputs.values()) > LARGE_VALUES


DETACHABLE = frozenset(
    (
        "PredictRequest",
        "ClassificationRequest",
        "RegressionRequest",
        "MultiInferenceRequest",
        "ModelInferRequest",
    )
)


def _model_spec(data: bytes) -> Any:
    return message("tensorflow.serving.ModelSpec").FromString(data)


def _parse(message_class: Any, data: bytes) -> Any:
    try:
        return message_class.FromString(data)
    except DecodeError:
        name = message_class.DESCRIPTOR.name
        raise StatusError(Code.INTERNAL, f"Failed to parse {name}.") from None


def _rest(request: Any) -> bytes:
    rest = request.SerializeToString()
    if len(rest) > LARGE:
        raise invalid_argument(
            f"A {request.DESCRIPTOR.name} has {len(rest)} bytes beside its inputs; "
            f"{LARGE} are allowed."
        )
    return rest
