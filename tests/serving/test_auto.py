"""`auto` takes the faster engine where the manifest proves it, and loses nothing."""

import logging
import shutil
import subprocess
import sys
from importlib.machinery import PathFinder

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
from export import manifest
from export.errors import UnsafeModelError
from serving.engines import load_engine
from serving.errors import Code, StatusError
from serving.models.loading import first_engine, load_version
from serving.options import ServerOptions

NAME = "serving_default"
X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A linear model in both formats, and the signature `copy` of the SavedModel."""
    keras.utils.set_random_seed(0)
    features = keras.Input((4,), name="features")
    scores = keras.layers.Dense(2, name="scores")(features)
    model = keras.Model(features, scores, name="linear")
    folder = tmp_path_factory.mktemp("models")
    path = export.export_model(model, folder).path
    _add_copy(path)
    return path


def _add_copy(path):
    """Writes a SavedModel that answers otherwise, so that it tells who answered."""

    @tf.function(
        input_signature=[tf.TensorSpec([None, 4], tf.float32, name="features")]
    )
    def serve(features):
        return {"scores": 0 * features[:, :2] + 7}

    shutil.rmtree(path / "variables")
    signatures = {NAME: serve, "copy": serve}
    tf.saved_model.save(tf.Module(), str(path), signatures=signatures)
    content = manifest.read(path)
    default = content["signatures"][NAME]
    content["signatures"]["copy"] = default | {"formats": ["saved_model"]}
    manifest.write(path, content | {"files": manifest.file_table(path)})


@pytest.fixture
def copied(published, tmp_path):
    return shutil.copytree(published, tmp_path / "linear" / "1")


def change(path, change):
    content = manifest.read(path)
    change(content)
    manifest.write(path, content)


def test_proven_signatures_are_onnx_and_the_others_on_demand(published, caplog):
    caplog.set_level(logging.DEBUG, "serving")
    engine = load_version(published, ServerOptions())
    assert engine.name == "onnx, tensorflow on demand"
    assert "onnx for serving_default, as the manifest proves" in caplog.text
    assert "tensorflow on demand for copy" in caplog.text
    assert set(engine.signatures) == {NAME, "copy"}
    expected = load_engine(published, "onnx").predict(NAME, {"features": X})["scores"]
    got = engine.predict(NAME, {"features": X})["scores"]
    np.testing.assert_array_equal(got, expected)
    assert not engine.is_ready("copy")
    assert (engine.predict("copy", {"features": X})["scores"] == 7).all()
    assert engine.is_ready("copy")
    engine.close()


def test_it_starts_without_tensorflow(published):
    code = """
import pathlib, sys
from serving.models.servable import Servable
from serving.options import ServerOptions
servable = Servable("linear", 1, pathlib.Path(sys.argv[1]))
servable.load(ServerOptions())
print(servable.engine.name, "tensorflow" in sys.modules)
"""
    command = [sys.executable, "-c", code, str(published)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.split("\n")[0] == "onnx, tensorflow on demand False"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content["parity"]["max_difference"]["onnx"].update(scores=1e-3),
        lambda content: content["parity"]["max_difference"].pop("onnx"),
        lambda content: content["parity"].pop("tolerance"),
        lambda content: content["signatures"][NAME].update(formats=["saved_model"]),
    ],
    ids=["different", "not compared", "no tolerance", "not listed"],
)
def test_without_proof_it_is_the_saved_model(spoil, copied):
    change(copied, spoil)
    assert first_engine(copied, ServerOptions()).name == "tensorflow"


def test_a_large_tolerance_proves_nothing(copied):
    def spoil(content):
        content["parity"]["tolerance"] = 1.0
        content["parity"]["max_difference"]["onnx"]["scores"] = 0.5

    change(copied, spoil)
    assert first_engine(copied, ServerOptions()).name == "tensorflow"


def test_without_a_manifest_it_is_the_saved_model(copied):
    (copied / manifest.FILE).unlink()
    assert first_engine(copied, ServerOptions()).name == "tensorflow"
    (copied / "saved_model.pb").unlink()
    assert first_engine(copied, ServerOptions()).name == "onnx"


def test_where_the_option_prefers_it_litert_comes_first(copied):
    options = ServerOptions(prefer_tflite_model=True)
    assert first_engine(copied, options).name == "onnx"
    (copied / "model.tflite").touch()
    assert first_engine(copied, options).name == "litert"
    assert first_engine(copied, ServerOptions()).name == "onnx"


def test_without_tensorflow_the_rest_is_served(published, monkeypatch, caplog):
    monkeypatch.setattr(PathFinder, "find_spec", lambda name: None)
    engine = load_version(published, ServerOptions())
    assert (engine.name, list(engine.signatures)) == ("onnx", [NAME])
    assert "is served without copy, which need TensorFlow" in caplog.text


def test_what_is_loaded_on_demand_is_inspected_first(copied, monkeypatch):
    engine = load_version(copied, ServerOptions())

    asked = []

    def refuse(folder, artifact):
        asked.append(artifact)
        raise UnsafeModelError(f"{artifact} is refused")

    monkeypatch.setattr("serving.models.loading.inspection.check", refuse)
    for _ in range(2):
        with pytest.raises(StatusError, match=r"saved_model\.pb is refused") as caught:
            engine.predict("copy", {"features": X})
        assert caught.value.code is Code.PERMISSION_DENIED
    assert asked == ["saved_model.pb"]  # nor is it tried again at each call
    assert engine.predict(NAME, {"features": X})["scores"].shape == (3, 2)
