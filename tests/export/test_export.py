import json
import os
import threading
import time

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf

import custom_layers
import export
import zoo
from export import publishing, warmup
from export.errors import ExportError
from zoo.errors import ZooError


def everything_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_layout(published):
    assert published.path.name == "1"
    assert published.path.parent.name == "lenet5"
    names = {path.name for path in published.path.iterdir()}
    assert names == {
        "assets",
        "assets.extra",
        "fingerprint.pb",
        "manifest.json",
        "model.onnx",
        "onnx",
        "saved_model.pb",
        "test_data_set_0",
        "test_data_set_1",
        "variables",
    }
    assert everything_below(published.path.parent.parent)[:2] == ["lenet5", "lenet5/1"]


def test_manifest(published):
    manifest = json.loads((published.path / "manifest.json").read_text())
    assert manifest == json.loads(json.dumps(published.manifest))
    assert (manifest["name"], manifest["version"]) == ("lenet5", 1)
    assert manifest["task"] == "classification"
    assert manifest["signatures"]["serving_default"]["inputs"] == {
        "image": {"dtype": "float32", "shape": [None, 8, 8, 1]}
    }
    assert manifest["signatures"]["serving_default"]["outputs"] == {
        "probabilities": {"dtype": "float32", "shape": [None, 10]},
        "class_ids": {"dtype": "int64", "shape": [None]},
    }
    assert manifest["preprocessing"]["layers"][0]["class"] == "Normalization"
    assert {"keras", "tensorflow", "onnx"} <= manifest["versions"].keys()
    assert "model.onnx" in manifest["files"]
    assert manifest["parity"]["tolerance"] == 1e-5


@pytest.mark.slow
def test_labels_and_origin_of_a_run_travel(tmp_path):
    data = zoo.load_dataset("iris")
    run = zoo.train("mlp", dataset=data, epochs=1, output=tmp_path / "run", jit="off")
    by_run = export.export_model(run, tmp_path)
    by_folder = export.export_model(tmp_path / "run", tmp_path)
    assert [by_run.path.name, by_folder.path.name] == ["1", "2"]
    for artifact in (by_run, by_folder):
        assert list(artifact.manifest["labels"]) == list(data.labels)
        assert artifact.manifest["dataset"] == "iris"
        assert artifact.manifest["recipe"]["epochs"] == 1
    properties = onnx.load(by_run.path / "model.onnx").metadata_props
    metadata = {entry.key: entry.value for entry in properties}
    assert json.loads(metadata["labels"]) == list(data.labels)
    assert metadata["name"] == "mlp"


def test_saved_model_signature(published):
    loaded = tf.saved_model.load(published.path)
    serve = loaded.signatures["serving_default"]
    assert serve.structured_input_signature[1]["image"].shape.as_list() == [
        None,
        *(8, 8, 1),
    ]
    answer = serve(image=tf.zeros((3, 8, 8, 1)))
    assert answer["probabilities"].shape == (3, 10)
    assert answer["class_ids"].dtype == tf.int64
    np.testing.assert_allclose(tf.reduce_sum(answer["probabilities"], -1), 1, atol=1e-6)


def test_onnx_names_axes_and_types(published):
    session = onnxruntime.InferenceSession(published.path / "model.onnx")
    (image,) = session.get_inputs()
    outputs = {output.name: output for output in session.get_outputs()}
    assert (image.name, image.shape, image.type) == (
        "image",
        ["batch", 8, 8, 1],
        "tensor(float)",
    )
    assert outputs["probabilities"].shape == ["batch", 10]
    assert outputs["class_ids"].type == "tensor(int64)"
    answers = session.run(None, {"image": np.zeros((5, 8, 8, 1), "float32")})
    assert {answer.shape for answer in answers} == {(5, 10), (5,)}


def test_versions_count_up_and_can_be_chosen(tmp_path, model):
    versions = [
        export.export_model(model, tmp_path, formats=["onnx"], version=version)
        for version in (None, 7, None)
    ]
    assert [artifact.path.name for artifact in versions] == ["1", "7", "8"]
    with pytest.raises(ExportError, match="Version 7 of 'lenet5' is already published"):
        export.export_model(model, tmp_path, formats=["onnx"], version=7)


def test_versions_are_ordered_by_number(tmp_path):
    for name in ("9", "10", "100", "latest", ".publishing-1"):
        (tmp_path / name).mkdir()
    assert publishing.versions(tmp_path) == [9, 10, 100]


@pytest.mark.parametrize(
    ("formats", "present", "absent"),
    [
        (("onnx",), "model.onnx", "saved_model.pb"),
        (("saved_model",), "saved_model.pb", "model.onnx"),
    ],
)
def test_one_format(tmp_path, model, formats, present, absent):
    artifact = export.export_model(model, tmp_path, formats=formats)
    assert (artifact.path / present).exists()
    assert not (artifact.path / absent).exists()
    assert export.verify(artifact.path)["max_difference"].keys() == set(formats)


@pytest.mark.parametrize(
    ("formats", "text"),
    [
        ((), r"takes some of .*onnx.*\. Received: \(\)"),
        ("onnx", r"takes some of .*onnx.*\. Received: 'onnx'"),
        (("onx",), r"Unknown format 'onx'\. Did you mean onnx"),
        (("pickle",), r"Unknown format 'pickle'\. Known: .*onnx.*saved_model"),
    ],
)
def test_unknown_formats(tmp_path, model, formats, text):
    with pytest.raises(ZooError, match=text):
        export.export_model(model, tmp_path, formats=formats)
    assert everything_below(tmp_path) == []


