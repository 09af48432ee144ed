"""Smaller forms: what they cost is measured, stated, and limited."""

import json

import keras
import numpy as np
import pytest
from keras import layers

import export
from export import ExportError, ParityError, compression, figures, publishing
from export.formats import find_format

slow = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "calibration"),
    [
        ("onnx", "int8", None),
        pytest.param("onnx", "float16", None, marks=slow),
        pytest.param("onnx", "int8", "digits", marks=slow),
        pytest.param("litert", "int8", None, marks=slow),
        pytest.param("litert", "int8", "digits", marks=slow),
        pytest.param("litert", "float16", None, marks=slow),
    ],
)
def test_a_convolutional_model(tmp_path, name, kind, calibration):
    artifact = export.export_model(
        "lenet5.digits",
        tmp_path,
        formats=["saved_model", name],
        compress=kind,
        calibration=calibration,
    )
    stated = artifact.manifest["compressed"]
    assert stated.keys() == {name}
    assert stated[name]["kind"] == kind
    assert stated[name]["activations"] == ("static" if calibration else "dynamic")
    size = stated[name]["bytes"]
    assert size["after"] < size["before"] * {"int8": 0.35, "float16": 0.55}[kind]
    chosen = find_format(name)
    assert size["after"] == (artifact.path / chosen.artifact).stat().st_size
    figure = stated[name]["figure"]
    assert figure["name"] == "accuracy"
    assert figure["before"] == pytest.approx(357 / 360)  # the published one
    assert figure["after"] > 0.98
    differences = export.verify(artifact.path)["max_difference"]
    assert differences == artifact.manifest["parity"]["max_difference"]
    # The SavedModel stays what the model is.
    assert differences["saved_model"]["probabilities"] < 1e-5
    assert differences[name]["probabilities"] > 1e-5
    if name == "onnx":
        assert differences[name].keys() >= {"logits", "feature_vector", "labels"}
        assert 1e-5 < differences[name]["logits"] < 1
        sizes = [p.stat().st_size for p in artifact.path.glob("onnx/*/model.onnx")]
        assert len(sizes) == 4
        assert max(sizes) < size["before"] * 0.6


@slow
@pytest.mark.parametrize("name", ["onnx", "litert"])
def test_recurrent_models_and_regression(tmp_path, name):
    """LiteRT runs the loop for one sample at a time, without TensorFlow's operators."""
    artifact = export.export_model(
        "forecaster.toy_series", tmp_path, formats=[name], compress="int8"
    )
    figure = artifact.manifest["compressed"][name]["figure"]
    assert figure["name"] == "rmse"
    assert figure["before"] == pytest.approx(0.5637, abs=1e-3)
    assert abs(figure["after"] / figure["before"] - 1) < 0.01
    export.verify(artifact.path)


@slow
def test_a_recurrent_model_in_litert_answers_batches(tmp_path):
    artifact = export.export_model(
        "lstm_classifier.mnist", tmp_path, formats=["litert"]
    )
    assert artifact.manifest["parity"]["max_difference"]["litert"]["class_ids"] == 0
    assert artifact.manifest["parity"]["batch_sizes"] == [1, 7]


def test_a_drop_is_refused(tmp_path, monkeypatch):
    measured = iter([figures.Figure("accuracy", x, True) for x in (0.99, 0.975)])
    monkeypatch.setattr(figures, "measure", lambda *_: next(measured))
    with pytest.raises(ExportError, match=r"accuracy 0\.9750 instead of 0\.9900"):
        export.export_model("mlp.iris", tmp_path, formats=["onnx"], compress="int8")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "after", "is_share", "lost"),
    [(0.99, 0.975, True, 1.5), (0.5, 0.6, True, -10), (2.0, 2.1, False, 5)],
)
def test_what_is_lost(before, after, is_share, lost):
    first, second = (figures.Figure("f", x, is_share) for x in (before, after))
    assert second.loss_since(first) == pytest.approx(lost)


def test_a_model_of_a_user_is_told_that_nothing_was_measured(tmp_path, capsys):
    x = keras.Input((16,))
    model = keras.Model(x, layers.Dense(8)(x), name="mine")
    artifact = export.export_model(model, tmp_path, formats=["onnx"], compress="int8")
    assert artifact.manifest["compressed"]["onnx"]["figure"] is None
    assert "test figure of onnx in int8 is not known" in capsys.readouterr().err


def test_another_compressed_model_is_found(tmp_path):
    """Its differences are none that the manifest states."""
    x = keras.Input((16,))
    keras.utils.set_random_seed(0)
    models = [keras.Model(x, {"y": layers.Dense(8)(x)}, name="mine") for _ in range(2)]
    one, other = (
        export.export_model(model, tmp_path, formats=["onnx"], compress="int8").path
        for model in models
    )
    (one / "model.onnx").write_bytes((other / "model.onnx").read_bytes())
    content = json.loads((one / "manifest.json").read_text())
    content["files"] = publishing.manifest.file_table(one)
    publishing.manifest.write(one, {k: v for k, v in content.items() if k != "sha256"})
    with pytest.raises(ParityError, match="compressed onnx artifact differs"):
        export.verify(one)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"compress": "int4"}, "`compress` is one of int8, float16"),
        ({"compress": "int8", "formats": ["saved_model"]}, "add onnx or litert"),
        ({"opset": 12}, "`opset` must be 13 to 18"),
        ({"opset": 17, "formats": ["saved_model"]}, "`opset` is of ONNX"),
    ],
)
def test_options_that_do_not_fit(tmp_path, options, error):
    with pytest.raises(ExportError, match=error):
        export.export_model("mlp.iris", tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_calibration_data_has_to_fit(tmp_path):
    with pytest.raises(ExportError, match=r"has the shape \(3, 5\)"):
        export.export_model(
            "mlp.iris",
            tmp_path,
            formats=["onnx"],
            compress="int8",
            calibration=np.ones((3, 5)),
        )


def test_the_kinds():
    assert compression.KINDS == ("int8", "float16")
