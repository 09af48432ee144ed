"""What `zoo export` takes: files, folders, names; and the line for what it does not."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import export
import zoo
from export import ExportError
from export.formats import find_format
from zoo.errors import ZooError

from .programs import FLOATS, change, save

PLAIN = """
import keras

class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files and folders of models, as users have them."""
    folder = tmp_path_factory.mktemp("brought")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    model.save(folder / "a.keras")
    model.save(folder / "a.h5")
    model.save_weights(folder / "a.weights.h5")
    model.export(folder / "exported", verbose=False)
    x = keras.Input((4,))
    lambdas = keras.Model(x, layers.Lambda(lambda y: y * 2)(x))
    lambdas.save(folder / "code.keras")
    lambdas.save(folder / "code.h5")
    (folder / "twice.py").write_text(PLAIN)
    (folder / "junk.keras").write_text("x")
    (folder / "junk.h5").write_text("x")
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken/saved_model.pb").write_bytes(b"x")
    return folder


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "exported"])
def test_files_and_folders_of_models(folder, tmp_path, name):
    artifact = export.export_model(folder / name, tmp_path)
    assert artifact.path.parent.name == name.split(".")[0]
    assert artifact.manifest["formats"] == ["saved_model", "onnx"]
    described = artifact.manifest["signatures"]["serving_default"]
    ((inputs, _),) = described["inputs"].items()
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    expected = keras.saving.load_model(folder / "a.keras")(x)
    for each in artifact.manifest["formats"]:
        chosen = find_format(each)
        (outputs,) = chosen.predict(artifact.path, [("serving_default", {inputs: x})])
        (found,) = outputs.values()
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("code.keras", r"holds Python code .* \(--trust\)"),
        ("code.h5", r"holds Python code .* \(--trust\)"),
        ("junk.keras", "it is no .keras file"),
        ("junk.h5", "it is no .h5 file"),
        ("a.weights.h5", "holds weights but no model"),
        ("twice.py", "is no model"),
        ("empty", "not a run folder"),
        ("broken", "cannot be loaded|refused|damaged"),
        ("absent.keras", "There is no model file"),
        ("absent.h5", "There is no model file"),
    ],
)
def test_what_is_no_model_gets_one_line(folder, tmp_path, name, error):
    with pytest.raises(ZooError, match=error) as caught:
        export.export_model(folder / name, tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["code.keras", "code.h5"])
def test_code_runs_where_it_is_trusted(folder, tmp_path, name):
    assert export.export_model(folder / name, tmp_path, trust=True).path.is_dir()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_class_that_is_not_registered_is_imported(folder, tmp_path, suffix):
    """In processes of their own: a class stays known once it was imported."""
    code = (
        "import keras, twice; x = keras.Input((4,));"
        f"keras.Model(x, twice.Twice()(x)).save('{tmp_path}/own.{suffix}')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    command = ["export", tmp_path / f"own.{suffix}", "--base-path", tmp_path / "models"]
    failed = _zoo(*command)
    assert failed.returncode == 1
    assert "Twice', which is not known here" in failed.stderr
    done = _zoo("--import", folder / "twice.py", *command)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "models/own/1/manifest.json").is_file()


def _zoo(*arguments):
    command = [sys.executable, "-m", "zoo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_name_does_not_make_a_model_one_of_the_zoo(tmp_path):
    x = keras.Input((64,))
    mine = keras.Model(x, layers.Dense(3, activation="softmax")(x), name="mlp")
    mine.save(tmp_path / "mlp.keras")
    for given in (mine, tmp_path / "mlp.keras"):
        manifest = export.export_model(given, tmp_path / "models").manifest
        assert manifest["task"] is None
        outputs = manifest["signatures"]["serving_default"]["outputs"]
        assert outputs.keys().isdisjoint({"probabilities", "class_ids"})


@pytest.mark.parametrize("save", [False, True])
def test_a_model_of_the_zoo_keeps_its_task(tmp_path, save):
    model = zoo.create_model("mlp")
    if save:
        model.save(tmp_path / "saved.keras")
    given = tmp_path / "saved.keras" if save else model
    manifest = export.export_model(given, tmp_path / "models").manifest
    assert manifest["task"] == "classification"
    outputs = manifest["signatures"]["serving_default"]["outputs"]
    assert {"probabilities", "class_ids"} <= outputs.keys()


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        ({"inputs": np.ones((3, 5))}, r"has the shape \(3, 5\)"),
        ({"inputs": np.ones((0, 4))}, "has the shape"),
        ({"inputs": np.array([["a"] * 4])}, "holds <U1"),
        ({"one": np.ones((3, 4)), "two": np.ones((3, 4))}, r"has \['one', 'two'\]"),
    ],
)
def test_a_sample_that_does_not_fit(folder, tmp_path, arrays, error):
    np.savez(tmp_path / "sample.npz", **arrays)
    with pytest.raises(ExportError, match=error):
        export.export_model(
            folder / "a.keras", tmp_path, sample=tmp_path / "sample.npz"
        )


@pytest.mark.slow
def test_signatures_that_are_left_out_are_named(tmp_path, capsys):
    module = tf.Module()
    serve = tf.function(lambda x: {"y": 2 * x}, input_signature=[FLOATS])
    both = {"serving_default": serve, "halves": serve, "thirds": serve}
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=both)
    export.export_model(tmp_path / "m", tmp_path / "models")
    assert "'serving_default' is taken; it also has halves, thirds" in "".join(
        capsys.readouterr().err.replace("\n", " ")
    )


def _without_its_arguments(nodes):
    """An encoded value that says nothing: `NotEncodableError`."""
    for node in nodes:
        for value in node.function.function_spec.fullargspec.named_tuple_value.values:
            value.value.Clear()


def _without_its_fields(nodes):
    """A tuple without the fields that Python asks for: `AttributeError`."""
    for node in nodes:
        spec = node.function.function_spec.fullargspec
        if spec.HasField("named_tuple_value"):
            spec.named_tuple_value.ClearField("values")


@pytest.mark.parametrize("damage", [_without_its_arguments, _without_its_fields])
def test_a_damaged_saved_model_gets_one_line(damage, tmp_path):
    """Whatever TensorFlow's loader raises."""
    function = tf.function(tf.square, input_signature=[FLOATS])
    save(tmp_path / "m", tf.square, other=function)
    change(tmp_path / "m", lambda graph: damage(graph.object_graph_def.nodes))
    with pytest.raises(ExportError, match="m cannot be loaded") as caught:
        export.export_model(tmp_path / "m", tmp_path / "models")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_sample_decides_what_is_compared(folder, tmp_path):
    x = np.full((2, 4), 1234.5, "float32")
    np.savez(tmp_path / "sample.npz", inputs=x)
    artifact = export.export_model(
        folder / "a.keras", tmp_path, sample=tmp_path / "sample.npz"
    )
    pairs = export.parity.load_reference(artifact.path)["serving_default"]
    assert [len(inputs["inputs"]) for inputs, _ in pairs] == [1, 7]
    assert all((inputs["inputs"] == 1234.5).all() for inputs, _ in pairs)


