"""Regression: examples in, a number for each out."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.decimals import format_floats
from serving.protocol.messages import message
from serving.protocol.signature_def import SignatureDef
from serving.protocol.tensor_proto import dtype_name

METHOD_NAME = "tensorflow/serving/regress"
INPUT, OUTPUT = "inputs", "outputs"


def check_signature(signature: SignatureDef) -> None:
    """Checks that a signature regresses examples; its `method_name` may be any.

    Raises:
        StatusError: INVALID_ARGUMENT for the number of inputs or outputs,
            FAILED_PRECONDITION for their names.
    """
    for word, tensors in (("input", signature.inputs), ("output", signature.outputs)):
        if len(tensors) != 1:
            raise invalid_argument(f"Expected one {word} Tensor.")
    for name, tensors in ((INPUT, signature.inputs), (OUTPUT, signature.outputs)):
        if name not in tensors:
            raise StatusError(
                Code.FAILED_PRECONDITION,
                f"No regression {name} found in SignatureDef: it is called "
                f'"{next(iter(tensors))}", not "{name}"',
            )


def regression_result(outputs: Mapping[str, np.ndarray], num_examples: int) -> Any:
    """Returns the `RegressionResult` of the outputs of a signature.

    Args:
        outputs: `outputs`, float32 of shape `(examples,)` or `(examples, 1)`.
        num_examples: The number of examples in the request.

    Raises:
        StatusError: INVALID_ARGUMENT when shape or type differ.

    Example:

    >>> result = regression_result({"outputs": np.float32([[2.5]])}, 1)
    >>> [each.value for each in result.regressions]
    [2.5]
    """
    array = outputs[OUTPUT]
    if array.ndim != 1 and not (array.ndim == 2 and array.shape[1] == 1):
        raise invalid_argument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] "
            f"but got [{','.join(map(str, array.shape))}]"
        )
    if len(array) != num_examples:
        raise invalid_argument(
            "Input batch size did not match output batch size: "
            f"{num_examples} vs. {len(array)}"
        )
    if array.dtype != np.float32:
        raise invalid_argument(
            f"Expected output Tensor of DT_FLOAT.  Got: {dtype_name(array.dtype)}"
        )
    result = message("tensorflow.serving.RegressionResult")()
    for value in array.reshape(-1).tolist():
        result.regressions.add(value=value)
    return result


def regression_document(result: Any) -> bytes:
    """Writes the body of the answer of `:regress`.

    Example:

    >>> regression_document(regression_result({"outputs": np.float32([0.1, 3])}, 2))
    b'{"results":[0.1,3.0]}'
    """
    if not result.regressions:
        raise invalid_argument("Cannot convert empty RegressionResults to JSON")
    values = np.array([each.value for each in result.regressions], np.float32)
    return f'{{"results":[{",".join(format_floats(values))}]}}'.encode()
