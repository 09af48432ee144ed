"""A model that would touch more than its own files is not loaded without trust."""

import shutil

import numpy as np
import onnx
import pytest
import tensorflow as tf

import serving
from serving.errors import ServingError
from tests.export.programs import save_half_plus_two, save_lookup_of_tensorflow_1

from .rows import write_onnx


class ReadsFiles(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="path")])
    def predict(self, path):
        return {"content": tf.map_fn(tf.io.read_file, path)}


@pytest.fixture
def base(tmp_path):
    """A folder with `reader`, which hands out any file, and the harmless `scale`."""
    module = ReadsFiles()
    folder = tmp_path / "models/reader/1"
    tf.saved_model.save(module, str(folder), signatures=module.predict)
    (tmp_path / "models/scale/1").mkdir(parents=True)
    write_onnx(tmp_path / "models/scale/1", 3.0)
    return tmp_path / "models"


def test_it_is_refused_before_it_is_loaded(base, monkeypatch, caplog):
    monkeypatch.setattr(tf.compat.v1.saved_model.loader, "load", None)
    with serving.Server(base, rest_api_port=0) as server:
        (line,) = [each for each in server.describe() if " version " in each]
        assert "scale version 1" in line
        with serving.Client(server.url) as client:
            np.testing.assert_array_equal(client.predict("scale", {"x": [2.0]})["y"], 6)
            with pytest.raises(ServingError, match="reader"):
                client.predict("reader", {"path": ["/etc/hostname"]})
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    message = record.getMessage()
    assert "its signatures reach ReadFile, which reads files" in message
    assert "--trust" in message
    assert "\n" not in message


def test_alone_it_is_one_line(base):
    server = serving.Server(base, model_name="reader", rest_api_port=0)
    with pytest.raises(ServingError, match="could be loaded. reader version 1: .*Read"):
        server.start()


def test_with_trust_it_is_served(base, tmp_path):
    (tmp_path / "note.txt").write_text("trusted")
    with (
        serving.Server(base, rest_api_port=0, trust=True) as server,
        serving.Client(server.url) as client,
    ):
        answer = client.predict("reader", {"path": [str(tmp_path / "note.txt")]})
    assert answer["content"].tolist() == ["trusted"]


@pytest.mark.parametrize("file", ["model.onnx", "onnx/logits/model.onnx"])
def test_onnx_with_data_of_others_is_refused(base, tmp_path, file):
    (base / "scale/1/onnx/logits").mkdir(parents=True)
    write_onnx(base / "scale/1/onnx/logits", 2.0)
    path = base / "scale/1" / file
    model = onnx.load(path)
    (factor,) = model.graph.initializer
    (tmp_path / "w.bin").write_bytes(factor.raw_data)
    factor.ClearField("raw_data")
    factor.data_location = onnx.TensorProto.EXTERNAL
    factor.external_data.add(key="location", value=str(tmp_path / "w.bin"))
    path.write_bytes(model.SerializeToString())
    server = serving.Server(base, model_name="scale", rest_api_port=0)
    with pytest.raises(ServingError, match="w.bin', which is not in its folder"):
        server.start()


def test_only_what_the_engine_loads_is_judged(base):
    """Beside an ONNX file that is served, nobody loads the SavedModel."""
    write_onnx(base / "reader/1", 2.0)
    with serving.Server(base, rest_api_port=0, engine="onnx") as server:
        lines = [each for each in server.describe() if " version " in each]
        assert len(lines) == 2


def test_models_of_tensorflow_1_are_served(tmp_path):
    """What TensorFlow Serving tests with, and a table over an asset."""
    save_half_plus_two(tmp_path / "models/half/1", tmp_path / "scratch")
    save_lookup_of_tensorflow_1(tmp_path / "models/lookup/1", tmp_path / "scratch")
    shutil.rmtree(tmp_path / "scratch")
    example = tf.train.Example()
    example.features.feature["x"].float_list.value.append(2.0)
    with (
        serving.Server(tmp_path / "models", rest_api_port=0) as server,
        serving.Client(server.url) as client,
    ):
        assert client.predict("half", {"x": [[1.0], [5.0]]})["y"].tolist() == [
            [2.5],
            [4.5],
        ]
        answer = client.predict(
            "half",
            {"inputs": np.array([example.SerializeToString()], object)},
            signature_name="classify_x_to_y",
        )
        assert answer["scores"].tolist() == [[3.0]]
        words = client.predict("lookup", {"x": ["green", "blue"]})
        assert words["y"].tolist() == [1, -1]


def test_what_initializes_a_model_is_no_signature_of_it(tmp_path):
    """TensorFlow offers it as one of a model of TensorFlow 1."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None], name="x")
        v1.saved_model.simple_save(
            session, str(tmp_path / "m/1"), {"x": x}, {"y": 2 * x}, tf.no_op("init")
        )
    with (
        serving.Server(tmp_path, rest_api_port=0) as server,
        serving.Client(server.url) as client,
    ):
        assert client.predict("m", {"x": [1.0]})["y"].tolist() == [2.0]
        with pytest.raises(ServingError, match="has no signature"):
            client.predict("m", {}, signature_name="__saved_model_init_op")
