"""The calls of TensorFlow Serving's gRPC API, as flows."""

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from google.protobuf import json_format
from google.protobuf.message import Message

from serving.client.calls import Calls, Context, Examples, Flow, cast_inputs
from serving.client.casting import cast
from serving.client.errors import RequestError
from serving.client.retries import Retries, persist
from serving.errors import Code, ServingError, StatusError
from serving.protocol.messages import POOL, message
from serving.protocol.model_spec import ModelSpec
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME
from serving.protocol.tensor_proto import (
    decode_tensor_proto,
    dtype_name,
    dtype_number,
    encode_tensor_proto,
)


@dataclasses.dataclass(frozen=True)
class Method:
    """A method of a service with the class of its answer."""

    service: str
    name: str
    answer: str

    @property
    def path(self) -> str:
        """What gRPC calls it by."""
        return f"/tensorflow.serving.{self.service}/{self.name}"


PREDICT = Method("PredictionService", "Predict", "PredictResponse")
CLASSIFY = Method("PredictionService", "Classify", "ClassificationResponse")
REGRESS = Method("PredictionService", "Regress", "RegressionResponse")
METADATA = Method("PredictionService", "GetModelMetadata", "GetModelMetadataResponse")
STATUS = Method("ModelService", "GetModelStatus", "GetModelStatusResponse")


@dataclasses.dataclass(frozen=True)
class Call:
    """What a transport sends.

    Args:
        method: The method.
        request: Its message.
        seconds: How long the answer may take.
        timeout: The seconds that the whole call has, for the error.
    """

    method: Method
    request: Message
    seconds: float
    timeout: float


class GrpcCalls(Calls):
    """The calls of a client of one server.

    Args:
        target: Address of the server.
        timeout: Seconds that a call may take with all its tries.
        retries: When a request is sent again.
    """

    def __init__(self, target: str, timeout: float, retries: Retries) -> None:
        super().__init__()
        self._target = target
        self._timeout = timeout
        self._retries = retries

    def predict(
        self, spec: ModelSpec, inputs: Mapping[str, Any], signature_name: str | None
    ) -> Flow[dict[str, np.ndarray]]:
        """See `Calls`."""
        signature = yield from self._signature(spec, signature_name)
        request = message("tensorflow.serving.PredictRequest")()
        _write_spec(spec, request.model_spec, signature.name)
        for name, array in cast_inputs(inputs, signature).items():
            _write_tensor(array, request.inputs[name])
        answer = yield from self._send(PREDICT, request)
        return {
            name: _read_tensor(name, answer.outputs[name])
            for name in sorted(answer.outputs)
        }

    def classify(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[list[list[tuple[str, float]]]]:
        """See `Calls`."""
        request = message("tensorflow.serving.ClassificationRequest")()
        _write_spec(spec, request.model_spec, signature_name)
        _write_examples(examples, context, request.input)
        answer = yield from self._send(CLASSIFY, request)
        return [
            [(each.label, each.score) for each in row.classes]
            for row in answer.result.classifications
        ]

    def regress(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[np.ndarray]:
        """See `Calls`."""
        request = message("tensorflow.serving.RegressionRequest")()
        _write_spec(spec, request.model_spec, signature_name)
        _write_examples(examples, context, request.input)
        answer = yield from self._send(REGRESS, request)
        values = [each.value for each in answer.result.regressions]
        return np.array(values, np.float32)

    def status(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """See `Calls`."""
        request = message("tensorflow.serving.GetModelStatusRequest")()
        _write_spec(spec, request.model_spec, "")
        return _document((yield from self._send(STATUS, request)))

    def metadata(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """See `Calls`."""
        request = message("tensorflow.serving.GetModelMetadataRequest")(
            metadata_field=["signature_def"]
        )
        _write_spec(spec, request.model_spec, "")
        answer = yield from self._send(METADATA, request)
        packed = answer.metadata["signature_def"].value
        signatures = message("tensorflow.serving.SignatureDefMap").FromString(packed)
        return {
            "model_spec": _document(answer.model_spec),
            "metadata": {"signature_def": _document(signatures)},
        }

    def _send(self, method: Method, request: Message) -> Flow[Any]:
        return persist(
            lambda seconds: Call(method, request, seconds, self._timeout),
            lambda answer: None,  # Who is busy answers with an error.
            self._retries,
            self._timeout,
            time.monotonic,
        )


def _write_spec(spec: ModelSpec, proto: Any, signature_name: str | None) -> None:
    proto.name = spec.name
    if spec.version is not None:
        proto.version.value = spec.version
    elif spec.label is not None:
        proto.version_label = spec.label
    default = DEFAULT_SIGNATURE_NAME if signature_name is None else signature_name
    proto.signature_name = default


def _write_tensor(array: np.ndarray, proto: Any) -> None:
    try:
        if array.dtype.kind == "O":
            encode_tensor_proto(array, proto)
            return
        proto.dtype = dtype_number(dtype_name(array.dtype))
    except StatusError as error:
        raise ServingError(str(error)) from None
    proto.tensor_shape.SetInParent()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = array.tobytes()


def _read_tensor(name: str, proto: Any) -> np.ndarray:
    try:
        array = decode_tensor_proto(name, proto)
    except StatusError as error:
        raise RequestError(error.code, f"Output {name!r}: {error}") from None
    if array.dtype.kind != "O":
        return array
    texts = np.empty(array.size, object)
    texts[:] = [_text(name, each) for each in array.flat]
    return texts.reshape(array.shape)


def _text(name: str, data: bytes) -> str | bytes:
    """Returns what the REST API answers for the bytes."""
    if name.endswith("_bytes"):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _write_examples(examples: Examples, context: Context, proto: Any) -> None:
    filled = proto.example_list
    if context is not None:
        filled = proto.example_list_with_context
        _write_features(context, filled.context)
    for example in examples:
        _write_features(example, filled.examples.add())


def _write_features(features: Mapping[str, Any], example: Any) -> None:
    for name, value in features.items():
        array = cast(name, value, None).ravel()
        feature = example.features.feature[name]
        if array.dtype.kind == "O":
            feature.bytes_list.value.extend(
                each.encode() if isinstance(each, str) else each for each in array
            )
        elif array.dtype.kind == "f":
            feature.float_list.value.extend(array.tolist())
        else:
            feature.int64_list.value.extend(array.astype(np.int64).tolist())


def _document(proto: Message) -> dict[str, Any]:
    """Returns what the REST API answers for a message."""
    return json_format.MessageToDict(
        proto,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        descriptor_pool=POOL,
    )


def code_of(number: int) -> Code:
    """Returns the canonical code of a number; UNKNOWN where there is none."""
    return Code(number) if number in set(Code) else Code.UNKNOWN
