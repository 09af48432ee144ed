"""Classification: examples in, labels and scores of each out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.decimals import format_floats
from serving.protocol.messages import message
from serving.protocol.signature_def import SignatureDef
from serving.protocol.tensor_proto import dtype_name

METHOD_NAME = "tensorflow/serving/classify"
INPUT, CLASSES, SCORES = "inputs", "classes", "scores"


def check_signature(signature: SignatureDef) -> None:
    """Checks that a signature classifies examples.

    Its `method_name` may be any, as TensorFlow Serving's default is: TensorFlow 2 gives
    every signature that of predictions.

    Raises:
        StatusError: INVALID_ARGUMENT for the number of inputs or outputs,
            FAILED_PRECONDITION for their names.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(
            f"Expected one or two output Tensors, found {len(signature.outputs)}"
        )
    if INPUT not in signature.inputs:
        raise StatusError(
            Code.FAILED_PRECONDITION,
            "No classification inputs found in SignatureDef: its input is called "
            f'"{next(iter(signature.inputs))}", not "{INPUT}"',
        )
    if not signature.outputs.keys() & {CLASSES, SCORES}:
        raise StatusError(
            Code.FAILED_PRECONDITION,
            "Expected classification signature outputs to contain at least one of "
            f'"{CLASSES}" or "{SCORES}". Signature was: '
            f"{', '.join(sorted(signature.outputs))}",
        )


def classification_result(outputs: Mapping[str, np.ndarray], num_examples: int) -> Any:
    """Returns the `ClassificationResult` of the outputs of a signature.

    Args:
        outputs: `classes` (strings), `scores` (float32) or both, of shape
            `(examples, classes)`.
        num_examples: The number of examples in the request.

    Raises:
        StatusError: INVALID_ARGUMENT when shapes or types differ.

    Example:

    >>> result = classification_result({"scores": np.float32([[0.25, 0.75]])}, 1)
    >>> [each.score for each in result.classifications[0].classes]
    [0.25, 0.75]
    """
    classes, scores = outputs.get(CLASSES), outputs.get(SCORES)
    if classes is not None:
        _check(classes, CLASSES, "DT_STRING", num_examples)
    if scores is not None:
        _check(scores, SCORES, "DT_FLOAT", num_examples)
    if classes is not None and scores is not None and classes.shape != scores.shape:
        raise invalid_argument(
            "Tensors class and score should match in dim_size(1). Got "
            f"{classes.shape[1]} vs. {scores.shape[1]}"
        )
    result = message("tensorflow.serving.ClassificationResult")()
    labels = [None] * num_examples if classes is None else classes
    numbers = [None] * num_examples if scores is None else scores
    for row, score_row in zip(labels, numbers, strict=True):
        _add(row, score_row, result.classifications.add().classes)
    return result


def classification_document(result: Any) -> bytes:
    """Writes the body of the answer of `:classify`: pairs of label and score.

    Example:

    >>> outputs = {"classes": np.array([[b"cat"]], object), "scores": np.float32([[1]])}
    >>> classification_document(classification_result(outputs, 1))
    b'{"results":[[["cat",1.0]]]}'
    """
    if not result.classifications:
        raise invalid_argument("Cannot convert empty ClassificationResults to JSON")
    rows = []
    for classifications in result.classifications:
        found = classifications.classes
        scores = format_floats(np.array([each.score for each in found], np.float32))
        pairs = [
            f"[{orjson.dumps(each.label).decode()},{score}]"
            for each, score in zip(found, scores, strict=True)
        ]
        rows.append(f"[{','.join(pairs)}]")
    return f'{{"results":[{",".join(rows)}]}}'.encode()


def _check(array: np.ndarray, name: str, dtype: str, num_examples: int) -> None:
    if array.ndim != 2:
        raise invalid_argument(
            "Expected Tensor shape: [batch_size num_classes] but got "
            f"[{','.join(map(str, array.shape))}]"
        )
    if dtype_name(array.dtype) != dtype:
        raise invalid_argument(
            f"Expected {name} Tensor of {dtype}. Got: {dtype_name(array.dtype)}"
        )
    if len(array) != num_examples:
        raise invalid_argument(
            f"Expected {name} output batch size of {num_examples}. Got: {len(array)}"
        )


def _add(labels: Any, scores: Any, added: Any) -> None:
    for index in range(len(scores if labels is None else labels)):
        each = added.add()
        if labels is not None:
            each.label = _label(labels[index])
        if scores is not None:
            each.score = scores[index]


def _label(label: bytes | str) -> str:
    if isinstance(label, str):
        return label
    try:
        return label.decode()
    except UnicodeDecodeError:
        raise StatusError(
            Code.INTERNAL, f"Failed to write class label: {label!r} is not UTF-8"
        ) from None
