"""SavedModels of TensorFlow 1 and 2, their errors, and the traits of signatures."""

import concurrent.futures
import json

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from serving.engines import Traits, load_engine
from serving.errors import Code, StatusError
from serving.options import ServerOptions
from serving.protocol.documents import metadata_document
from serving.protocol.messages import message
from serving.protocol.model_messages import metadata_message
from serving.protocol.predict_messages import decode_predict_message
from serving.protocol.tensor_proto import encode_tensor_proto

from .tensorflow_1 import (
    _save,
    example,
    save_counted_runs,
    save_counter,
    save_half_plus_three,
    v1,
)

FLOATS = [tf.TensorSpec([None], tf.float32, name="x")]


def load(folder, **options):
    return load_engine(folder, "tensorflow", ServerOptions(**options))


def save(folder, function, **attributes):
    """Saves `{"y": function(x)}` in TensorFlow 2."""
    module = tf.Module()
    for name, value in attributes.items():
        setattr(module, name, value)
    module.serve = tf.function(lambda x: {"y": function(x)}, input_signature=FLOATS)
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return load(folder)


def test_signatures_of_one_graph_with_several_methods(tmp_path):
    engine = load(save_half_plus_three(tmp_path / "1"))
    methods = {name: each.method_name for name, each in engine.signatures.items()}
    assert methods == {
        "serving_default": "tensorflow/serving/predict",
        "tensorflow/serving/classify": "tensorflow/serving/classify",
        "tensorflow/serving/regress": "tensorflow/serving/regress",
    }
    (x,) = engine.signatures["serving_default"].inputs.values()
    assert (x.tensor_name, x.dtype, x.shape) == ("x:0", "DT_FLOAT", None)
    y = engine.predict("serving_default", {"x": np.float32([[1], [2]])})
    assert y["y"].tolist() == [[3.5], [4]]
    examples = np.array([example(x=1.0)], object)
    for name, output in (("classify", "scores"), ("regress", "outputs")):
        answer = engine.predict(f"tensorflow/serving/{name}", {"inputs": examples})
        assert answer[output].tolist() == [[3.5]]


def test_shapes_are_the_graphs_matter(tmp_path):
    """As in TensorFlow Serving, whose README sends a vector there."""
    engine = load(save_half_plus_three(tmp_path / "1"))
    y = engine.predict("serving_default", {"x": np.float32([1, 2, 5])})["y"]
    assert y.tolist() == [3.5, 4, 5.5]


def test_a_counter_counts(tmp_path):
    """Variables that calls change, no inputs, scalars; loading it counts nothing."""
    engine = load(save_counter(tmp_path / "1"))
    call = engine.predict
    assert call("get_counter", {})["output"] == 0
    assert call("incr_counter", {})["output"] == 1
    assert call("incr_counter_by", {"delta": np.float32(2.5)})["output"] == 3.5
    assert call("get_counter", {})["output"] == 3.5
    assert call("reset_counter", {})["output"] == 0
    assert call("get_counter", {})["output"].shape == ()
    writing = {
        name for name in engine.signatures if engine.traits(name).has_side_effects
    }
    assert writing == {"incr_counter", "incr_counter_by", "reset_counter"}


def test_signatures_with_the_same_input_run_at_once(tmp_path):
    engine = load(save_counted_runs(tmp_path / "1"))
    inputs = {"inputs": np.array([example(x=1.0), example(x=2.0)], object)}
    both = ["regress", "classify"]
    alone = {name: engine.predict(name, inputs) for name in both}
    assert engine.predict("runs", {})["count"] == 2
    for _ in range(2):
        jointly = engine.predict_jointly(both, inputs)
        for name in both:
            for output, array in alone[name].items():
                np.testing.assert_array_equal(jointly[name][output], array)
    assert engine.predict("runs", {})["count"] == 4
    # Another tensor is another run.
    both = ["regress", "elsewhere"]
    assert engine.predict_jointly(both, inputs)["elsewhere"]["outputs"][1] == 6
    assert engine.predict("runs", {})["count"] == 5


