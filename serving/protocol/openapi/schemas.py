"""JSON schemas of tensors, requests and answers."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from serving.protocol.open_inference.datatypes import datatype
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    NUMPY_DTYPES,
    SignatureDef,
    TensorInfo,
)

Schema = dict[str, Any]

_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
BASE64: Schema = {
    "type": "object",
    "properties": {
        "b64": {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}
    },
    "required": ["b64"],
    "additionalProperties": False,
}
NAMES: Schema = {"type": "array", "items": {"type": "string"}}
PARAMETERS: Schema = {"type": ["object", "null"]}


def ref(kind: str, name: str) -> Schema:
    """Returns a reference to a component.

    Example:

    >>> ref("schemas", "Error")
    {'$ref': '#/components/schemas/Error'}
    """
    return {"$ref": f"#/components/{kind}/{name}"}


def closed(properties: Mapping[str, Schema], optional: Iterable[str] = ()) -> Schema:
    """Returns the schema of an object with these properties.

    Args:
        properties: By name.
        optional: Those that may be missing.
    """
    left_out = set(optional)
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in left_out],
    }


def nullable(schema: Schema) -> Schema:
    """Returns the schema of what may be null, as if it were missing."""
    return schema | {"type": [schema["type"], "null"]}


def one_of(schemas: list[Schema]) -> Schema:
    """Returns the only schema, or one that any of several satisfies."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def element(dtype: str) -> Schema:
    """Returns the schema of one element of a tensor.

    Example:

    >>> element("DT_FLOAT"), element("DT_INT8")
    ({'type': 'number'}, {'type': 'integer', 'minimum': -128, 'maximum': 127})
    """
    known = NUMPY_DTYPES.get(dtype)
    if known is None:
        return {}
    if known.kind == "f":
        return {"type": "number"}
    if known.kind == "b":
        return {"type": "boolean"}
    if known.kind == "O":
        return {"anyOf": [{"type": "string"}, BASE64]}
    info = np.iinfo(known)
    return {"type": "integer", "minimum": int(info.min), "maximum": int(info.max)}


def tensor(
    dtype: str,
    shape: Iterable[int | None] | None,
    at_least: int = 1,
) -> Schema:
    """Returns the schema of nested lists of a shape.

    Args:
        dtype: Of the elements.
        shape: Sizes, None for a free one; None alone for a free rank.
        at_least: The smallest size of a free axis.

    Example:

    >>> tensor("DT_BOOL", (None, 2))["items"]
    {'type': 'array', 'items': {'type': 'boolean'}, 'minItems': 2, 'maxItems': 2}
    """
    if shape is None:
        return {}
    schema = element(dtype)
    for size in reversed(tuple(shape)):
        schema = {
            "type": "array",
            "items": schema,
            "minItems": at_least if size is None else size,
        }
        if size is not None:
            schema["maxItems"] = size
    return schema


def has_rows(specs: Mapping[str, TensorInfo]) -> bool:
    """Whether tensors can be cut into rows along their first axis."""
    return bool(specs) and all(
        spec.shape is None or spec.shape for spec in specs.values()
    )


def predict_requests(signature: SignatureDef) -> list[Schema]:
    """Returns the schemas of a `:predict` body in row and in column format."""
    name = _signature_name(signature)
    column = closed(name | {"inputs": _column(signature.inputs)}, _optional(name))
    if not has_rows(signature.inputs):
        return [column]
    sizes = {spec.shape[0] for spec in signature.inputs.values() if spec.shape}
    fixed = next((size for size in sizes if size is not None), None)
    length = {"minItems": fixed or 1} | ({"maxItems": fixed} if fixed else {})
    rows = one_of(
        [{"type": "array", "items": row} | length for row in _rows(signature.inputs)]
    )
    return [closed(name | {"instances": rows}, _optional(name)), column]


def predict_answers(signature: SignatureDef) -> list[Schema]:
    """Returns the schemas of what `:predict` answers in both formats."""
    outputs = signature.outputs
    found = [closed({"outputs": _answer(outputs, cut=False)})]
    if has_rows(outputs):
        rows = {"type": "array", "items": _answer(outputs, cut=True)}
        found.insert(0, closed({"predictions": rows}))
    return found


