"""The bytes of requests, and where they go."""

import dataclasses
import json
import struct
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

import numpy as np

from serving.client import json_values
from serving.errors import ServingError
from serving.protocol.messages import message
from serving.protocol.model_spec import ModelSpec
from serving.protocol.open_inference.datatypes import DATATYPES
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME
from serving.protocol.tensor_proto import dtype_name, encode_tensor_proto

APIS = ("rest", "v2", "v2-binary", "grpc")
Arrays = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Call:
    """A request: arrays by input of a signature."""

    inputs: Arrays
    signature_name: str = DEFAULT_SIGNATURE_NAME


@dataclasses.dataclass(frozen=True)
class Target:
    """What is measured, in a form that another process can be sent.

    Args:
        address: Host and port.
        is_grpc: Whether the payloads are messages of gRPC's `Predict`, and not whole
            requests of HTTP.
        is_tls: Whether connections are encrypted.
        payloads: What is sent, in turn.
    """

    address: tuple[str, int]
    is_grpc: bool
    is_tls: bool
    payloads: tuple[bytes, ...]


def make_target(
    url: str,
    api: str,
    spec: ModelSpec,
    calls: Sequence[Call],
    body: bytes | None = None,
) -> Target:
    """Returns the target of a model.

    Args:
        url: `http://host:port`, or `host:port` of gRPC.
        api: One of `APIS`.
        spec: The model.
        calls: What is sent, in turn.
        body: A body of HTTP, in place of the calls.

    Raises:
        ServingError: If the address is none, a body is given for gRPC, or bytes that
            are no text for v2 with JSON.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if not parts.hostname or parts.scheme not in ("http", "https", "grpc"):
        raise ServingError(
            f"{url!r} is no address. Expected http://127.0.0.1:8501, or 127.0.0.1:8500 "
            "for gRPC."
        )
    default = {"https": 443, "http": 80}.get(parts.scheme, 8500)
    address = (parts.hostname, parts.port or default)
    if api == "grpc":
        if body is not None:
            raise ServingError("A body is for HTTP. Give gRPC arrays, or a replay.")
        payloads = [_predict_request(spec, each) for each in calls]
    else:
        path = parts.path.rstrip("/") + _path(api, spec)
        bodies = [(body, {})] if body is not None else []
        bodies = bodies or [_body(api, each) for each in calls]
        payloads = [_http(parts.netloc, path, *each) for each in bodies]
    return Target(address, api == "grpc", parts.scheme == "https", tuple(payloads))


def _path(api: str, spec: ModelSpec) -> str:
    name = quote(spec.name, safe="")
    version = "" if spec.version is None else f"/versions/{spec.version}"
    if api == "rest":
        return f"/v1/models/{name}{version}:predict"
    return f"/v2/models/{name}{version}/infer"


def _http(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    given = {"Content-Type": "application/json", **headers}
    lines += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _body(api: str, call: Call) -> tuple[bytes, Mapping[str, str]]:
    if api == "rest":
        return json_values.predict_body(call.inputs, call.signature_name), {}
    parameters: dict[str, object] = {}
    if call.signature_name != DEFAULT_SIGNATURE_NAME:
        parameters["signature_name"] = call.signature_name  # other servers have one
    if api == "v2":
        head = {
            "inputs": [_v2(*each) for each in call.inputs.items()],
            "parameters": parameters,
        }
        return json.dumps(head).encode(), {}
    tails = [_binary(array) for array in call.inputs.values()]
    tensors = [
        _v2(name, array, len(tail))
        for (name, array), tail in zip(call.inputs.items(), tails, strict=True)
    ]
    parameters["binary_data_output"] = True
    text = json.dumps({"inputs": tensors, "parameters": parameters}).encode()
    headers = {
        "Inference-Header-Content-Length": str(len(text)),
        "Content-Type": "application/octet-stream",
    }
    return text + b"".join(tails), headers


def _v2(name: str, array: np.ndarray, size: int | None = None) -> dict[str, object]:
    tensor: dict[str, object] = {
        "name": name,
        "shape": list(array.shape),
        "datatype": DATATYPES[dtype_name(array.dtype)],
    }
    if size is not None:
        return tensor | {"parameters": {"binary_data_size": size}}
    values = array.ravel().tolist()
    try:
        texts = [each.decode() if isinstance(each, bytes) else each for each in values]
    except UnicodeDecodeError:
        raise ServingError(
            f"Input '{name}' has bytes that are no text, which JSON of v2 cannot "
            "carry. Use --api v2-binary."
        ) from None
    return tensor | {"data": texts}


def _binary(array: np.ndarray) -> bytes:
    if array.dtype != np.object_:
        return array.tobytes()
    texts = [each.encode() if isinstance(each, str) else each for each in array.flat]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _predict_request(spec: ModelSpec, call: Call) -> bytes:
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = spec.name
    request.model_spec.signature_name = call.signature_name
    if spec.version is not None:
        request.model_spec.version.value = spec.version
    for name, array in call.inputs.items():
        encode_tensor_proto(array, request.inputs[name])
    return request.SerializeToString()
