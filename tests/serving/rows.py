"""What the suite knows of each engine; an engine without a row fails."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np


@dataclasses.dataclass(frozen=True)
class Row:
    """An engine.

    Args:
        name: Of the engine.
        artifact: The file that it runs.
        library: Top-level package that computes; no other engine imports it.
        write: Writes `y = factor * x` into a version folder: `x` and `y` are float32
            of shape `(batch,)`, the signature is `serving_default`.
        checks_shapes: Whether it compares shapes with the signature, or leaves them to
            the graph.
    """

    name: str
    artifact: str
    library: str
    write: Callable[[Path, float], None]
    checks_shapes: bool = True


def _write_saved_model(folder, factor):
    import tensorflow as tf

    class Scale(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def predict(self, x):
            return {"y": tf.constant(factor, tf.float32) * x}

    module = Scale()
    tf.saved_model.save(module, str(folder), signatures=module.predict)


def write_onnx(folder, factor):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])],
        "scale",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch"])],
        [numpy_helper.from_array(np.float32(factor), "factor")],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, folder / "model.onnx")


def _write_litert(folder, factor):
    import tensorflow as tf

    _write_saved_model(folder / "converted", factor)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(folder / "converted"), signature_keys=["serving_default"]
    )
    (folder / "model.tflite").write_bytes(converter.convert())
    shutil.rmtree(folder / "converted")


# By priority: the first whose artifact is there is what `auto` takes.
ROWS = [
    Row("tensorflow", "saved_model.pb", "tensorflow", _write_saved_model, False),
    Row("onnx", "model.onnx", "onnxruntime", write_onnx),
    Row("litert", "model.tflite", "ai_edge_litert", _write_litert),
]
