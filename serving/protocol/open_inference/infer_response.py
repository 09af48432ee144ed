"""The body of an inference response."""

import json
from collections.abc import Iterator, Mapping

import numpy as np
import orjson

from serving.errors import invalid_argument
from serving.protocol.open_inference.binary_data import encode_binary
from serving.protocol.open_inference.datatypes import datatype_of
from serving.protocol.open_inference.json_data import encode_json_data
from serving.protocol.open_inference.requests import InferRequest, RequestedOutput


def encode_infer_response(
    name: str,
    version: int,
    request: InferRequest,
    outputs: Mapping[str, np.ndarray],
) -> tuple[bytes, int | None]:
    """Writes the answer of `/infer` as its request wants it.

    Args:
        name: The model.
        version: Its version.
        request: What is answered.
        outputs: All outputs of the signature.

    Returns:
        The body, and the size of the JSON in it where binary data stands behind.

    Raises:
        StatusError: INVALID_ARGUMENT for an output that cannot be written as wanted.

    Example:

    >>> request = InferRequest("42", "serving_default", {}, ())
    >>> encode_infer_response("m", 1, request, {"y": np.float32([[0.1]])})[0]
    b'{"model_name":"m","model_version":"1","id":"42","outputs":[{"name":"y","datatype":"FP32","shape":[1,1],"data":[0.1]}]}'
    """
    rows, buffers, finite = [], [], True
    for wanted, array in requested(request, outputs):
        row = {
            "name": wanted.name,
            "datatype": datatype_of(array),
            "shape": array.shape,
        }
        if wanted.binary:
            data = encode_binary(array)
            size = data.nbytes if isinstance(data, np.ndarray) else len(data)
            row["parameters"] = {"binary_data_size": size}
            buffers.append(data)
        else:
            row["data"] = data = encode_json_data(wanted.name, array)
            if array.dtype.kind in "fV":
                finite = finite and bool(np.isfinite(data).all())
        rows.append(row)
    document = {"model_name": name, "model_version": str(version)}
    if request.id is not None:
        document["id"] = request.id
    head = _dump(document | {"outputs": rows}, finite)
    if not buffers:
        return head, None
    return b"".join((head, *buffers)), len(head)


def requested(
    request: InferRequest, outputs: Mapping[str, np.ndarray]
) -> Iterator[tuple[RequestedOutput, np.ndarray]]:
    """Yields the outputs that are wanted, in the order of the request.

    Raises:
        StatusError: INVALID_ARGUMENT where classes of strings are wanted.
    """
    rows = request.outputs or [
        RequestedOutput(name, request.binary) for name in outputs
    ]
    for wanted in rows:
        array = outputs[wanted.name]
        yield wanted, classify(array, wanted) if wanted.classes else array


def classify(array: np.ndarray, wanted: RequestedOutput) -> np.ndarray:
    """Returns the classes of highest value as `value:index`, highest first.

    Args:
        array: A batch of scores, or the scores of one example.
        wanted: With the number of classes; there may be fewer.

    Raises:
        StatusError: INVALID_ARGUMENT for strings.

    Example:

    >>> classify(np.float32([[0.25, 0.5, 0.125]]), RequestedOutput("y", False, 2))
    array([[b'0.500000:1', b'0.250000:0']], dtype=object)
    """
    if array.dtype.kind not in "fiu":
        raise invalid_argument(
            f"Output '{wanted.name}' is {datatype_of(array)} and cannot be classified."
        )
    scores = array.reshape(len(array) if array.ndim > 1 else 1, -1)
    # Ties go to the lower index, NaN to the end.
    order = np.argsort(-scores.astype(np.float64), kind="stable")[:, : wanted.classes]
    values = np.take_along_axis(scores, order, axis=1)
    form = "%f:%d" if array.dtype.kind == "f" else "%d:%d"
    classes = np.empty(order.shape, object)
    for row in np.ndindex(order.shape):
        classes[row] = (form % (values[row], order[row])).encode()
    return classes if array.ndim > 1 else classes[0]


def _dump(document: dict, finite: bool) -> bytes:
    if finite:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    # JSON proper has no NaN, and orjson writes null in its place.
    return json.dumps(document, default=np.ndarray.tolist).encode()
