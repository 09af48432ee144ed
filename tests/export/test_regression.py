"""Artifacts of models for regression: outputs in the units of the targets."""

import json

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

import export
import zoo
from export.signatures.examples import records
from zoo.datasets import Split, make_regression_dataset

_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(120, 3)).astype("float32")
Y = np.stack([1e5 + 1e4 * X[:, 0], X[:, 1] / 10], axis=1)


@pytest.fixture(scope="module", params=[1, 2])
def published(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("regression")
    targets = ("price", "share")[: request.param]
    data = make_regression_dataset("mine", targets, Split(X, Y[:, : request.param]))
    run = zoo.train("linear_regression", dataset=data, epochs=1, output=folder / "run")
    return run, export.export_model(run, folder / "models"), targets


def test_predictions_are_those_of_the_model(published):
    run, artifact, targets = published
    expected = run.model.predict(X[:5], verbose=0)
    loaded = tf.saved_model.load(artifact.path)
    found = loaded.signatures["serving_default"](features=tf.constant(X[:5]))
    np.testing.assert_allclose(found["predictions"], expected, rtol=1e-5)
    session = onnxruntime.InferenceSession(artifact.path / "model.onnx")
    (found,) = session.run(["predictions"], {"features": X[:5]})
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert expected.shape == (5, len(targets))


def test_the_manifest_names_targets_and_their_scale(published):
    run, artifact, targets = published
    manifest = json.loads((artifact.path / "manifest.json").read_text())
    assert (manifest["task"], manifest["targets"]) == ("regression", list(targets))
    (layer,) = manifest["postprocessing"]["layers"]
    assert layer["name"] == "target_scale"
    mean = run.model.get_layer("target_scale").adapt_mean
    assert layer["weights"]["mean"] == pytest.approx(np.asarray(mean).tolist())
    names = [each["name"] for each in manifest["preprocessing"]["layers"]]
    assert names == ["normalization"]


def test_one_target_answers_tensorflow_servings_regress(published):
    run, artifact, targets = published
    loaded = tf.saved_model.load(artifact.path)
    assert ("regress" in loaded.signatures) == (len(targets) == 1)
    if len(targets) == 1:
        sent = tf.constant(records({"features": X[:4]}))
        found = loaded.signatures["regress"](inputs=sent)["outputs"]
        expected = run.model.predict(X[:4], verbose=0)[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
