"""The format and the engine of docs/your-own-formats-and-engines.md, as a user's."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

import export
import serving
from export import manifest
from export.formats import find_format, list_formats
from serving.engines import list_engines
from tests.docs.snippets import printed_file
from zoo.errors import ArgumentError, UnknownNameError


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The user's file, which only the processes of a test import."""
    path = tmp_path_factory.mktemp("own") / "my_npz.py"
    path.write_text(printed_file("docs/your-own-formats-and-engines.md", path.name))
    return path


@pytest.fixture(scope="module")
def model():
    features = keras.Input((4,), name="features")
    scores = keras.layers.Dense(2, name="scores", bias_initializer="ones")(features)
    return keras.Model(features, scores, name="linear")


@pytest.fixture(scope="module")
def published(own, model, tmp_path_factory):
    """The version folder of the model in one format of ours and the user's."""
    folder = tmp_path_factory.mktemp("published")
    model.save(folder / "linear.keras")
    formats = ["--formats", "saved_model,npz", "--base-path", str(folder / "models")]
    output = run([*zoo(own), "export", folder / "linear.keras", *formats, "--json"])
    content = json.loads(output)["manifest"]
    assert content["formats"] == ["saved_model", "npz"]
    assert "dense.npz" in content["files"]
    assert content["versions"]["numpy"] == np.__version__
    assert content["parity"]["max_difference"]["npz"]["scores"] < 1e-5
    return folder / "models" / "linear" / "1"


def zoo(own):
    return [sys.executable, "-m", "zoo", "--import", own]


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_nothing_of_it_is_known_here():
    assert "npz" not in list_formats()
    assert "numpy" not in list_engines()


@pytest.mark.slow
def test_an_own_format_is_verified_where_it_is_imported(own, published, tmp_path):
    with pytest.raises(UnknownNameError, match=r"format 'npz'.*zoo --import FILE"):
        export.verify(published)
    wrong = shutil.copytree(published, tmp_path / "1")
    weights = dict(np.load(wrong / "dense.npz"))
    np.savez(wrong / "dense.npz", **weights | {"kernel": weights["kernel"] * 1.01})
    content = manifest.read(wrong) | {"files": manifest.file_table(wrong)}
    manifest.write(wrong, content)
    script = """
import sys, export, zoo.plugins
zoo.plugins.import_plugin(sys.argv[3])
print(sorted(export.verify(sys.argv[1])["max_difference"]))
try:
    export.verify(sys.argv[2])
except export.ParityError as error:
    print(error)
"""
    lines = run([sys.executable, "-c", script, published, wrong, own]).splitlines()
    assert lines[0] == "['npz', 'saved_model']"
    assert lines[1].startswith("The npz artifact differs from the model: scores by ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "chosen"), [("numpy", "numpy"), ("auto", "tensorflow")]
)
def test_an_own_engine_serves(own, model, published, engine, chosen):
    """By its name; where its artifact lies beside a SavedModel, `auto` prefers that."""
    ports = ["--rest-api-port", "0", "--port", "0"]
    base = ["--model-base-path", published.parent, "--engine", engine]
    command = [*zoo(own), "serve", *base, *ports]
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert f"linear version 1 ({chosen})" in line
            url = line.partition(" at ")[2].partition("/v1/")[0]
            with serving.Client(url) as client:
                scores = client.predict("linear", {"features": x})["scores"]
        finally:
            process.terminate()
        assert process.wait(60) == 0
    np.testing.assert_allclose(scores, model(x), atol=1e-5)


def test_help_lists_own_names(own):
    assert "npz|" in run([*zoo(own), "export", "--help"])
    assert "|numpy|" in run([*zoo(own), "serve", "--help"])


def test_incomplete_classes_are_refused():
    class Nameless(export.Format):
        artifact = "x"

        def write(self, signatures, folder, metadata):
            pass

    class Auto(serving.Engine):
        name = "auto"
        artifact = "x"

        def __init__(self, version_path, options):
            pass

        def predict(self, signature_name, inputs):
            pass

        def close(self):
            pass

    with pytest.raises(ArgumentError, match="Nameless .* it lacks name, predict; see"):
        export.register_format(Nameless)
    with pytest.raises(ArgumentError, match="lacks the base class Engine"):
        serving.register_engine(Nameless)
    with pytest.raises(ArgumentError, match="'auto' is no name for an engine"):
        serving.register_engine(Auto)


def test_names_are_taken_once():
    class Second(type(find_format("onnx"))):
        pass

    with pytest.raises(ArgumentError, match="Format 'onnx' is registered twice"):
        export.register_format(Second)
