"""Samples of requests as TFRecords that can be replayed."""

import logging
import threading

import numpy as np
import pytest

import serving
from serving.models import request_log
from serving.models.request_log import RequestLog
from serving.models.tf_record import read_records
from serving.protocol.messages import message
from serving.protocol.tensor_proto import decode_tensor_proto
from tests.serving.fake_models import FakeServable, HalfPlusTwo, RunningServer
from tests.serving.test_grpc import (
    Stub,
    multi_inference,
    open_channel,
    predict,
    with_examples,
)

SERVABLE = FakeServable("half_plus_two", 123, HalfPlusTwo())
X = {"x": np.float32([2])}
Y = {"y": np.float32([3])}


def config(prefix, rate=1.0):
    made = message("tensorflow.serving.LoggingConfig")()
    made.sampling_config.sampling_rate = rate
    made.log_collector_config.filename_prefix = str(prefix)
    return {"half_plus_two": made.SerializeToString()}


def records(folder):
    (path,) = folder.glob("*.tfrecord")
    parse = message("tensorflow.serving.PredictionLog").FromString
    return [parse(data) for data in read_records(path)]


def test_calls_of_grpc_are_logged(tmp_path):
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        server.request_log.configure(config(tmp_path / "requests"))
        stub = Stub(channel)
        stub.Predict(predict(), timeout=10)
        stub.Classify(with_examples("Classify", "classify_x_to_y", 4), timeout=10)
        stub.Regress(with_examples("Regress", "regress_x_to_y", 6), timeout=10)
        stub.MultiInference(multi_inference(("regress_x_to_y", "regress")), timeout=10)
        server.request_log.close()
    first, second, third, fourth = records(tmp_path)
    spec = first.predict_log.request.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == (
        "half_plus_two",
        123,
        "serving_default",
    )
    assert first.log_metadata.model_spec == spec
    x = decode_tensor_proto("x", first.predict_log.request.inputs["x"])
    y = decode_tensor_proto("y", first.predict_log.response.outputs["y"])
    assert (x.tolist(), y.tolist()) == ([2], [3])
    (classified,) = second.classify_log.response.result.classifications
    assert classified.classes[0].score == 4
    (example,) = third.regress_log.request.input.example_list.examples
    assert example.features.feature["x"].float_list.value == [6]
    assert fourth.WhichOneof("log_type") == "regress_log"


CONFIG = """model_config_list {{ config {{
  name: "scale" base_path: "{folder}/scale" model_platform: "tensorflow"
  logging_config {{
    sampling_config {{ sampling_rate: 1 }}
    log_collector_config {{ filename_prefix: "{folder}/logs/requests" }}
  }}
}} }}"""


def test_a_model_config_asks_for_it_over_rest_and_grpc(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "scale" / "1", 2)
    (tmp_path / "logs").mkdir()
    path = tmp_path / "models.conf"
    path.write_text(CONFIG.format(folder=tmp_path))
    with (
        serving.Server(model_config_file=path, rest_api_port=0) as server,
        open_channel(server.grpc_address) as channel,
        serving.Client(server.url) as client,
    ):
        client.predict("scale", {"x": [1.0]})
        made = predict()
        made.model_spec.name = "scale"
        Stub(channel).Predict(made, timeout=10)
    requests = [log.predict_log.request for log in records(tmp_path / "logs")]
    assert [
        decode_tensor_proto("x", request.inputs["x"]).tolist() for request in requests
    ] == [[1], [2]]


def test_tensorflow_reads_the_file(tmp_path):
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    log.log(SERVABLE, "serving_default", X, Y)
    log.close()
    (path,) = map(str, tmp_path.iterdir())
    (data,) = tf.data.TFRecordDataset(path).as_numpy_iterator()
    theirs = prediction_log_pb2.PredictionLog.FromString(data)
    assert theirs.predict_log.request.inputs["x"].float_val == [2]