def examples_request(signature: SignatureDef) -> Schema:
    """Returns the schema of a `:classify` or `:regress` body."""
    name = _signature_name(signature)
    value: Schema = {"type": ["number", "string", "object", "array"]}
    example = {"type": "object", "additionalProperties": value}
    return closed(
        name
        | {
            "context": example,
            "examples": {"type": "array", "items": example, "minItems": 1},
        },
        ["context", *_optional(name)],
    )


def infer_request(signature: SignatureDef) -> Schema:
    """Returns the schema of an `/infer` body; its inputs are listed in any order."""
    inputs = [
        closed(
            {
                "name": {"const": spec.name},
                "datatype": {"const": datatype(spec.dtype)},
                "shape": _shape(spec),
                "parameters": PARAMETERS,
                "data": {"type": "array"},
            },
            ["parameters"],
        )
        for spec in signature.inputs.values()
    ]
    outputs = closed(
        {
            "name": {"enum": sorted(signature.outputs)},
            "parameters": nullable(
                closed(
                    {
                        "binary_data": {"type": "boolean"},
                        "classification": {"type": "integer", "minimum": 0},
                    },
                    ["binary_data", "classification"],
                )
            ),
        },
        ["parameters"],
    )
    name = _signature_name(signature, None)
    parameters = closed(
        name | {"binary_data_output": {"type": "boolean"}},
        [*_optional(name), "binary_data_output"],
    )
    return closed(
        {
            "id": {"type": ["string", "null"]},
            "parameters": nullable(parameters) if _optional(name) else parameters,
            "inputs": {
                "type": "array",
                "items": one_of(inputs) if inputs else {},
                "minItems": len(inputs),
                "maxItems": len(inputs),
            },
            "outputs": {"type": ["array", "null"], "items": outputs},
        },
        ["id", "outputs", *(["parameters"] if _optional(name) else [])],
    )


def infer_answer(signature: SignatureDef) -> Schema:
    """Returns the schema of what `/infer` answers, or of the JSON in it."""
    output = closed(
        {
            "name": {"enum": sorted(signature.outputs)},
            "datatype": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "parameters": closed({"binary_data_size": {"type": "integer"}}),
            "data": {"type": "array"},
        },
        ["parameters", "data"],
    )
    return closed(
        {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "id": {"type": "string"},
            "outputs": {"type": "array", "items": output},
        },
        ["id"],
    )


def _shape(spec: TensorInfo) -> Schema:
    if spec.shape is None:
        return {"type": "array", "items": {"type": "integer", "minimum": 1}}
    sizes = [
        {"type": "integer", "minimum": min(axis, 1)}
        if size is None
        else {"const": size}
        for axis, size in enumerate(spec.shape)
    ]
    return {
        "type": "array",
        "prefixItems": sizes,
        "minItems": len(sizes),
        "maxItems": len(sizes),
    }


def _signature_name(signature: SignatureDef, missing: Any = "") -> Schema:
    """Returns a property that names a signature; the default one may be missing."""
    if signature.name == DEFAULT_SIGNATURE_NAME:
        return {"signature_name": {"enum": [signature.name, missing]}}
    return {"signature_name": {"const": signature.name}}


def _optional(name: Schema) -> list[str]:
    return [key for key, value in name.items() if "enum" in value]


def _rows(specs: Mapping[str, TensorInfo]) -> list[Schema]:
    cut = {
        name: tensor(spec.dtype, _shape_of_rows(spec)) for name, spec in specs.items()
    }
    named = closed(cut) | {"additionalProperties": False}
    return [*cut.values(), named] if len(cut) == 1 else [named]


def _column(specs: Mapping[str, TensorInfo]) -> Schema:
    whole = {name: _whole(spec) for name, spec in specs.items()}
    named = closed(whole)
    return one_of([*whole.values(), named] if len(whole) == 1 else [named])


def _answer(specs: Mapping[str, TensorInfo], cut: bool) -> Schema:
    values = {
        name: tensor(spec.dtype, _shape_of_rows(spec) if cut else spec.shape, 0)
        for name, spec in specs.items()
    }
    return next(iter(values.values())) if len(values) == 1 else closed(values)


def _whole(spec: TensorInfo) -> Schema:
    """Returns the schema of an input; an empty list has one axis and no more."""
    return tensor(spec.dtype, spec.shape, 0 if spec.shape == (None,) else 1)


def _shape_of_rows(spec: TensorInfo) -> tuple[int | None, ...] | None:
    return None if spec.shape is None else spec.shape[1:]
