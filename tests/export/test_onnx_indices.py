"""An index that the model refuses is refused by its ONNX; others give the same."""

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from keras import layers, ops

import custom_layers
import export
from export import ExportError

from .onnx_models import operators, run, written

TABLE = np.arange(10.0, dtype="float32").reshape(5, 2)
IDS = [[0, 1, 2], [-6, 1, 2], [-5, 0, 1], [-1, 1, 2], [4, 4, 4], [5, 1, 2], [7, -1, 0]]


class Function(layers.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, ids):
        return self.function(ids)


def _flat(reduce):
    """Reduces over all ids of a batch, and gives the result to each sample."""

    def call(ids):
        flat = tf.reshape(ids, [-1])
        data = tf.range(1.0, tf.cast(tf.size(flat) + 1, "float32"))[:, None] * [1.0, -2]
        reduced = reduce(data, flat)
        return tf.repeat(reduced[None], tf.shape(ids)[0], axis=0)

    return call


def _chased(ids):
    """Follows each id through a table, as many times as the table is long."""
    following = tf.constant([1, 2, 3, 4, -1], "int64")

    def step(count, at):
        return count + 1, tf.gather(following, at)

    return tf.while_loop(lambda count, _: count < 2, step, (0, ids))[1]


MODELS = {
    "embedding": layers.Embedding(5, 2),
    "our embedding": custom_layers.Embedding(5, 2),
    "take": Function(lambda ids: ops.take(TABLE, ids, axis=0)),
    "take along the last axis": Function(lambda ids: ops.take(TABLE.T, ids, axis=1)[0]),
    "gather": Function(lambda ids: tf.gather(TABLE, ids)),
    "gather int32": Function(lambda ids: tf.gather(TABLE, tf.cast(ids, "int32"))),
    "gather computed": Function(lambda ids: tf.gather(TABLE, ids - 1)),
    "gather_nd": Function(lambda ids: tf.gather_nd(TABLE, ids[..., None])),
    "gather by rows": Function(lambda ids: tf.gather(ids, ids % 3, batch_dims=1)),
    "take_along_axis": Function(
        lambda ids: ops.take_along_axis(
            tf.repeat(TABLE[None, :, 0], tf.shape(ids)[0], axis=0), ids, axis=1
        )
    ),
    "in a loop": Function(_chased),
    "scatter": Function(
        lambda ids: tf.tensor_scatter_nd_update(
            tf.zeros([tf.shape(ids)[0], 5]),
            tf.stack([tf.range(tf.shape(ids, "int64")[0]), ids[:, 0]], axis=1),
            tf.ones(tf.shape(ids)[:1]),
        )
    ),
    "one_hot": Function(lambda ids: ops.one_hot(ids, 5)),
    "multi_hot": layers.CategoryEncoding(5, output_mode="multi_hot"),
    "count": layers.CategoryEncoding(5, output_mode="count"),
    "count of a vector": Function(
        lambda ids: tf.repeat(
            tf.math.bincount(
                tf.reshape(tf.cast(ids, "int32"), [-1]), minlength=5, maxlength=5
            )[None],
            tf.shape(ids)[0],
            axis=0,
        )
    ),
    "weighted count": Function(
        lambda ids: tf.math.bincount(
            tf.cast(ids, "int32"),
            weights=tf.cast(ids, "float32") + 0.5,
            minlength=5,
            maxlength=5,
            axis=-1,
        )
    ),
    "sum by id": Function(_flat(lambda x, s: tf.math.unsorted_segment_sum(x, s, 5))),
    "product by id": Function(
        _flat(lambda x, s: tf.math.unsorted_segment_prod(x, s, 5))
    ),
    "maximum by id": Function(
        _flat(lambda x, s: tf.math.unsorted_segment_max(x, s, 5))
    ),
    "minimum by id": Function(
        _flat(lambda x, s: tf.math.unsorted_segment_min(x, s, 5))
    ),
    "Keras' sum by id": Function(_flat(lambda x, s: ops.segment_sum(x, s, 5))),
}


def _model(layer):
    ids = keras.Input((3,), dtype="int64", name="ids")
    return keras.Model(ids, layer(ids))


def _exported(layer, folder, opset=18):
    model = _model(layer)
    sample = {"ids": np.array(6 * [[1, 2, 3]])}
    options = {"formats": ("onnx",), "opset": opset, "sample": sample}
    artifact = export.export_model(model, folder, name="m", **options)
    return model, onnx.load(artifact.path / "model.onnx")


def _answer(call):
    try:
        return np.asarray(call())
    except Exception as error:
        return type(error)


def _check(model, exported):
    refused = 0
    for row in IDS:
        ids = np.array(6 * [row])
        expected = _answer(lambda ids=ids: model(ids))
        found = _answer(lambda ids=ids: run(exported, {"ids": ids})[0])
        if isinstance(expected, type):
            refused += 1
            assert isinstance(found, type), row
        else:
            np.testing.assert_allclose(found, expected, 1e-6)
    assert refused < len(IDS)


@pytest.mark.parametrize("name", MODELS)
def test_an_index_is_refused_by_both_or_by_none(name, tmp_path):
    _check(*_exported(MODELS[name], tmp_path))


def test_without_operators_of_bits_too(tmp_path):
    _check(*_exported(MODELS["gather"], tmp_path, opset=13))


def test_an_embedding_is_one_gather(tmp_path):
    _, exported = _exported(layers.Embedding(5, 2), tmp_path)
    assert operators(exported) == {"Gather": 1}


def test_indices_that_cannot_be_negative_are_not_checked(tmp_path):
    def call(ids):
        return tf.gather(TABLE, tf.argmax(ids, -1) + tf.shape(ids, "int64")[0] % 2)

    _, exported = _exported(Function(call), tmp_path)
    assert "BitwiseAnd" not in operators(exported)


def test_the_rounds_of_a_recurrent_loop_are_not_checked(tmp_path):
    class Cell(layers.SimpleRNNCell):
        pass

    x = keras.Input((None, 3), name="x")
    exported = written(keras.Model(x, layers.RNN(Cell(4))(x)), tmp_path)
    assert operators(exported)["Loop"] == 1
    assert "BitwiseAnd" not in operators(exported)


@pytest.mark.parametrize("opset", [13, 16])
def test_sums_by_id_ask_for_an_opset(opset, tmp_path):
    with pytest.raises(ExportError, match="before opset 18"):
        _exported(MODELS["maximum by id"], tmp_path, opset)


def test_sorted_segments_are_refused(tmp_path):
    call = _flat(lambda x, ids: tf.math.segment_sum(x, tf.sort(ids)))
    with pytest.raises(ExportError, match="no operator for SegmentSum"):
        _exported(Function(call), tmp_path)