def test_loops_and_side_effects_are_found_in_functions(tmp_path):
    count = tf.Variable(0.0)

    def repeat(x):
        return tf.while_loop(lambda y: tf.reduce_max(y) < 9, lambda y: [2 * y], [x])[0]

    plain = save(tmp_path / "plain", lambda x: x * count, count=count)
    looping = save(tmp_path / "looping", repeat)
    writing = save(tmp_path / "writing", lambda x: x + count.assign_add(1), count=count)
    random = save(tmp_path / "random", lambda x: x + tf.random.normal([]))
    assert plain.traits("serving_default") == Traits(False, False)
    assert looping.traits("serving_default") == Traits(True, False)
    assert writing.traits("serving_default") == Traits(False, True)
    assert random.traits("serving_default") == Traits(False, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "function"),
    [
        (Code.INVALID_ARGUMENT, lambda x: tf.reshape(x, [-1, 3])),
        (Code.FAILED_PRECONDITION, lambda x: x + _unset()),
        (Code.RESOURCE_EXHAUSTED, lambda x: tf.fill([2**26, 2**20], x[0])),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_errors_keep_their_code_and_cause_in_one_line(code, function, tmp_path):
    engine = save(tmp_path, function)
    with pytest.raises(StatusError) as caught:
        engine.predict("serving_default", {"x": np.float32([1, 2])})
    assert caught.value.code is code
    message = str(caught.value)
    assert message
    assert "\n" not in message
    assert "{{" not in message


def _unset():
    """Reads a variable that nothing has set."""
    handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="unset")
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)


def test_an_empty_batch_is_answered(tmp_path):
    engine = save(tmp_path, lambda x: x + 1)
    empty = {"x": np.zeros(0, np.float32)}
    assert engine.predict("serving_default", empty)["y"].shape == (0,)


def test_a_model_that_fails_on_an_empty_batch_says_so(tmp_path):
    """A convolution gives an empty batch the channels of its input."""

    def convolve(x):
        image = tf.tile(tf.reshape(x, [-1, 1, 1, 1]), [1, 1, 1, 2])
        y = tf.nn.conv2d(image, tf.ones([3, 3, 2, 8]), 2, "SAME")
        return tf.split(y, 8, axis=3)[0]

    engine = save(tmp_path, convolve)
    with pytest.raises(StatusError, match="^Input 'x' has size 0 at axis 0: ."):
        engine.predict("serving_default", {"x": np.zeros(0, np.float32)})


def test_inputs_that_cannot_be_joined_are_named(tmp_path):
    module = tf.Module()
    specs = [tf.TensorSpec([None], tf.float32, name=name) for name in "ab"]
    module.serve = tf.function(lambda a, b: {"y": tf.stack([a, b])}, specs)
    tf.saved_model.save(module, str(tmp_path), signatures=module.serve)
    inputs = {"a": np.float32([1, 2]), "b": np.float32([1, 2, 3])}
    said = "^Inputs have different numbers of rows, 2 of 'a', 3 of 'b': ."
    with pytest.raises(StatusError, match=said):
        load(tmp_path).predict("serving_default", inputs)


def test_a_wrong_type_is_an_invalid_argument(tmp_path):
    engine = save(tmp_path, lambda x: x + 1)
    with pytest.raises(StatusError, match="int64.*float") as caught:
        engine.predict("serving_default", {"x": np.int64([1])})
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0, 0)),
        ({"tensorflow_session_parallelism": 2}, (2, 2)),
        ({"tensorflow_intra_op_parallelism": 1}, (1, 0)),
        ({"tensorflow_inter_op_parallelism": 3}, (0, 3)),
    ],
)
def test_parallelism(options, expected, tmp_path, monkeypatch):
    save(tmp_path, lambda x: x + 1)
    configs = []
    session = tf.compat.v1.Session

    def remember(graph, config):
        configs.append(config)
        return session(graph=graph, config=config)

    monkeypatch.setattr(tf.compat.v1, "Session", remember)
    engine = load(tmp_path, **options)
    (config,) = configs
    threads = config.intra_op_parallelism_threads, config.inter_op_parallelism_threads
    assert threads == expected
    assert engine.predict("serving_default", {"x": np.float32([1])})["y"] == [2]


