"""Warm-up records are replayed before a version serves, or it does not serve."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    predict_pb2,
    prediction_log_pb2,
    regression_pb2,
)

from serving.engines import load_engine
from serving.errors import Code, StatusError
from serving.models.servable import Servable
from serving.models.tf_record import read_records
from serving.models.warmup import FILE, MAX_RECORDS, warm_up
from serving.options import ServerOptions

from .rows import write_onnx
from .tensorflow_1 import example, save_counter, save_half_plus_three

NAME = "serving_default"


def predict_log(signature_name=NAME, **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = signature_name
    for name, array in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
    log = prediction_log_pb2.PredictLog(request=request)
    return prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString()


def examples_log(kind, signature_name, *examples):
    request_type, log_type = {
        "classify_log": (
            classification_pb2.ClassificationRequest,
            prediction_log_pb2.ClassifyLog,
        ),
        "regress_log": (
            regression_pb2.RegressionRequest,
            prediction_log_pb2.RegressLog,
        ),
    }[kind]
    request = request_type()
    request.model_spec.signature_name = signature_name
    for each in examples:
        request.input.example_list.examples.add().ParseFromString(each)
    log = prediction_log_pb2.PredictionLog(**{kind: log_type(request=request)})
    return log.SerializeToString()


def write_records(folder, *records):
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for each in records:
            writer.write(each)
    return path


class Recorder:
    """Hands calls on to an engine and remembers them."""

    def __init__(self, engine):
        self.engine = engine
        self.calls = []

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def predict(self, signature_name, inputs):
        self.calls.append(
            (signature_name, {name: array.tolist() for name, array in inputs.items()})
        )
        return self.engine.predict(signature_name, inputs)


@pytest.fixture
def scale(tmp_path):
    write_onnx(tmp_path, 3.0)
    return tmp_path


def load_failure(folder):
    with pytest.raises(StatusError) as caught:
        Servable("m", 1, folder).load(ServerOptions())
    assert "\n" not in str(caught.value)
    return caught.value.code, str(caught.value)


def test_records_of_the_writer_are_read(tmp_path):
    records = [b"", b"a", bytes(range(256)) * 50]
    path = write_records(tmp_path, *records)
    assert list(read_records(path)) == records


@pytest.mark.parametrize(
    ("position", "what"),
    [(0, "corrupted"), (9, "corrupted"), (14, "corrupted"), (-1, "corrupted")],
)
def test_a_changed_byte_is_found(position, what, tmp_path):
    path = write_records(tmp_path, b"first", b"second")
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(StatusError, match=f"{what} record at") as caught:
        list(read_records(path))
    assert caught.value.code is Code.DATA_LOSS


def test_a_half_file_is_found_at_each_length(tmp_path):
    path = write_records(tmp_path, b"first", b"second")
    content = path.read_bytes()
    first = 8 + 4 + len(b"first") + 4
    for length in range(1, len(content)):
        path.write_bytes(content[:length])
        if length == first:
            assert list(read_records(path)) == [b"first"]
            continue
        with pytest.raises(StatusError, match="truncated record at"):
            list(read_records(path))


def test_requests_are_replayed(scale):
    write_records(
        scale,
        predict_log(x=np.float32([1, 2])),
        predict_log("", x=np.float32([3])),
        predict_log("of_another_engine", y=np.float32([4])),
    )
    engine = Recorder(load_engine(scale, "onnx"))
    profiles = warm_up(engine, scale)
    replayed = [call for call in engine.calls if call[1]["x"] in ([1, 2], [3])]
    assert replayed[:1] + replayed[-1:] == [
        (NAME, {"x": [1, 2]}),
        (NAME, {"x": [3]}),
    ]
    assert {name for name, _ in engine.calls} == {NAME}
    assert profiles[NAME].inline_seconds(2) is not None
    assert profiles[NAME].has_independent_rows


def test_examples_are_replayed_to_classify_and_regress(tmp_path):
    save_half_plus_three(tmp_path / "1")
    names = "tensorflow/serving/classify", "tensorflow/serving/regress"
    write_records(
        tmp_path / "1",
        examples_log("classify_log", names[0], example(x=1.0)),
        examples_log("regress_log", names[1], example(x=1.0), example(x=2.0)),
    )
    engine = Recorder(load_engine(tmp_path / "1", "tensorflow"))
    warm_up(engine, tmp_path / "1")
    calls = {name: len(inputs["inputs"]) for name, inputs in engine.calls}
    assert (calls[names[0]], calls[names[1]]) == (1, 2)


def test_zeros_where_there_is_no_file(scale):
    engine = Recorder(load_engine(scale, "onnx"))
    profiles = warm_up(engine, scale)
    assert engine.calls[0] == (NAME, {"x": [0]})
    assert profiles[NAME].has_independent_rows


def test_zeros_never_change_a_model(tmp_path):
    save_counter(tmp_path / "1")
    servable = Servable("counter", 1, tmp_path / "1")
    servable.load(ServerOptions())
    assert servable.engine.predict("get_counter", {})["output"] == 0
    assert servable.engine.predict("incr_counter", {})["output"] == 1


def test_it_can_be_switched_off(scale):
    write_records(scale, b"no record of requests")
    servable = Servable("m", 1, scale)
    servable.load(ServerOptions(enable_model_warmup=False))
    assert servable.profiles[NAME].inline_seconds(1) is None
    assert not servable.profiles[NAME].has_independent_rows


def test_a_file_that_is_none_fails_the_version(scale):
    (scale / FILE).parent.mkdir()
    (scale / FILE).write_bytes(b"these are no records at all")
    code, message = load_failure(scale)
    assert code is Code.DATA_LOSS
    assert message.startswith("corrupted record at 0 of ")
    assert message.endswith("Please verify your warmup data is in TFRecord format.")


def test_a_record_that_is_no_request_fails_the_version(scale):
    path = write_records(scale, b"\xff\xff\xff")
    assert load_failure(scale) == (
        Code.INVALID_ARGUMENT,
        f"Failed to parse warmup record 1 from {path}",
    )


def test_a_request_that_the_model_refuses_fails_the_version(scale):
    write_records(scale, predict_log(x=np.float32([[1]])))
    assert load_failure(scale) == (
        Code.INVALID_ARGUMENT,
        "Invalid rank for input: x Got: 2 Expected: 1",
    )
    write_records(scale, predict_log(z=np.float32([1])))
    assert load_failure(scale) == (
        Code.INVALID_ARGUMENT,
        "Warm-up request without the input 'x'",
    )


def test_too_many_records_fail_the_version(scale):
    record = predict_log(x=np.float32([1]))
    path = write_records(scale, *[record] * MAX_RECORDS)
    Servable("m", 1, scale).load(ServerOptions())
    write_records(scale, *[record] * (MAX_RECORDS + 1))
    assert load_failure(scale) == (
        Code.INVALID_ARGUMENT,
        f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {path}",
    )
