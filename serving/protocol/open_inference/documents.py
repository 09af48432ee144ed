"""Response bodies of the protocol: server, model and repository."""

from collections.abc import Iterable, Mapping

import orjson

from serving.protocol.documents import State, VersionStatus
from serving.protocol.open_inference.datatypes import datatype
from serving.protocol.open_inference.infer_request import choose_signature
from serving.protocol.signature_def import SignatureDef, TensorInfo

EXTENSIONS = ("binary_tensor_data", "classification", "model_repository(index)")
SERVER_NAME = "keras-serving-zoo"
_PLATFORMS = {
    "onnx": "onnxruntime_onnx",
    "tensorflow": "tensorflow_savedmodel",
    "litert": "tensorflow_lite",
}
_STATES = {
    State.START: "UNAVAILABLE",
    State.LOADING: "LOADING",
    State.AVAILABLE: "READY",
    State.UNLOADING: "UNLOADING",
    State.END: "UNAVAILABLE",
}


def platform(engine: str) -> str:
    """Returns what the protocol calls an engine; one of the user's, as it is.

    Example:

    >>> platform("onnx")
    'onnxruntime_onnx'
    """
    return _PLATFORMS.get(engine, engine)


def server_document(version: str) -> bytes:
    """Writes the answer of `GET /v2`."""
    return orjson.dumps(
        {"name": SERVER_NAME, "version": version, "extensions": EXTENSIONS}
    )


def model_document(
    name: str,
    versions: Iterable[int],
    engine: str,
    signatures: Mapping[str, SignatureDef],
    signature_name: str | None = None,
) -> bytes:
    """Writes the answer of `GET /v2/models/NAME`.

    Args:
        name: The model.
        versions: Those that are loaded.
        engine: What runs it.
        signatures: By name.
        signature_name: Whose inputs and outputs are listed; None for the default one.

    Raises:
        StatusError: INVALID_ARGUMENT where there is no such signature.
    """
    signature = choose_signature(signature_name, signatures)
    return orjson.dumps(
        {
            "name": name,
            "versions": [str(version) for version in versions],
            "platform": platform(engine),
            "inputs": [tensor_document(spec) for spec in signature.inputs.values()],
            "outputs": [tensor_document(spec) for spec in signature.outputs.values()],
            "parameters": {
                "signature_name": signature.name,
                "signature_names": list(signatures),
            },
        }
    )


def tensor_document(spec: TensorInfo) -> dict:
    """Describes an input or output; a free axis is -1, as is a free rank.

    Example:

    >>> tensor_document(TensorInfo("x", "DT_FLOAT", (None, 2), "x:0"))
    {'name': 'x', 'datatype': 'FP32', 'shape': [-1, 2]}
    """
    shape = [None] if spec.shape is None else spec.shape
    return {
        "name": spec.name,
        "datatype": datatype(spec.dtype),
        "shape": [-1 if size is None else size for size in shape],
    }


def index_rows(
    models: Mapping[str, Iterable[VersionStatus]], ready: bool
) -> list[dict[str, str]]:
    """Lists each version of each model, only those that are loaded if `ready`."""
    return [
        {
            "name": name,
            "version": str(row.version),
            "state": _STATES[row.state],
            "reason": row.error_message,
        }
        for name, rows in models.items()
        for row in rows
        if row.state is State.AVAILABLE or not ready
    ]
