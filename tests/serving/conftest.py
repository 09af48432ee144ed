"""Small artifacts in both formats and servers over them.

Every model exists as SavedModel and as ONNX in the same version folder and
computes the same: `image` (two outputs), `pair` (two inputs, one output),
`counter` (integers) and `text` (strings and bytes).
"""

import shutil
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import requests
from onnx import TensorProto, helper, numpy_helper

import serving

from .rows import write_onnx

WEIGHTS = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


@pytest.fixture(scope="session")
def predict_image():
    """The image model in numpy."""

    def predict(image):
        logits = np.asarray(image, np.float32).reshape(-1, 16) @ WEIGHTS
        exp = np.exp(logits - logits.max(-1, keepdims=True))
        return {
            "probabilities": exp / exp.sum(-1, keepdims=True),
            "class_ids": logits.argmax(-1),
        }

    return predict


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory):
    """A folder of models, each with version 1 in both formats."""
    base = tmp_path_factory.mktemp("artifacts")
    _save_image(base / "image" / "1")
    _save_pair(base / "pair" / "1")
    _save_counter(base / "counter" / "1")
    _save_text(base / "text" / "1")
    return base


@pytest.fixture(scope="session", params=["tensorflow", "onnx"])
def server(request, artifacts):
    """A server over all artifacts, once with each engine."""
    limits = {"max_request_bytes": 2**20, "file_system_poll_wait_seconds": 0}
    with serving.Server(
        artifacts, rest_api_port=0, engine=request.param, **limits
    ) as running:
        running.engine = request.param
        yield running


@pytest.fixture
def http():
    """A session that no proxy of the environment comes between."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def write_scale_model():
    """Publishes `y = factor * x` as ONNX: small enough to make many versions."""

    def write(version_path, factor):
        version_path = Path(version_path)
        hidden = version_path.with_name(f".publishing-{version_path.name}")
        hidden.mkdir(parents=True)
        write_onnx(hidden, factor)
        hidden.rename(version_path)

    return write


@pytest.fixture
def wait_until():
    """Waits for a condition; the deadline only turns a hang into a failure."""

    def wait(condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, f"never happened: {what}"
            time.sleep(0.01)

    return wait


@pytest.fixture
def copy_model(artifacts, tmp_path):
    """Copies a model into a folder of the test's own."""

    def copy(name):
        return Path(shutil.copytree(artifacts / name, tmp_path / "models" / name))

    return copy


def _save(module, path, **functions):
    import tensorflow as tf

    tf.saved_model.save(module, str(path), signatures=functions)


def _save_onnx(path, nodes, inputs, outputs, **constants):
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, path / "model.onnx")


def _save_image(path):
    import tensorflow as tf

    class Image(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(WEIGHTS)

        @tf.function(
            input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32, name="image")]
        )
        def predict(self, image):
            logits = tf.reshape(image, [-1, 16]) @ self.weights
            return {
                "probabilities": tf.nn.softmax(logits),
                "class_ids": tf.argmax(logits, -1),
            }

        @tf.function(
            input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32, name="image")]
        )
        def logits(self, image):
            return {"logits": tf.reshape(image, [-1, 16]) @ self.weights}

    module = Image()
    _save(module, path, serving_default=module.predict, logits=module.logits)
    _save_onnx(
        path,
        [
            helper.make_node("Reshape", ["image", "flat"], ["pixels"]),
            helper.make_node("MatMul", ["pixels", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
            helper.make_node("ArgMax", ["logits"], ["class_ids"], axis=-1, keepdims=0),
        ],
        [("image", TensorProto.FLOAT, ["batch", 4, 4, 1])],
        [
            ("probabilities", TensorProto.FLOAT, ["batch", 3]),
            ("class_ids", TensorProto.INT64, ["batch"]),
        ],
        flat=np.int64([-1, 16]),
        weights=WEIGHTS,
    )


def _save_pair(path):
    import tensorflow as tf

    class Pair(tf.Module):
        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 2], tf.float32, name="a"),
                tf.TensorSpec([None], tf.int32, name="b"),
            ]
        )
        def predict(self, a, b):
            return {"total": tf.reduce_sum(a, -1) + tf.cast(b, tf.float32)}

    module = Pair()
    _save(module, path, serving_default=module.predict)
    _save_onnx(
        path,
        [
            helper.make_node("ReduceSum", ["a", "last"], ["sum"], keepdims=0),
            helper.make_node("Cast", ["b"], ["float_b"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["sum", "float_b"], ["total"]),
        ],
        [
            ("a", TensorProto.FLOAT, ["batch", 2]),
            ("b", TensorProto.INT32, ["batch"]),
        ],
        [("total", TensorProto.FLOAT, ["batch"])],
        last=np.int64([-1]),
    )


def _save_counter(path):
    import tensorflow as tf

    class Counter(tf.Module):
        @tf.function(
            input_signature=[tf.TensorSpec([None, 3], tf.int64, name="counts")]
        )
        def predict(self, counts):
            return {"doubled": 2 * counts}

    module = Counter()
    _save(module, path, serving_default=module.predict)
    _save_onnx(
        path,
        [helper.make_node("Mul", ["counts", "two"], ["doubled"])],
        [("counts", TensorProto.INT64, ["batch", 3])],
        [("doubled", TensorProto.INT64, ["batch", 3])],
        two=np.int64(2),
    )


def _save_text(path):
    import tensorflow as tf

    class Text(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def predict(self, text):
            return {"echo": tf.identity(text), "raw_bytes": tf.identity(text)}

    module = Text()
    _save(module, path, serving_default=module.predict)
    _save_onnx(
        path,
        [
            helper.make_node("Identity", ["text"], ["echo"]),
            helper.make_node("Identity", ["text"], ["raw_bytes"]),
        ],
        [("text", TensorProto.STRING, ["batch"])],
        [
            ("echo", TensorProto.STRING, ["batch"]),
            ("raw_bytes", TensorProto.STRING, ["batch"]),
        ],
    )
