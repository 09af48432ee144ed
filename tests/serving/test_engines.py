"""Engines read what others have written."""

import numpy as np
import pytest

from serving.engines import choose_engine, load_engine
from serving.errors import ServingError, StatusError
from serving.protocol.documents import metadata_document


def test_saved_model_comes_first(artifacts, tmp_path):
    both = artifacts / "image" / "1"
    assert choose_engine(both, "auto") == "tensorflow"
    assert choose_engine(both, "onnx") == "onnx"
    (tmp_path / "model.onnx").touch()
    assert choose_engine(tmp_path, "auto") == "onnx"


@pytest.mark.parametrize(
    ("engine", "text"),
    [
        ("tensorflow", "holds no saved_model.pb, which engine 'tensorflow' needs"),
        ("onnx", "holds no model.onnx, which engine 'onnx' needs"),
        ("auto", "holds no saved_model.pb or model.onnx"),
        ("torch", "Unknown engine 'torch'. Use one of: auto, tensorflow, onnx."),
    ],
)
def test_missing_artifact(tmp_path, engine, text):
    with pytest.raises(ServingError, match=text):
        load_engine(tmp_path, engine)


def test_metadata_is_that_of_the_saved_model(artifacts):
    """Byte for byte what protobuf writes of the file's own signatures."""
    import json

    from google.protobuf import json_format
    from tensorflow.core.protobuf import saved_model_pb2
    from tensorflow_serving.apis import get_model_metadata_pb2

    path = artifacts / "image" / "1"
    engine = load_engine(path, "tensorflow")
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((path / "saved_model.pb").read_bytes())
    expected = get_model_metadata_pb2.SignatureDefMap(
        signature_def={
            name: definition
            for name, definition in saved_model.meta_graphs[0].signature_def.items()
            if name != "__saved_model_init_op"
        }
    )
    document = json.loads(metadata_document("image", 1, engine.signatures))
    ours = json_format.ParseDict(
        document["metadata"]["signature_def"], get_model_metadata_pb2.SignatureDefMap()
    )
    assert sorted(ours.signature_def) == ["logits", "serving_default"]
    assert ours == expected
    engine.close()


def test_saved_model_without_signatures(tmp_path):
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ServingError, match="has no signatures"):
        load_engine(tmp_path, "tensorflow")


def test_what_the_graph_refuses_is_the_requests_fault(tmp_path):
    import tensorflow as tf

    class Reshape(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def predict(self, x):
            return {"y": tf.reshape(x, [-1, 3])}

    module = Reshape()
    tf.saved_model.save(module, str(tmp_path), signatures=module.predict)
    engine = load_engine(tmp_path, "tensorflow")
    with pytest.raises(StatusError) as caught:
        engine.predict("serving_default", {"x": np.zeros(4, np.float32)})
    assert caught.value.code.value == 400
    assert str(caught.value).startswith("Input to reshape is a tensor with 4 values")
    assert "\n" not in str(caught.value)
    engine.close()
