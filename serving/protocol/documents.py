"""Response bodies: errors, model status, metadata."""

import dataclasses
import enum
import json
from collections.abc import Iterable, Mapping

import numpy as np

from serving.errors import Code
from serving.protocol.signature_def import SignatureDef, TensorInfo

_COO_SPARSE = ("values_tensor_name", "indices_tensor_name", "dense_shape_tensor_name")


class State(enum.Enum):
    """The states of a version, as in `get_model_status.proto`."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """State of one version; a message means that it failed."""

    version: int
    state: State
    error_message: str = ""
    error_code: Code = Code.OK


def error_document(message: str) -> bytes:
    """Writes the body of an error.

    Example:

    >>> error_document('no "x"')
    b'{"error": "no \\\\"x\\\\""}'
    """
    return json.dumps({"error": message}).encode()


def status_document(versions: Iterable[VersionStatus]) -> bytes:
    """Writes the answer of `GET /v1/models/NAME`."""
    rows = [
        {
            "version": str(row.version),
            "state": row.state.name,
            "status": {
                "error_code": row.error_code.name,
                "error_message": row.error_message,
            },
        }
        for row in versions
    ]
    return json.dumps({"model_version_status": rows}).encode()


def metadata_document(
    name: str, version: int, signatures: Mapping[str, SignatureDef]
) -> bytes:
    """Writes the answer of `GET /v1/models/NAME/metadata`."""
    # The double `signature_def` is real: a field of the answer that holds a
    # SignatureDefMap, whose only field has the same name.
    document = {
        "model_spec": {"name": name, "signature_name": "", "version": str(version)},
        "metadata": {
            "signature_def": {
                "signature_def": {
                    key: _signature_def(value) for key, value in signatures.items()
                }
            }
        },
    }
    return json.dumps(document).encode()


def _signature_def(signature: SignatureDef) -> dict:
    return {
        "inputs": {key: _tensor_info(spec) for key, spec in signature.inputs.items()},
        "outputs": {key: _tensor_info(spec) for key, spec in signature.outputs.items()},
        "method_name": signature.method_name,
        "defaults": _defaults(signature.defaults),
    }


def _defaults(arrays: Mapping[str, np.ndarray]) -> dict:
    if not arrays:
        return {}
    # They need protobuf, which most servers of REST do without.
    from serving.protocol.tensor_proto import tensor_proto_document

    return {name: tensor_proto_document(array) for name, array in arrays.items()}


def _tensor_info(spec: TensorInfo) -> dict:
    # Protobuf's JSON writes 64-bit integers as strings.
    sizes = ["-1" if size is None else str(size) for size in spec.shape or ()]
    document = {
        "dtype": spec.dtype,
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": spec.shape is None,
        },
    }
    # Protobuf's `oneof`: one of them.
    if spec.coo_sparse is None:
        document["name"] = spec.tensor_name
    else:
        document["coo_sparse"] = dict(zip(_COO_SPARSE, spec.coo_sparse, strict=True))
    return document