def test_a_model_the_zoo_does_not_know(tmp_path):
    inputs = keras.Input((None, 3), name="series")
    outputs = keras.layers.Dense(2, name="forecast")(inputs)
    artifact = export.export_model(keras.Model(inputs, outputs, name="mine"), tmp_path)
    signature = artifact.manifest["signatures"]["serving_default"]
    assert signature["outputs"].keys() == {"forecast"}
    session = onnxruntime.InferenceSession(artifact.path / "model.onnx")
    assert session.get_inputs()[0].shape == ["batch", "time", 3]


@pytest.mark.slow
@pytest.mark.parametrize("open_time", [False, True])
def test_a_model_of_token_ids(tmp_path, open_time):
    """Ids are drawn from the vocabulary, and the loop is one operator."""
    tokens = keras.Input((None if open_time else 6,), dtype="int32", name="tokens")
    x = custom_layers.Embedding(5, 4, mask_zero=False)(tokens)
    x = custom_layers.LSTM(3)(x)
    outputs = custom_layers.Dense(2, name="scores")(x)
    artifact = export.export_model(keras.Model(tokens, outputs, name="mine"), tmp_path)
    assert export.verify(artifact.path)
    graph = onnx.load(artifact.path / "model.onnx").graph
    operators = [node.op_type for node in graph.node]
    assert operators.count("LSTM") == 1
    assert "Loop" not in operators


def test_another_backend(tmp_path, model, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ExportError, match="KERAS_BACKEND=tensorflow"):
        export.export_model(model, tmp_path)


def test_a_model_without_inputs(tmp_path):
    with pytest.raises(ExportError, match="no inputs yet"):
        export.export_model(keras.Sequential([keras.layers.Dense(2)]), tmp_path)


def test_no_model_is_published_that_diverged(tmp_path, model):
    model.get_layer("logits").bias.assign(np.full(10, np.nan))
    with pytest.raises(ExportError, match="logits/bias.* are not numbers"):
        export.export_model(model, tmp_path, formats=["onnx"])
    assert everything_below(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left")])
def test_an_interrupted_export_leaves_nothing(tmp_path, model, monkeypatch, stop):
    export.export_model(model, tmp_path, formats=["onnx"])
    before = everything_below(tmp_path)

    def interrupted(*_):
        raise stop

    monkeypatch.setattr(warmup, "write", interrupted)
    with pytest.raises((KeyboardInterrupt, ExportError)) as caught:
        export.export_model(model, tmp_path)
    assert everything_below(tmp_path) == before
    if caught.type is ExportError:
        assert "No space left; nothing was published" in str(caught.value)


def test_a_disk_that_is_full_while_tensorflow_writes(tmp_path, model, monkeypatch):
    def full(*_):
        raise tf.errors.ResourceExhaustedError(
            None, None, "/m/variables; No space left on device"
        )

    monkeypatch.setattr(tf.saved_model, "save", full)
    with pytest.raises(ExportError, match="No space left on device; nothing was"):
        export.export_model(model, tmp_path)
    assert everything_below(tmp_path) == []


def test_a_polling_server_never_sees_half(tmp_path, model):
    seen, done = set(), threading.Event()

    def poll():
        while not done.is_set():
            for path in tmp_path.glob("lenet5/[0-9]*"):
                seen.add((path / "manifest.json").exists())

    poller = threading.Thread(target=poll)
    poller.start()
    export.export_model(model, tmp_path, formats=["onnx"])
    time.sleep(0.05)
    done.set()
    poller.join()
    assert seen == {True}


def test_leftovers_of_a_killed_export_are_removed(tmp_path, model):
    left = tmp_path / "lenet5/.publishing-killed"
    recent = tmp_path / "lenet5/.publishing-running"
    for folder in (left, recent):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    export.export_model(model, tmp_path, formats=["onnx"])
    assert not left.exists()
    assert recent.exists()


def test_a_version_published_meanwhile_is_not_touched(tmp_path, model, monkeypatch):
    # Two exports that both saw that version 1 is free.
    real, answers = publishing.versions, iter([[]])
    export.export_model(model, tmp_path, formats=["onnx"])
    first = (tmp_path / "lenet5/1/manifest.json").read_text()
    monkeypatch.setattr(
        publishing, "versions", lambda folder: next(answers, real(folder))
    )
    assert export.export_model(model, tmp_path, formats=["onnx"]).path.name == "2"
    assert (tmp_path / "lenet5/1/manifest.json").read_text() == first


def test_a_base_path_that_is_not_writable(tmp_path, model):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ExportError, match=r"Cannot write to .*file.*Choose a folder"):
        export.export_model(model, tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path, model):
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="Cannot write to"):
        export.export_model(model, tmp_path)


@pytest.mark.parametrize("name", ["../escape", "", ".hidden", "a b"])
def test_names_that_are_no_folder(tmp_path, model, name):
    model.name = name
    with pytest.raises(ExportError, match="cannot be the name of a served model"):
        export.export_model(model, tmp_path / "models")
    assert everything_below(tmp_path) == []


def test_artifacts_can_be_read_by_others(published):
    assert all(path.stat().st_mode & 0o044 for path in published.path.rglob("*"))
    assert published.path.stat().st_mode & 0o055
