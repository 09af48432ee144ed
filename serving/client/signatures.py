"""The metadata document as signatures."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.errors import ServingError
from serving.protocol.signature_def import NUMPY_DTYPES, SignatureDef, TensorInfo


def read_signatures(document: Mapping[str, Any]) -> dict[str, SignatureDef]:
    """Reads the answer of `GET /v1/models/NAME/metadata`.

    Raises:
        ServingError: If it is none.
    """
    try:
        # The double name is TensorFlow Serving's.
        found = document["metadata"]["signature_def"]["signature_def"]
        return {name: _signature(name, each) for name, each in found.items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ServingError(
            f"The server's metadata is none of TensorFlow Serving's form: {error!r}"
        ) from None


def numpy_dtype(info: TensorInfo | None) -> np.dtype | None:
    """Returns the type of the arrays that a client takes and gives for a tensor.

    None for a type that numpy has not, such as bfloat16.
    """
    return NUMPY_DTYPES.get(info.dtype) if info else None


def _signature(name: str, document: Mapping[str, Any]) -> SignatureDef:
    return SignatureDef(
        name,
        _tensor_infos(document.get("inputs", {})),
        _tensor_infos(document.get("outputs", {})),
        document.get("method_name", ""),
    )


def _tensor_infos(documents: Mapping[str, Any]) -> dict[str, TensorInfo]:
    return {
        name: TensorInfo(
            name,
            document["dtype"],
            _shape(document.get("tensor_shape", {})),
            document.get("name", ""),
        )
        for name, document in documents.items()
    }


def _shape(document: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    if document.get("unknown_rank"):
        return None
    sizes = [int(axis.get("size", 0)) for axis in document.get("dim", ())]
    return tuple(None if size < 0 else size for size in sizes)
