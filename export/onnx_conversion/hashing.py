"""The hash of a model's constants, which its file states."""

import hashlib
import json

import numpy as np
import onnx

WEIGHTS_SHA256 = "weights_sha256"


def weights_sha256(model: onnx.ModelProto) -> str:
    """Returns the hash of all constants of a model.

    It runs over name, type, shape and bytes (little-endian, in the order of rows; of
    strings, their JSON) of each `initializer` of the graph, in their order.
    """
    digest = hashlib.sha256()
    for each in model.graph.initializer:
        array = onnx.numpy_helper.to_array(each)
        kind = onnx.TensorProto.DataType.Name(each.data_type)
        digest.update(json.dumps([each.name, kind, list(array.shape)]).encode())
        if each.data_type == onnx.TensorProto.STRING:
            strings = [text.decode() for text in each.string_data]
            digest.update(json.dumps(strings).encode())
        else:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def state_weights(model: onnx.ModelProto) -> None:
    """States the hash of the constants that the model has by now."""
    for entry in model.metadata_props:
        if entry.key == WEIGHTS_SHA256:
            entry.value = weights_sha256(model)
