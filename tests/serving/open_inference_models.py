"""Models that return what they get, one for each datatype."""

import numpy as np
from onnx import TensorProto, helper, save

from serving.protocol.open_inference.datatypes import DATATYPES

# ONNX Runtime takes no bfloat16 from numpy.
ONNX_TYPES = {
    "BOOL": TensorProto.BOOL,
    "UINT8": TensorProto.UINT8,
    "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64,
    "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16,
    "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BYTES": TensorProto.STRING,
}
assert ONNX_TYPES.keys() | {"BF16"} == set(DATATYPES.values())


def write_identity(folder, name):
    folder.mkdir(parents=True)
    kind = ONNX_TYPES[name]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "identity",
        [helper.make_tensor_value_info("x", kind, ["batch", 2])],
        [helper.make_tensor_value_info("y", kind, ["batch", 2])],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    save(model, folder / "model.onnx")


def values(name):
    """An array of shape (2, 2) with the extremes of a datatype."""
    if name == "BYTES":
        return np.array([["a", "é"], ["", "xyz"]], object)
    dtype = helper.tensor_dtype_to_np_dtype(ONNX_TYPES[name])
    if dtype.kind == "b":
        return np.array([[True, False], [False, True]])
    if dtype.kind == "f":
        info = np.finfo(dtype)
        return np.array([[info.min, info.max], [info.tiny, 0.1]], dtype)
    info = np.iinfo(dtype)
    return np.array([[info.min, info.max], [0, 1]], dtype)
