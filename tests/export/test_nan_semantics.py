"""What NaN does in ONNX Runtime, for each operator that the manifest names.

A test that fails after an update of ONNX Runtime says that the operator can leave the
list.
"""

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from onnx import TensorProto, helper

import export
from export import nan_semantics

NAN = np.nan
SAMPLES = [
    np.float32([[NAN, 1, 2, 3]]),
    np.float32([[1, NAN, 2, -np.inf]]),
    np.float32([[1, 2, NAN, NAN]]),
    np.float32([[-np.inf, 1, NAN, 0]]),
]
OPERATORS = {
    "ReduceMax": (lambda x: tf.reduce_max(x, -1), {}),
    "ReduceMin": (lambda x: tf.reduce_min(x, -1), {}),
    "ArgMax": (lambda x: tf.argmax(x, -1), {"axis": -1, "keepdims": 0}),
    "ArgMin": (lambda x: tf.argmin(x, -1), {"axis": -1, "keepdims": 0}),
    "Softmax": (tf.nn.softmax, {"axis": -1}),
}
SAME = {
    "Relu": (tf.nn.relu, {}),
    "Elu": (tf.nn.elu, {}),
    "Sigmoid": (tf.sigmoid, {}),
    "Tanh": (tf.tanh, {}),
    "Softplus": (tf.math.softplus, {}),
    "Abs": (tf.abs, {}),
}


def run(kind, x, **attributes):
    """Computes one operator with ONNX Runtime."""
    output = TensorProto.INT64 if kind.startswith("Arg") else TensorProto.FLOAT
    node = helper.make_node(kind, ["x"], ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", output, None)],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def differs(kind, oracle, attributes):
    """Whether some sample is answered otherwise than by TensorFlow."""
    return any(
        not np.array_equal(
            np.ravel(run(kind, x, **attributes)), np.ravel(oracle(x)), equal_nan=True
        )
        for x in SAMPLES
    )


@pytest.mark.parametrize("kind", OPERATORS)
def test_these_operators_differ(kind):
    assert kind in nan_semantics.OPERATORS
    assert differs(kind, *OPERATORS[kind])


@pytest.mark.parametrize("kind", SAME)
def test_these_do_not(kind):
    assert kind not in nan_semantics.OPERATORS
    for x in SAMPLES:
        np.testing.assert_allclose(
            run(kind, x, **SAME[kind][1]), SAME[kind][0](x), atol=1e-6
        )


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("MaxPool", keras.layers.MaxPooling1D()),
        ("LSTM", keras.layers.LSTM(2)),
        ("TopK", keras.layers.Lambda(lambda x: keras.ops.top_k(x[..., 0], 1)[1])),
    ],
)
def test_operators_of_layers_differ(kind, layer, tmp_path):
    keras.utils.set_random_seed(0)
    x = keras.Input((4, 1))
    model = keras.Model(x, layer(x), name="one")
    artifact = export.export_model(model, tmp_path, formats=["onnx"])
    assert kind in artifact.manifest["nan_differs"]["onnx"]
    chosen = export.formats.find_format("onnx")
    batches = [np.float32([s[0], s[0][::-1]])[..., None] for s in SAMPLES]
    requests = [("serving_default", {"inputs": batch}) for batch in batches]
    assert not all(
        np.allclose(next(iter(outputs.values())), model(batch), equal_nan=True)
        for outputs, batch in zip(
            chosen.predict(artifact.path, requests), batches, strict=True
        )
    )


def test_the_manifest_names_them(tmp_path):
    x = keras.Input((8, 8, 3))
    y = keras.layers.MaxPooling2D()(x)
    y = keras.layers.GlobalMaxPooling2D()(y)
    model = keras.Model(x, keras.layers.Softmax()(y), name="pools")
    artifact = export.export_model(model, tmp_path)
    named = artifact.manifest["nan_differs"]["onnx"]
    assert named == ["MaxPool", "ReduceMax", "Softmax"]
    kinds = {n.op_type for n in onnx.load(artifact.path / "model.onnx").graph.node}
    assert kinds >= set(named)


def test_the_manifest_names_none_without_need(tmp_path):
    x = keras.Input((4,))
    model = keras.Model(x, keras.layers.Dense(2, activation="relu")(x), name="dense")
    assert "nan_differs" not in export.export_model(model, tmp_path).manifest
