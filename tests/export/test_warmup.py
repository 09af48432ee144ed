"""Warm-up requests are those of TensorFlow Serving, and each of them is answered."""

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

import export
from export import warmup
from export.formats.saved_model import read_saved_model


def replay(artifact):
    """Sends each request as TensorFlow Serving does; yields signature and batch."""
    loaded = tf.saved_model.load(str(artifact.path))
    (graph,) = read_saved_model(artifact.path).meta_graphs
    path = str(artifact.path / warmup.FILE)
    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        kind = log.WhichOneof("log_type").removesuffix("_log")
        request = getattr(log, f"{kind}_log").request
        assert request.model_spec.name == artifact.manifest["name"]
        name = request.model_spec.signature_name
        method = graph.signature_def[name].method_name
        assert method == f"tensorflow/serving/{kind}"
        if kind == "predict":
            tensors = {
                key: tf.constant(tf.make_ndarray(proto))
                for key, proto in request.inputs.items()
            }
        else:
            examples = request.input.example_list.examples
            tensors = {"inputs": tf.constant([e.SerializeToString() for e in examples])}
        answer = loaded.signatures[name](**tensors)
        (batch,) = {len(tensor) for tensor in tensors.values()}
        assert {len(output) for output in answer.values()} == {batch}
        yield name, batch


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "lenet5.digits",
        pytest.param("vae.digits", marks=pytest.mark.slow),
        pytest.param("char_gru.tiny_shakespeare", marks=pytest.mark.slow),
    ],
)
def test_every_signature_and_batch_size_is_replayed(shipped, name):
    artifact = shipped(name)
    found = collections.Counter(replay(artifact))
    names = artifact.manifest["signatures"]
    assert found == {(name, size): 1 for name in names for size in (1, 8, 32)}


def test_a_regression_is_replayed(tmp_path):
    x = keras.Input((3,), name="x")
    model = keras.Model(x, keras.layers.Dense(1, name="y")(x), name="mine")
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    assert ("regress", 8) in set(replay(artifact))


def test_a_fixed_batch_size_is_asked_for_once(tmp_path):
    x = keras.Input(batch_shape=(4, 3), name="x")
    flat = keras.ops.reshape(x, (12,))
    y = keras.ops.reshape(keras.ops.cumsum(flat), (4, 3))
    artifact = export.export_model(
        keras.Model(x, y, name="mine"), tmp_path, formats=["saved_model"]
    )
    inputs = artifact.manifest["signatures"]["serving_default"]["inputs"]
    sizes = (1, 8, 32) if inputs["x"]["shape"][0] is None else (4,)
    assert list(replay(artifact)) == [("serving_default", size) for size in sizes]


def test_large_batches_of_numbers_take_little_space(tmp_path):
    """Of an image of 64 x 64 pixels, 32 would take half a megabyte as they are."""
    image = keras.Input((64, 64, 1), name="image")
    x = keras.layers.GlobalAveragePooling2D()(image)
    model = keras.Model(image, keras.layers.Dense(2)(x), name="mine")
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    assert (artifact.path / warmup.FILE).stat().st_size < 2000
    assert len(list(replay(artifact))) == 3


def test_requests_are_valid_where_data_is_numbers(shipped):
    """The first number of a sample stands for all, so it is in their range."""
    path = str(shipped("char_gru.tiny_shakespeare").path / warmup.FILE)
    record = next(iter(tf.data.TFRecordDataset(path).as_numpy_iterator()))
    request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
    tokens = tf.make_ndarray(request.inputs["tokens"])
    assert np.all((tokens >= 0) & (tokens < 67))
