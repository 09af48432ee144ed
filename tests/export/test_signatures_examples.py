"""`classify` and `regress`, as TensorFlow Serving wants them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from export.formats.saved_model import read_saved_model

IRIS = np.float32([[5.1, 3.5, 1.4, 0.2], [6.3, 2.9, 5.6, 1.8]])


def example(**features):
    """A record as a client writes it, with TensorFlow's own protocol buffers."""
    kinds = {float: "float_list", int: "int64_list", bytes: "bytes_list"}
    types = {
        "float_list": tf.train.FloatList,
        "int64_list": tf.train.Int64List,
        "bytes_list": tf.train.BytesList,
    }
    found = {}
    for name, values in features.items():
        kind = kinds[type(values[0])]
        found[name] = tf.train.Feature(**{kind: types[kind](value=values)})
    record = tf.train.Example(features=tf.train.Features(feature=found))
    return record.SerializeToString()


def records(*rows):
    array = np.empty(len(rows), object)
    array[:] = [example(**row) for row in rows]
    return {"inputs": array}


def test_classes_and_scores_of_records(shipped, answer):
    artifact = shipped("mlp.iris")
    logits = zoo.create_model("mlp.iris", pretrained=True)(IRIS)
    rows = [{"features": [float(x) for x in row]} for row in IRIS]
    found = answer(artifact, "classify", records(*rows))
    assert found.keys() == {"classes", "scores"}
    assert found["classes"].tolist() == [["setosa", "versicolor", "virginica"]] * 2
    np.testing.assert_allclose(found["scores"], tf.nn.softmax(logits), atol=1e-6)


def test_the_signature_def_has_the_method_of_its_request(shipped):
    (graph,) = read_saved_model(shipped("mlp.iris").path).meta_graphs
    methods = {k: v.method_name for k, v in graph.signature_def.items()}
    assert methods["classify"] == "tensorflow/serving/classify"
    assert methods["serving_default"] == "tensorflow/serving/predict"
    assert methods["logits"] == "tensorflow/serving/predict"
    classify = graph.signature_def["classify"]
    # What TensorFlow Serving's classify asks of a signature.
    assert set(classify.inputs) == {"inputs"}
    assert set(classify.outputs) == {"classes", "scores"}
    assert classify.inputs["inputs"].dtype == tf.string.as_datatype_enum
    assert classify.outputs["classes"].dtype == tf.string.as_datatype_enum


def test_the_fingerprint_is_that_of_the_file(shipped):
    path = shipped("mlp.iris").path
    stated = tf.saved_model.experimental.read_fingerprint(str(path))
    from tensorflow.python.saved_model.pywrap_saved_model import fingerprinting

    computed = fingerprinting.CreateFingerprintDef(str(path))
    from tensorflow.core.protobuf import fingerprint_pb2

    expected = fingerprint_pb2.FingerprintDef.FromString(computed)
    assert stated.saved_model_checksum == expected.saved_model_checksum


def _model(outputs, activation=None, shape=(4,)):
    features = keras.Input(shape, name="x")
    x = keras.layers.Flatten()(features)
    y = keras.layers.Dense(outputs, activation=activation, name="y")(x)
    return keras.Model(features, y, name="mine")


@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_one_number_of_each_record(tmp_path, answer, activation):
    model = _model(1, activation, (2, 2))
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    signature = artifact.manifest["signatures"]["regress"]
    assert signature["method"] == "regress"
    assert signature["outputs"] == {"outputs": {"dtype": "float32", "shape": [None]}}
    (graph,) = read_saved_model(artifact.path).meta_graphs
    method = graph.signature_def["regress"].method_name
    assert method == "tensorflow/serving/regress"
    x = np.float32([[[1, 2], [3, 4]], [[0, -1], [0, 0]]])
    found = answer(
        artifact, "regress", records(*({"x": [*map(float, r.flat)]} for r in x))
    )
    np.testing.assert_allclose(found["outputs"], model(x)[:, 0], atol=1e-6)


def test_a_users_softmax_is_classified_by_number(tmp_path, answer):
    model = _model(3, "softmax")
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    found = answer(artifact, "classify", records({"x": [1.0, 0.0, 2.0, -1.0]}))
    assert found["classes"].tolist() == [["0", "1", "2"]]
    expected = model(np.float32([[1, 0, 2, -1]]))
    np.testing.assert_allclose(found["scores"], expected, atol=1e-6)


def test_what_would_be_a_guess_is_left_out(tmp_path):
    """Several numbers that nobody calls probabilities are neither."""
    artifact = export.export_model(_model(3), tmp_path, formats=["saved_model"])
    assert artifact.manifest["signatures"].keys() == {"serving_default"}


def test_a_forecast_of_one_value_is_a_regression(tmp_path, answer):
    model = zoo.create_model("forecaster", window=4, horizon=1)
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    found = answer(artifact, "regress", records({"series": [1.0, 2.0, 3.0, 4.0]}))
    expected = model(np.float32([[[1], [2], [3], [4]]]))
    np.testing.assert_allclose(found["outputs"], expected[0], atol=1e-5)


@pytest.mark.slow
def test_records_of_integers_and_of_text(tmp_path, answer):
    """A fresh text model has no vocabulary, so it takes ids; a trained one text."""
    model = zoo.create_model("text_cnn")
    fresh = export.export_model(model, tmp_path, formats=["saved_model"])
    found = answer(fresh, "classify", records({"tokens": [2, 3, 4]}, {"tokens": [5]}))
    ids = np.int32([[2, 3, 4], [5, 0, 0]])
    expected = tf.nn.softmax(model(ids))
    np.testing.assert_allclose(found["scores"], expected, atol=1e-5)
    run = zoo.train("text_cnn", epochs=1, output=tmp_path / "run", jit="off")
    trained = export.export_model(run, tmp_path, formats=["saved_model"])
    found = answer(trained, "classify", records({"text": [b"the plot is dull"]}))
    of_text = answer(trained, "text", {"text": np.array(["the plot is dull"])})
    np.testing.assert_array_equal(found["scores"], of_text["probabilities"])
    assert found["classes"].tolist() == [list(trained.manifest["labels"])]
