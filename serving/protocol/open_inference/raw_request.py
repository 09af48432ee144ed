"""A request that is nothing but the binary data of its one input."""

import math
from collections.abc import Mapping

import numpy as np

from serving.errors import StatusError, invalid_argument
from serving.protocol.open_inference.binary_data import decode_binary
from serving.protocol.open_inference.datatypes import datatype, numpy_dtype
from serving.protocol.open_inference.infer_request import (
    check_tensor,
    choose_signature,
)
from serving.protocol.open_inference.requests import InferRequest
from serving.protocol.signature_def import SignatureDef, TensorInfo, format_shape


def decode_raw_request(
    body: bytes, signatures: Mapping[str, SignatureDef]
) -> InferRequest:
    """Reads a body without JSON: `Inference-Header-Content-Length` is 0.

    The shape is that of the signature, and its one open size follows from the number of
    bytes. Of BYTES it is one element, the body itself. The outputs are binary.

    Args:
        body: The binary data.
        signatures: Of the servable; `serving_default` or the only one is run.

    Raises:
        StatusError: INVALID_ARGUMENT where the signature leaves the shape open, or the
            size is not that of elements.

    Example:

    >>> x = TensorInfo("x", "DT_FLOAT", (None, 2), "x:0")
    >>> signatures = {"serving_default": SignatureDef("serving_default", {"x": x}, {})}
    >>> decode_raw_request(np.float32([[1, 2], [3, 4]]).tobytes(), signatures).inputs
    {'x': array([[1., 2.],
           [3., 4.]], dtype=float32)}

    Reference:
        Triton, Binary Tensor Data Extension, "Raw Binary Request".
    """
    signature = choose_signature(None, signatures)
    if len(signature.inputs) != 1:
        raise invalid_argument(
            "A request without JSON (Inference-Header-Content-Length: 0) needs a "
            f"signature with one input; '{signature.name}' has "
            f"{len(signature.inputs)}: {', '.join(sorted(signature.inputs))}."
        )
    (spec,) = signature.inputs.values()
    try:
        array = _decode(body, spec)
    except StatusError as error:
        raise StatusError(error.code, f"Input '{spec.name}': {error}") from None
    return InferRequest(None, signature.name, {spec.name: array}, (), binary=True)


def _decode(body: bytes, spec: TensorInfo) -> np.ndarray:
    dtype = numpy_dtype(spec.dtype)
    if dtype.kind == "O":
        array = np.empty(1, object)
        array[0] = body
        return array.reshape(_shape(spec, 1))
    shape = _shape(spec, len(body) // dtype.itemsize)
    count = check_tensor(datatype(spec.dtype), shape, spec)
    return decode_binary(body, 0, len(body), count, dtype).reshape(shape)


def _shape(spec: TensorInfo, count: int) -> list[int]:
    """Returns the shape of so many elements."""
    shape = spec.shape
    if shape is None or (spec.dtype != "DT_STRING" and shape.count(None) > 1):
        raise invalid_argument(
            "a request without JSON leaves its shape open, which is "
            f"{format_shape(shape)}: send shape and datatype"
        )
    known = math.prod(size for size in shape if size is not None)
    if spec.dtype == "DT_STRING":
        if known != 1:
            raise invalid_argument(
                "a request without JSON is one element, its shape is "
                f"{format_shape(shape)}"
            )
        return [1] * len(shape)
    return [count // max(known, 1) if size is None else size for size in shape]
