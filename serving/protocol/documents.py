"""Response bodies: errors, model status, metadata."""

import dataclasses
import enum
import json
from collections.abc import Iterable, Mapping

from serving.errors import Code
from serving.protocol.signature_def import SignatureDef, TensorInfo


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
        "defaults": {},
    }


def _tensor_info(spec: TensorInfo) -> dict:
    # Protobuf's JSON writes 64-bit integers as strings.
    sizes = ["-1" if size is None else str(size) for size in spec.shape or ()]
    return {
        "dtype": spec.dtype,
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": spec.shape is None,
        },
        "name": spec.tensor_name,
    }
