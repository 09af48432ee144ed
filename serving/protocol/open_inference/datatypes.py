"""The datatypes of the protocol, and what they are in a signature and in numpy."""

import numpy as np

from serving.errors import Code, StatusError
from serving.protocol.signature_def import NUMPY_DTYPES

DATATYPES = {
    "DT_BOOL": "BOOL",
    "DT_UINT8": "UINT8",
    "DT_UINT16": "UINT16",
    "DT_UINT32": "UINT32",
    "DT_UINT64": "UINT64",
    "DT_INT8": "INT8",
    "DT_INT16": "INT16",
    "DT_INT32": "INT32",
    "DT_INT64": "INT64",
    "DT_HALF": "FP16",
    "DT_FLOAT": "FP32",
    "DT_DOUBLE": "FP64",
    "DT_BFLOAT16": "BF16",
    "DT_STRING": "BYTES",
}
_BY_NUMPY = {NUMPY_DTYPES[key]: DATATYPES[key] for key in NUMPY_DTYPES}


def datatype(dtype: str) -> str:
    """Returns the datatype of a `DT_` name; one that the protocol has not, as it is.

    Example:

    >>> datatype("DT_FLOAT"), datatype("DT_STRING"), datatype("DT_COMPLEX64")
    ('FP32', 'BYTES', 'DT_COMPLEX64')
    """
    return DATATYPES.get(dtype, dtype)


def numpy_dtype(dtype: str) -> np.dtype:
    """Returns what numpy calls a `DT_` name.

    Raises:
        StatusError: UNIMPLEMENTED for a type that no tensor of the protocol has.
    """
    known = NUMPY_DTYPES.get(dtype)
    if known is not None:
        return known
    if dtype == "DT_BFLOAT16":
        return bfloat16()
    raise StatusError(Code.UNIMPLEMENTED, f"Tensors of type {dtype} are not supported.")


def datatype_of(array: np.ndarray) -> str:
    """Returns the datatype of an array; arrays of text are BYTES.

    Raises:
        StatusError: UNIMPLEMENTED for a type that the protocol has no name for.

    Example:

    >>> datatype_of(np.zeros(2, np.float16)), datatype_of(np.array(["a"]))
    ('FP16', 'BYTES')
    """
    known = _BY_NUMPY.get(array.dtype)
    if known is not None:
        return known
    if array.dtype.kind in "SU":
        return "BYTES"
    if array.dtype.name == "bfloat16":
        return "BF16"
    raise StatusError(
        Code.UNIMPLEMENTED, f"Outputs of type {array.dtype.name} are not supported."
    )


def bfloat16() -> np.dtype:
    """Returns the type of BF16, which numpy has from the package ml_dtypes.

    Raises:
        StatusError: UNIMPLEMENTED where that package is not installed.
    """
    try:
        import ml_dtypes
    except ModuleNotFoundError:
        raise StatusError(
            Code.UNIMPLEMENTED, "Tensors of type BF16 need the package ml_dtypes."
        ) from None
    return np.dtype(ml_dtypes.bfloat16)