def test_engines_do_not_share_variables(tmp_path):
    first = load(save_counter(tmp_path / "1"))
    second = load(save_counter(tmp_path / "2"))
    first.predict("incr_counter", {})
    assert second.predict("get_counter", {})["output"] == 0
    first.close()
    assert second.predict("incr_counter", {})["output"] == 1


def test_a_call_in_flight_survives_close(tmp_path):
    """What runs in a thread answers, or says that the session is closed."""
    engine = save(tmp_path, lambda x: x + 1)
    inputs = {"x": np.zeros(1, np.float32)}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [
            pool.submit(engine.predict, "serving_default", inputs) for _ in range(200)
        ]
        engine.close()
        for each in answers:
            error = each.exception()
            assert error is None or isinstance(error, StatusError | KeyError)


def test_a_sparse_signature_costs_itself_only(tmp_path):
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None], name="x")
        sparse = v1.sparse_placeholder(tf.float32, [None, 4], name="s")
        dense = v1.sparse_tensor_to_dense(sparse)
        _save(
            tmp_path / "1",
            session,
            {
                "serving_default": ({"x": x}, {"y": 2 * x}, "predict"),
                "sparse": ({"s": sparse}, {"z": dense}, "predict"),
            },
        )
    engine = load(tmp_path / "1")
    assert engine.predict("serving_default", {"x": np.float32([1])})["y"] == [2]
    with pytest.raises(StatusError, match="'sparse' has sparse tensors.*: s") as caught:
        engine.predict("sparse", {"s": np.zeros((1, 4), np.float32)})
    assert caught.value.code is Code.UNIMPLEMENTED
    names = ("s/values:0", "s/indices:0", "s/shape:0")
    assert engine.signatures["sparse"].inputs["s"].coo_sparse == names
    document = json.loads(metadata_document("m", 1, engine.signatures))
    signature = document["metadata"]["signature_def"]["signature_def"]["sparse"]
    assert list(signature["inputs"]["s"]["coo_sparse"].values()) == list(names)
    assert "name" not in signature["inputs"]["s"]
    assert signature["outputs"]["z"]["name"]


def test_defaults_of_inputs(tmp_path):
    class Scale(tf.Module):
        @tf.function(
            input_signature=[
                tf.TensorSpec([None], tf.float32, "x"),
                tf.TensorSpec([], tf.float32, "factor"),
            ]
        )
        def scale(self, x, factor):
            return {"y": x * factor}

    module = Scale()
    tf.saved_model.save(module, str(tmp_path / "1"), {"serving_default": module.scale})
    path = tmp_path / "1" / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    (graph,) = saved.meta_graphs
    default = graph.signature_def["serving_default"].defaults["factor"]
    default.CopyFrom(tf.make_tensor_proto(3.0))
    path.write_bytes(saved.SerializeToString())
    engine = load(tmp_path / "1")

    request = message("tensorflow.serving.PredictRequest")()
    encode_tensor_proto(np.float32([2]), request.inputs["x"])
    call = decode_predict_message(request, engine.signatures)
    assert engine.predict("serving_default", call.inputs)["y"] == [6]
    encode_tensor_proto(np.float32(4), request.inputs["factor"])
    call = decode_predict_message(request, engine.signatures)
    assert engine.predict("serving_default", call.inputs)["y"] == [8]
    del request.inputs["x"]
    with pytest.raises(StatusError, match="Missing but required: {x}"):
        decode_predict_message(request, engine.signatures)

    document = json.loads(metadata_document("m", 1, engine.signatures))
    signatures = document["metadata"]["signature_def"]["signature_def"]
    factor = signatures["serving_default"]["defaults"]["factor"]
    assert (factor["dtype"], factor["float_val"]) == ("DT_FLOAT", [3.0])
    answer = metadata_message("m", 1, engine.signatures)
    unpacked = message("tensorflow.serving.SignatureDefMap")()
    answer.metadata["signature_def"].Unpack(unpacked)
    default = unpacked.signature_def["serving_default"].defaults["factor"]
    assert default.float_val == [3.0]
