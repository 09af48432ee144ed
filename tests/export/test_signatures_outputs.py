"""Signatures with other outputs of a classifier: logits, features, labels."""

import json

import keras
import numpy as np
import onnx
import pytest

import export
import zoo
from export.errors import ParityError
from export.formats.saved_model import SavedModel
from export.signatures.logits import RawOutput

IRIS = np.float32([[5.1, 3.5, 1.4, 0.2], [6.3, 2.9, 5.6, 1.8], [5.9, 3.0, 4.2, 1.5]])
BOTH = pytest.mark.parametrize("format", ["saved_model", "onnx"])


@BOTH
def test_logits_features_and_labels_are_those_of_the_model(shipped, answer, format):
    model = zoo.create_model("mlp.iris", pretrained=True)
    logits = model(IRIS, training=False).numpy()
    head = model.get_layer("logits")
    features = keras.Model(model.input, head.input)(IRIS).numpy()

    def answered(name):
        return answer(shipped("mlp.iris"), name, {"features": IRIS}, format)

    np.testing.assert_allclose(answered("logits")["logits"], logits, atol=1e-5)
    found = answered("features")["feature_vector"]
    np.testing.assert_allclose(found, features, atol=1e-5)
    kernel, bias = head.get_weights()
    np.testing.assert_allclose(found @ kernel + bias, logits, atol=1e-4)
    named = answered("labels")
    assert named["labels"].tolist() == ["setosa", "virginica", "versicolor"]
    labels = np.array(shipped("mlp.iris").manifest["labels"])
    assert labels[named["class_ids"]].tolist() == named["labels"].tolist()
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        named["probabilities"], weights / weights.sum(axis=1, keepdims=True), atol=1e-5
    )


def test_the_default_has_numbers_only_in_both_formats(shipped):
    """Strings would keep runtimes without them from running `model.onnx`."""
    signature = shipped("mlp.iris").manifest["signatures"]["serving_default"]
    kinds = {tensor["dtype"] for tensor in signature["outputs"].values()}
    assert kinds == {"float32", "int64"}
    assert signature["formats"] == ["saved_model", "onnx"]


def test_each_onnx_file_is_one_signature_of_the_manifest(shipped):
    artifact = shipped("mlp.iris")
    held = {
        name
        for name, each in artifact.manifest["signatures"].items()
        if "onnx" in each["formats"]
    }
    assert held == {"serving_default", "logits", "features", "labels", "names"}
    files = {path.parent.name: path for path in artifact.path.glob("onnx/*/model.onnx")}
    assert files.keys() == held - {"serving_default"}
    for name, path in files.items():
        assert path.relative_to(artifact.path).as_posix() in artifact.manifest["files"]
        graph = onnx.load(path).graph
        outputs = {each.name for each in graph.output}
        assert outputs == artifact.manifest["signatures"][name]["outputs"].keys()
        operators = {node.op_type for node in graph.node}
        assert ("Softmax" in operators) == (name == "labels")


def test_verify_compares_each_signature_that_a_format_holds(shipped):
    figures = export.verify(shipped("mlp.iris").path)["max_difference"]
    assert {"logits", "feature_vector", "labels"} <= figures["onnx"].keys()
    assert {"scores", "classes"} & figures["onnx"].keys() == set()
    assert {"scores", "classes"} <= figures["saved_model"].keys()


def test_a_signature_that_a_file_holds_unsaid_is_found(shipped, tmp_path):
    import shutil

    from export import manifest

    copy = shutil.copytree(shipped("mlp.iris").path, tmp_path / "mlp.iris" / "1")
    content = json.loads((copy / "manifest.json").read_text())
    content["signatures"]["logits"]["formats"] = ["saved_model"]
    manifest.write(copy, content)
    with pytest.raises(export.ExportError, match="model.onnx has the signatures"):
        export.verify(copy)


@pytest.mark.parametrize("name", ["logits", "features", "labels"])
def test_a_difference_in_any_signature_is_found(tmp_path, monkeypatch, name):
    predict = SavedModel.predict

    def off_by_a_little(format, folder, requests):
        outputs = predict(format, folder, requests)
        for (signature, _), found in zip(requests, outputs, strict=True):
            if signature == name:
                output = next(iter(found.keys() - {"class_ids"} - {"probabilities"}))
                changed = found[output]
                is_text = changed.dtype.kind == "U"
                found[output] = changed[::-1] if is_text else changed + np.float32(1e-3)
            yield found

    monkeypatch.setattr(SavedModel, "predict", off_by_a_little)
    with pytest.raises(ParityError, match="saved_model artifact differs"):
        export.export_model("mlp.iris", tmp_path, formats=["saved_model"])


@pytest.mark.slow
def test_probabilities_of_another_model_are_found(tmp_path, monkeypatch):
    """The reference of `logits` is the model's own call, not the exported graph."""
    kept = RawOutput.__call__

    def of_another(signature, inputs):
        bias = signature.model.get_layer("logits").bias
        bias.assign_add([0.01, 0, 0])
        try:
            return kept(signature, inputs)
        finally:
            bias.assign_sub([0.01, 0, 0])

    monkeypatch.setattr(RawOutput, "__call__", of_another)
    with pytest.raises(ParityError, match="differs from the model: logits by"):
        export.export_model("mlp.iris", tmp_path)


def test_a_model_without_a_hidden_layer_has_no_features(tmp_path):
    artifact = export.export_model(zoo.create_model("softmax_regression"), tmp_path)
    names = artifact.manifest["signatures"].keys()
    assert names == {"serving_default", "logits", "features", "classify"} or names == {
        "serving_default",
        "logits",
        "classify",
    }


def test_a_users_model_has_its_own_call_alone(tmp_path):
    x = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="relu")(x)
    model = keras.Model(x, keras.layers.Dense(2, name="y")(hidden), name="mlp")
    artifact = export.export_model(model, tmp_path)
    assert artifact.manifest["signatures"].keys() == {"serving_default"}
    assert not (artifact.path / "onnx").exists()


def test_every_signature_is_described_in_one_line(shipped):
    for name in ("mlp.iris", "lenet5.digits"):
        for each in shipped(name).manifest["signatures"].values():
            assert each["description"]
            assert "\n" not in each["description"]
            assert each["method"] in ("predict", "classify", "regress")
