"""The bodies of `:classify` and `:regress`, and their answers."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from serving.protocol import classification, examples, regression
from serving.protocol.json_body import parse_object
from serving.protocol.signature_def import SignatureDef


@dataclasses.dataclass(frozen=True)
class ExamplesRequest:
    """A decoded request.

    Args:
        signature_name: One of the servable's.
        inputs: The serialized examples, as its only input.
        encode: Writes the answer, given the outputs and `count`.
        count: The number of examples.
    """

    signature_name: str
    inputs: Mapping[str, np.ndarray]
    encode: Callable[[Mapping[str, np.ndarray], int], bytes]
    count: int


def decode_examples_request(
    method: str, body: bytes, signatures: Mapping[str, SignatureDef]
) -> ExamplesRequest:
    """Reads the body of `:classify` or `:regress` against the signatures.

    Raises:
        StatusError: With TensorFlow Serving's code and message.
    """
    request = examples.decode_examples_request(parse_object(body))
    signature = examples.find_signature(signatures, request.signature_name)
    if method == "classify":
        classification.check_signature(signature)
        encode = encode_classify_response
    else:
        regression.check_signature(signature)
        encode = encode_regress_response
    (name,) = signature.inputs
    inputs = {name: request.examples}
    return ExamplesRequest(signature.name, inputs, encode, len(request.examples))


def encode_classify_response(outputs: Mapping[str, np.ndarray], count: int) -> bytes:
    """Writes the answer of `:classify`."""
    result = classification.classification_result(outputs, count)
    return classification.classification_document(result)


def encode_regress_response(outputs: Mapping[str, np.ndarray], count: int) -> bytes:
    """Writes the answer of `:regress`."""
    result = regression.regression_result(outputs, count)
    return regression.regression_document(result)
