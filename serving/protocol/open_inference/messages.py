"""Messages of the protocol's gRPC service: to an inference and back.

Their descriptors are `open_inference.proto`, compiled, in a pool of their own: the
messages of the package tritonclient have the same names.
"""

import functools
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from serving.errors import StatusError, invalid_argument
from serving.protocol.messages import load_pool
from serving.protocol.open_inference.binary_data import (
    as_bytes,
    decode_binary,
    encode_binary,
)
from serving.protocol.open_inference.datatypes import (
    DATATYPES,
    datatype,
    datatype_of,
    numpy_dtype,
)
from serving.protocol.open_inference.documents import platform, tensor_document
from serving.protocol.open_inference.infer_request import (
    check_complete,
    check_outputs,
    check_tensor,
    choose_signature,
    input_spec,
)
from serving.protocol.open_inference.infer_response import requested
from serving.protocol.open_inference.json_data import clip, decode_json_data
from serving.protocol.open_inference.requests import InferRequest, RequestedOutput
from serving.protocol.signature_def import SignatureDef, TensorInfo

POOL = load_pool(
    pkgutil.get_data("serving.protocol.open_inference", "open_inference.binpb") or b""
)
SERVICE = "inference.GRPCInferenceService"
_CONTENTS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}
_DTYPES = {kind: dtype for dtype, kind in DATATYPES.items()}


@functools.cache
def message(name: str) -> type[Message]:
    """Returns the class of a message by its name in the package `inference`.

    Example:

    >>> message("ServerLiveResponse")(live=True).SerializeToString()
    b'\\x08\\x01'
    """
    return GetMessageClass(POOL.FindMessageTypeByName(f"inference.{name}"))


def decode_infer_message(
    proto: Any,
    signatures: Mapping[str, SignatureDef],
    content: tuple[Sequence[np.ndarray], bool] | None = None,
) -> InferRequest:
    """Reads a `ModelInferRequest` against the signatures of a servable.

    Args:
        proto: The message.
        signatures: Of the servable; the parameter `signature_name` chooses one.
        content: What `detach_contents` has taken out of it.

    Returns:
        The request; raw contents of numbers are not copied. Its outputs are binary
        where its inputs are raw.

    Raises:
        StatusError: INVALID_ARGUMENT that names the tensor, what was expected and what
            came.
    """
    signature = choose_signature(_parameter(proto, "signature_name"), signatures)
    raw = _raw_contents(proto)
    is_raw = bool(raw) if content is None else content[1]
    inputs: dict[str, np.ndarray] = {}
    for index, tensor in enumerate(proto.inputs):
        spec = input_spec(tensor.name, signature, inputs)
        try:
            if content is None:
                array = _decode(tensor, spec, raw[index] if raw else None)
            else:
                check_tensor(tensor.datatype, tuple(tensor.shape), spec)
                array = content[0][index]
            inputs[spec.name] = array
        except StatusError as error:
            raise StatusError(error.code, f"Input '{spec.name}': {error}") from None
    check_complete(inputs, signature)
    outputs = tuple(_requested_output(row, is_raw) for row in proto.outputs)
    check_outputs([output.name for output in outputs], signature)
    return InferRequest(proto.id or None, signature.name, inputs, outputs, is_raw)


def detach_contents(proto: Any) -> tuple[list[np.ndarray], bool]:
    """Takes the contents of the inputs out of a `ModelInferRequest`.

    Returns:
        The arrays in the order of the inputs, and whether they were raw.

    Raises:
        StatusError: INVALID_ARGUMENT that names the tensor that is none.
    """
    raw = _raw_contents(proto)
    arrays = []
    for index, tensor in enumerate(proto.inputs):
        dtype = _DTYPES.get(tensor.datatype, "DT_INVALID")
        spec = TensorInfo(tensor.name, dtype, None, "")
        try:
            arrays.append(_decode(tensor, spec, raw[index] if raw else None))
        except StatusError as error:
            name = clip(tensor.name)
            raise StatusError(error.code, f"Input {name}: {error}") from None
        tensor.ClearField("contents")
    is_raw = bool(raw)
    proto.ClearField("raw_input_contents")
    return arrays, is_raw


