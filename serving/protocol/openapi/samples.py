"""Sample inputs as the bodies of requests."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from serving.errors import Code, StatusError
from serving.protocol.open_inference.datatypes import datatype_of, numpy_dtype
from serving.protocol.open_inference.json_data import encode_json_data
from serving.protocol.openapi.schemas import has_rows
from serving.protocol.signature_def import LARGEST_SAMPLE, SignatureDef, TensorInfo

Sample = Mapping[str, np.ndarray]

MAX_ELEMENTS = 20_000  # of more, nobody reads an example


def smallest_inputs(signature: SignatureDef) -> dict[str, np.ndarray]:
    """Returns zeros and empty strings of the smallest shape, 1 on each free axis.

    Raises:
        StatusError: UNIMPLEMENTED for an input of a type without arrays,
            RESOURCE_EXHAUSTED for one of more than `LARGEST_SAMPLE` bytes.

    Example:

    >>> x = TensorInfo("x", "DT_FLOAT", (None, 2), "x:0")
    >>> smallest_inputs(SignatureDef("serving_default", {"x": x}, {}))
    {'x': array([[0., 0.]], dtype=float32)}
    """
    return {name: _smallest(spec) for name, spec in signature.inputs.items()}


def fits(sample: Sample, signature: SignatureDef) -> bool:
    """Whether a sample has the inputs of a signature and is small and finite."""
    return sample.keys() == signature.inputs.keys() and all(
        signature.inputs[name].accepts(array.shape)
        and math.prod(array.shape) <= MAX_ELEMENTS
        and (array.dtype.kind != "f" or np.isfinite(array).all())
        for name, array in sample.items()
    )


def column_body(sample: Sample, signature: SignatureDef) -> dict[str, Any]:
    """Returns a `:predict` body in column format.

    Example:

    >>> column_body({"x": np.float32([0.1])}, SignatureDef("logits", {}, {}))
    {'signature_name': 'logits', 'inputs': {'x': [0.1]}}
    """
    inputs = {name: to_json(array) for name, array in sample.items()}
    return {"signature_name": signature.name, "inputs": inputs}


def row_body(sample: Sample, signature: SignatureDef) -> dict[str, Any] | None:
    """Returns a `:predict` body in row format; None where there are no rows.

    Example:

    >>> row_body({"x": np.float32([0.1])}, SignatureDef("logits", {}, {}))
    >>> x = {"x": TensorInfo("x", "DT_FLOAT", (None,), "x:0")}
    >>> row_body({"x": np.float32([0.1])}, SignatureDef("logits", x, {}))
    {'signature_name': 'logits', 'instances': [0.1]}
    """
    if not has_rows(signature.inputs) or not all(a.ndim for a in sample.values()):
        return None
    columns = {name: to_json(array) for name, array in sample.items()}
    if len({len(rows) for rows in columns.values()}) != 1:
        return None
    if len(columns) == 1:
        (rows,) = columns.values()
    else:
        rows = [
            dict(zip(columns, row, strict=True))
            for row in zip(*columns.values(), strict=True)
        ]
    return {"signature_name": signature.name, "instances": rows}


def infer_body(sample: Sample, signature: SignatureDef) -> dict[str, Any] | None:
    """Returns an `/infer` body; None for bytes that are no text."""
    rows = []
    for name, array in sample.items():
        try:
            data = encode_json_data(name, array)
        except StatusError:
            return None
        row = {"name": name, "datatype": datatype_of(array), "shape": array.shape}
        rows.append(row | {"data": data})
    body = {"parameters": {"signature_name": signature.name}, "inputs": rows}
    return orjson.loads(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY))


def examples_body(sample: Sample, signature: SignatureDef) -> dict[str, Any]:
    """Returns a `:classify` or `:regress` body; its sample is `tf.Example` messages."""
    # Imported here: it takes protobuf, which other signatures do without.
    from serving.protocol.messages import message

    (serialized,) = sample.values()
    examples = [
        _example(message("tensorflow.Example").FromString(each))
        for each in serialized.ravel()
    ]
    return {"signature_name": signature.name, "examples": examples}


def to_json(array: np.ndarray) -> Any:
    """Returns nested lists; bytes that are no text are base64 objects.

    Example:

    >>> to_json(np.array([b"a", bytes([255])], object))
    ['a', {'b64': '/w=='}]
    """
    if array.dtype.kind not in "OSU":
        # Of a float32, the shortest decimals that are the same float32.
        flat = np.ascontiguousarray(array)
        return orjson.loads(orjson.dumps(flat, option=orjson.OPT_SERIALIZE_NUMPY))
    texts = np.empty(array.size, object)
    texts[:] = [_text(each) for each in array.ravel().tolist()]
    return texts.reshape(array.shape).tolist()


def _text(value: str | bytes) -> str | dict[str, str]:
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}


def _example(proto: Any) -> dict[str, Any]:
    found = {}
    for name, feature in proto.features.feature.items():
        kind = feature.WhichOneof("kind")
        if kind is None:
            found[name] = []
            continue
        values = list(getattr(feature, kind).value)
        if kind == "bytes_list":
            values = [{"b64": base64.b64encode(each).decode()} for each in values]
        elif kind == "float_list":
            values = to_json(np.array(values, np.float32))
        found[name] = values[0] if len(values) == 1 else values
    return found


def _smallest(spec: TensorInfo) -> np.ndarray:
    shape = [1] if spec.shape is None else [size or 1 for size in spec.shape]
    dtype = numpy_dtype(spec.dtype)
    if math.prod(shape) * dtype.itemsize > LARGEST_SAMPLE:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED, f"Input '{spec.name}' is too large for a sample."
        )
    return np.full(shape, b"" if dtype.kind == "O" else 0, dtype)
