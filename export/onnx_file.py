"""ONNX files without the package `onnx`: what they hold, and whose operators.

A server that loads ONNX files inspects them first, and should need nothing else for it.
The messages and the names of operators stand in two files beside this one, written by
`python -m tests.export.onnx_tables` from the installed package.
"""

import functools
import json
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.formats.base import read_protobuf

if TYPE_CHECKING:
    import onnx

DEFAULT_SIGNATURE = "serving_default"
SIGNATURE_PROPERTY = "signature"  # what a file says of its own, as JSON
_STRING = 8
# By the number of `TensorProto.DataType`.
_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    _STRING: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    21: "uint4",
    22: "int4",
    23: "float4_e2m1fn",
    24: "float8_e8m0fnu",
    25: "uint2",
    26: "int2",
    27: "float6_e2m3fn",
    28: "float6_e3m2fn",
}


def read_onnx(path: Path) -> "onnx.ModelProto":
    """Reads an ONNX file, but none of the files that it names.

    Raises:
        ExportError: If it cannot be read, or is no model.
    """
    model = read_protobuf(path, _model_class())
    if not model.HasField("graph"):
        raise ExportError(f"{path} is damaged: it has no graph; export again.")
    return model


def describe_signatures(model: "onnx.ModelProto") -> dict[str, Any]:
    """Returns inputs and outputs of the graph, as those of `serving_default`."""
    constants = {each.name for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    return {
        DEFAULT_SIGNATURE: {
            "inputs": {each.name: _describe(each) for each in inputs},
            "outputs": {each.name: _describe(each) for each in model.graph.output},
        }
    }


def is_standard(domain: str, operator: str) -> bool:
    """Whether ONNX defines an operator.

    >>> is_standard("ai.onnx", "Conv"), is_standard("ai.onnx.ml", "Conv")
    (True, False)
    """
    return operator in _operators().get("" if domain == "ai.onnx" else domain, ())


def _describe(tensor: "onnx.ValueInfoProto") -> dict[str, Any]:
    kind = tensor.type.tensor_type
    shape = None
    if kind.HasField("shape"):
        shape = [
            size.dim_value if size.HasField("dim_value") else None
            for size in kind.shape.dim
        ]
    # Another is a sequence or a map, or a type of a newer ONNX.
    return {"dtype": _DTYPES.get(kind.elem_type, "unknown"), "shape": shape}


@functools.cache
def _model_class() -> Any:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    # A pool of its own: the package may be imported as well.
    pool = DescriptorPool()
    data = pkgutil.get_data("export", "onnx_messages.binpb") or b""
    pool.Add(FileDescriptorProto.FromString(data))
    return GetMessageClass(pool.FindMessageTypeByName("onnx.ModelProto"))


@functools.cache
def _operators() -> dict[str, frozenset[str]]:
    data = pkgutil.get_data("export", "onnx_operators.json") or b""
    return {domain: frozenset(names) for domain, names in json.loads(data).items()}