def encode_infer_message(
    name: str,
    version: int,
    request: InferRequest,
    outputs: Mapping[str, np.ndarray],
) -> Message:
    """Writes a `ModelInferResponse`.

    Its contents are raw where those of the request were, and where an output is FP16
    or BF16, which have no other form.

    Args:
        name: The model.
        version: Its version.
        request: What is answered.
        outputs: All outputs of the signature.

    Raises:
        StatusError: UNIMPLEMENTED for an output of a type that the protocol has not.
    """
    response: Any = message("ModelInferResponse")(
        model_name=name, model_version=str(version), id=request.id or ""
    )
    rows = [
        (wanted.name, array, datatype_of(array))
        for wanted, array in requested(request, outputs)
    ]
    is_raw = request.binary or any(kind not in _CONTENTS for _, _, kind in rows)
    for key, array, kind in rows:
        row = response.outputs.add(name=key, datatype=kind, shape=array.shape)
        if is_raw:
            response.raw_output_contents.append(bytes(encode_binary(array)))
        else:
            values = array.ravel().tolist()
            if kind == "BYTES":
                values = map(as_bytes, values)
            getattr(row.contents, _CONTENTS[kind]).extend(values)
    return response


def model_message(
    name: str,
    versions: Iterable[int],
    engine: str,
    signatures: Mapping[str, SignatureDef],
) -> Message:
    """Writes a `ModelMetadataResponse` about the default signature.

    Raises:
        StatusError: INVALID_ARGUMENT where there are several and none is the default.
    """
    signature = choose_signature(None, signatures)
    return message("ModelMetadataResponse")(
        name=name,
        versions=map(str, versions),
        platform=platform(engine),
        inputs=map(tensor_document, signature.inputs.values()),
        outputs=map(tensor_document, signature.outputs.values()),
    )


def _raw_contents(proto: Any) -> Sequence[bytes]:
    raw = proto.raw_input_contents
    if raw and len(raw) != len(proto.inputs):
        raise invalid_argument(
            f"Expected raw_input_contents of each of {len(proto.inputs)} inputs, "
            f"received {len(raw)}."
        )
    return raw


def _decode(tensor: Any, spec: TensorInfo, raw: bytes | None) -> np.ndarray:
    shape = tuple(tensor.shape)
    count = check_tensor(tensor.datatype, shape, spec)
    dtype, kind = numpy_dtype(spec.dtype), datatype(spec.dtype)
    if raw is not None:
        if tensor.HasField("contents"):
            raise invalid_argument("expected raw or typed contents, received both")
        return decode_binary(raw, 0, len(raw), count, dtype).reshape(shape)
    if kind not in _CONTENTS:
        raise invalid_argument(f"{kind} has raw contents only")
    values = list(getattr(tensor.contents, _CONTENTS[kind]))
    given = {field.name for field, _ in tensor.contents.ListFields()}
    if given - {_CONTENTS[kind]}:
        raise invalid_argument(
            f"expected {_CONTENTS[kind]}, received {', '.join(sorted(given))}"
        )
    if kind != "BYTES":
        return decode_json_data(values, (count,), count, dtype).reshape(shape)
    if len(values) != count:
        raise invalid_argument(
            f"its shape takes {count} elements, its data has {len(values)}"
        )
    array = np.empty(count, object)
    array[:] = values
    return array.reshape(shape)


def _requested_output(row: Any, binary: bool) -> RequestedOutput:
    classes = _parameter(row, "classification")
    if classes is None:
        return RequestedOutput(row.name, binary)
    if type(classes) is not int or classes < 0:
        raise invalid_argument(
            f"Output '{row.name[:100]}': 'classification' is {clip(classes)}, expected "
            "the number of classes."
        )
    return RequestedOutput(row.name, binary, classes)


def _parameter(holder: Any, key: str) -> Any:
    if key not in holder.parameters:
        return None
    parameter = holder.parameters[key]
    chosen = parameter.WhichOneof("parameter_choice")
    return None if chosen is None else getattr(parameter, chosen)