def test_data_of_the_model_is_compared_too(tmp_path):
    artifact = export.export_model("mlp.iris", tmp_path, formats=["onnx"])
    *_, (inputs, _) = export.parity.load_reference(artifact.path)["serving_default"]
    (array,) = inputs.values()
    data = zoo.load_dataset("iris").test.x
    np.testing.assert_allclose(array, data[: len(array)])


@pytest.mark.slow
def test_old_versions_are_removed_but_never_the_newest(folder, tmp_path):
    for _ in range(3):
        export.export_model(folder / "a.keras", tmp_path, formats=["onnx"])
    assert export.publishing.versions(tmp_path / "a") == [1, 2, 3]
    export.export_model(folder / "a.keras", tmp_path, formats=["onnx"], keep=2)
    assert export.publishing.versions(tmp_path / "a") == [3, 4]
    with pytest.raises(ExportError, match="`keep` must be 1 or more"):
        export.export_model(folder / "a.keras", tmp_path, keep=0)


@pytest.mark.parametrize("version", [0, -1, 2**63])
def test_versions_are_int64(folder, tmp_path, version):
    with pytest.raises(ExportError, match=r"`version` must lie in 1\.\."):
        export.export_model(folder / "a.keras", tmp_path, version=version)


@pytest.mark.slow
def test_no_version_after_the_last(folder, tmp_path):
    artifact = export.export_model(folder / "a.keras", tmp_path, version=2**63 - 1)
    assert json.loads((artifact.path / "manifest.json").read_text())["version"] > 2**62
    with pytest.raises(ExportError, match=r"`version` must lie in 1\.\."):
        export.export_model(folder / "a.keras", tmp_path)