def test_a_log_warms_a_version_up(tmp_path):
    from serving.models.warmup import FILE, warm_up
    from tests.serving.fake_models import infos, signature

    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    log.log(SERVABLE, "serving_default", {"x": np.float32([7])}, Y)
    log.close()
    (path,) = tmp_path.iterdir()
    (tmp_path / "1" / FILE).parent.mkdir(parents=True)
    path.rename(tmp_path / "1" / FILE)
    seen = []

    class Recording(HalfPlusTwo):
        signatures = {  # noqa: RUF012
            "serving_default": signature(
                "serving_default", infos(x="DT_FLOAT"), infos(y="DT_FLOAT")
            )
        }

        def predict(self, signature_name, inputs):
            seen.append(inputs["x"].tolist())
            return super().predict(signature_name, inputs)

    warm_up(Recording(), tmp_path / "1")
    assert seen[0] == [7]


@pytest.mark.parametrize(("rate", "expected"), [(0.0, (0, 0)), (0.1, (60, 140))])
def test_a_share_of_the_requests_is_logged(tmp_path, monkeypatch, rate, expected):
    monkeypatch.setattr(request_log.random, "random", np.random.default_rng(0).random)
    monkeypatch.setattr(request_log, "_LONGEST_QUEUE", 10_000)
    log = RequestLog()
    log.configure(config(tmp_path / "requests", rate))
    for _ in range(1000):
        log.log(SERVABLE, "serving_default", X, Y)
    log.close()
    count = len(records(tmp_path)) if list(tmp_path.iterdir()) else 0
    assert expected[0] <= count <= expected[1]


def test_other_models_are_not_logged(tmp_path):
    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    log.log(FakeServable("other", 1, HalfPlusTwo()), "serving_default", X, Y)
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_no_request_waits_for_a_slow_disk(tmp_path, monkeypatch, caplog):
    gate = threading.Event()
    written = []
    monkeypatch.setattr(
        RequestLog, "_write", lambda self, sample: (gate.wait(), written.append(sample))
    )
    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    for _ in range(1000):
        log.log(SERVABLE, "serving_default", X, Y)
    gate.set()
    log.close()
    assert len(written) <= 202
    assert [record.message for record in caplog.records] == [
        "Requests come faster than they can be logged."
    ]


def test_a_file_that_cannot_be_written_is_one_line(tmp_path, caplog):
    log = RequestLog()
    log.configure(config(tmp_path / "nowhere" / "requests"))
    for _ in range(5):
        log.log(SERVABLE, "serving_default", X, Y)
    log.close()
    assert [record.message for record in caplog.records] == [
        f"Requests are not logged to {tmp_path}/nowhere/requests: "
        "No such file or directory."
    ]


def test_a_full_disk_leaves_no_part_of_a_record(tmp_path, caplog):
    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    log.log(SERVABLE, "serving_default", X, Y)
    while not list(tmp_path.glob("*.tfrecord")):
        pass
    (file,) = log._files.values()

    class Full:
        def write(self, data):
            return file.write(data[:7])

        def __getattr__(self, name):
            return getattr(file, name)

    log._files = dict.fromkeys(log._files, Full())
    for _ in range(3):
        log.log(SERVABLE, "serving_default", X, Y)
    log.close()
    assert len(records(tmp_path)) == 1
    assert "No space left on device" in caplog.text
    assert len(caplog.records) == 1


def test_large_requests_are_left_out(tmp_path, caplog):
    caplog.set_level(logging.ERROR)
    log = RequestLog()
    log.configure(config(tmp_path / "requests"))
    for _ in range(2):
        log.log(SERVABLE, "serving_default", {"x": np.zeros(300_000, np.float32)}, Y)
    log.log(SERVABLE, "serving_default", X, Y)
    log.close()
    assert len(records(tmp_path)) == 1
    assert len(caplog.records) == 1
