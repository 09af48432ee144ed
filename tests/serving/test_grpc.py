"""TensorFlow Serving's gRPC services over a real socket."""

import threading
import time

import grpc
import numpy as np
import pytest

from serving.errors import ServingError
from serving.metrics import REQUEST_LATENCY as LATENCY
from serving.protocol.messages import message
from serving.protocol.tensor_proto import encode_tensor_proto
from serving.transport.grpc_credentials import channel_arguments
from tests.serving.fake_models import RunningServer

TIMEOUT = 10
MODEL = "half_plus_two"
METHODS = {
    "Predict": ("PredictionService", "PredictRequest", "PredictResponse"),
    "Classify": (
        "PredictionService",
        "ClassificationRequest",
        "ClassificationResponse",
    ),
    "Regress": ("PredictionService", "RegressionRequest", "RegressionResponse"),
    "MultiInference": (
        "PredictionService",
        "MultiInferenceRequest",
        "MultiInferenceResponse",
    ),
    "GetModelMetadata": (
        "PredictionService",
        "GetModelMetadataRequest",
        "GetModelMetadataResponse",
    ),
    "GetModelStatus": (
        "ModelService",
        "GetModelStatusRequest",
        "GetModelStatusResponse",
    ),
    "HandleReloadConfigRequest": (
        "ModelService",
        "ReloadConfigRequest",
        "ReloadConfigResponse",
    ),
}


class Stub:
    """Calls methods by name with keyword arguments of `unary_unary`."""

    def __init__(self, channel):
        self._channel = channel

    def __getattr__(self, method):
        service, _, answer = METHODS[method]
        return self._channel.unary_unary(
            f"/tensorflow.serving.{service}/{method}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=message(f"tensorflow.serving.{answer}").FromString,
        )


@pytest.fixture(scope="module")
def server():
    with RunningServer(port=0, max_request_bytes=64 * 2**20) as server:
        yield server


@pytest.fixture(scope="module")
def channel(server):
    with open_channel(server.address) as channel:
        yield channel


@pytest.fixture
def stub(channel):
    return Stub(channel)


def open_channel(address):
    unlimited = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    return grpc.insecure_channel(address, options=unlimited)


def request(method, **fields):
    return message(f"tensorflow.serving.{METHODS[method][1]}")(**fields)


def predict(signature_name="", version=None, label="", outputs=(), **arrays):
    made = request("Predict", output_filter=outputs)
    made.model_spec.name = MODEL
    made.model_spec.signature_name = signature_name
    if version is not None:
        made.model_spec.version.value = version
    if label:
        made.model_spec.version_label = label
    for name, array in (arrays or {"x": np.float32([2])}).items():
        encode_tensor_proto(array, made.inputs[name])
    return made


def with_examples(method, signature_name, *values):
    made = request(method)
    made.model_spec.name = MODEL
    made.model_spec.signature_name = signature_name
    add_examples(made.input, *values)
    return made


def add_examples(request_input, *values):
    for value in values:
        example = request_input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(value)


def multi_inference(*tasks):
    made = request("MultiInference")
    for signature_name, method in tasks:
        task = made.tasks.add(method_name=f"tensorflow/serving/{method}")
        task.model_spec.name = MODEL
        task.model_spec.signature_name = signature_name
    add_examples(made.input, 2)
    return made


def failure(call, *arguments, **keywords):
    """The code's name and the details of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, timeout=TIMEOUT, **keywords)
    return caught.value.code().name, caught.value.details()


def test_a_prediction_echoes_model_and_version(stub):
    answer = stub.Predict(predict(), timeout=TIMEOUT)
    assert answer.outputs["y"].float_val == [3.0]
    assert answer.outputs["z"].int64_val == [2]
    assert answer.model_spec.name == MODEL
    assert answer.model_spec.signature_name == "serving_default"
    assert answer.model_spec.version.value == 123


@pytest.mark.parametrize(
    ("asked", "value", "version"),
    [({}, 3, 123), ({"version": 1}, 2, 1), ({"label": "stable"}, 2, 1)],
)
def test_versions_and_labels(stub, asked, value, version):
    answer = stub.Predict(predict(**asked), timeout=TIMEOUT)
    assert answer.outputs["y"].float_val == [value]
    assert answer.model_spec.version.value == version


def test_the_output_filter_chooses(stub):
    answer = stub.Predict(predict(outputs=["z"]), timeout=TIMEOUT)
    assert list(answer.outputs) == ["z"]


def test_strings_go_there_and_back(stub):
    text = np.array([b"a\xff", b""], object)
    answer = stub.Predict(predict("echo", text=text), timeout=TIMEOUT)
    assert answer.outputs["text"].string_val == [b"a\xff", b""]


def test_big_messages(stub):
    x = np.arange(5_000_000, dtype=np.float32)
    answer = stub.Predict(predict(x=x), timeout=TIMEOUT)
    assert len(answer.outputs["y"].float_val) == len(x)


def nothing():
    return request("Predict")


def no_name():
    made = request("Predict")
    made.model_spec.SetInParent()
    return made


def of_model(name):
    made = predict()
    made.model_spec.name = name
    return made


def without_inputs():
    made = predict()
    made.inputs.clear()
    return made


def hostile_shape():
    made = predict()
    del made.inputs["x"].tensor_shape.dim[:]
    made.inputs["x"].tensor_shape.dim.add(size=2**40)
    return made


@pytest.mark.parametrize(
    ("made", "code", "details"),
    [
        (nothing(), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (no_name(), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (of_model("a"), "NOT_FOUND", "Servable not found for request: Latest(a)"),
        (
            predict(version=7),
            "NOT_FOUND",
            f"Servable not found for request: Specific({MODEL}, 7)",
        ),
        (
            predict(label="canary"),
            "INVALID_ARGUMENT",
            "Unrecognized servable version label: canary",
        ),
        (
            predict("other"),
            "FAILED_PRECONDITION",
            'Serving signature key "other" not found.',
        ),
        (
            without_inputs(),
            "INVALID_ARGUMENT",
            "input size does not match signature: 0!=1 len({}) != len({x}). "
            "Sent extra: {}. Missing but required: {x}.",
        ),
        (
            predict(x=np.float32([1]), w=np.float32([1])),
            "INVALID_ARGUMENT",
            "input size does not match signature: 2!=1 len({w,x}) != len({x}). "
            "Sent extra: {w}. Missing but required: {}.",
        ),
        (
            predict(w=np.float32([1])),
            "INVALID_ARGUMENT",
            "input tensor alias not found in signature: w. "
            "Inputs expected to be in the set {x}.",
        ),
        (
            predict(x=np.float64([1])),
            "INVALID_ARGUMENT",
            "Expects arg[0] to be float but double is provided: input 'x'",
        ),
        (
            predict(outputs=["w"]),
            "INVALID_ARGUMENT",
            "output tensor alias not found in signature: w "
            "Outputs expected to be in the set {y,z}.",
        ),
        (
            predict(outputs=["y", "y"]),
            "INVALID_ARGUMENT",
            "duplicate output tensor alias: y",
        ),
        (
            hostile_shape(),
            "INVALID_ARGUMENT",
            "tensor parsing error: x: its shape needs 4398046511104 bytes of 67108864.",
        ),
        (
            predict("broken"),
            "INTERNAL",
            "Internal error. The server's log says more.",
        ),
        (
            predict("picky"),
            "INVALID_ARGUMENT",
            "no: " + "x" * 1996 + "...",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_predictions(stub, made, code, details):
    assert failure(stub.Predict, made) == (code, details)


def test_a_body_that_is_no_message_is_refused(channel):
    call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    assert failure(call, b"\xff\xff") == (
        "INTERNAL",
        "Failed to parse PredictRequest.",
    )


@pytest.mark.parametrize(
    "method",
    ["tensorflow.serving.PredictionService/Nothing", "tensorflow.serving.A/B", "x/y"],
)
def test_unknown_methods_are_not_implemented(channel, method):
    assert failure(channel.unary_unary(f"/{method}"), b"")[0] == "UNIMPLEMENTED"


def test_classification(stub):
    made = with_examples("Classify", "classify_x_to_y", 2, 4)
    answer = stub.Classify(made, timeout=TIMEOUT)
    scores = [
        [one.score for one in each.classes] for each in answer.result.classifications
    ]
    assert scores == [[3], [4]]
    assert answer.model_spec.signature_name == "classify_x_to_y"
    assert answer.model_spec.version.value == 123


def test_regression(stub):
    made = with_examples("Regress", "regress_x_to_y", 2, 4)
    answer = stub.Regress(made, timeout=TIMEOUT)
    assert [each.value for each in answer.result.regressions] == [3, 4]
    assert answer.model_spec.signature_name == "regress_x_to_y"


def test_multi_inference(stub):
    made = multi_inference(
        ("regress_x_to_y", "regress"), ("classify_x_to_y", "classify")
    )
    regressed, classified = stub.MultiInference(made, timeout=TIMEOUT).results
    assert regressed.regression_result.regressions[0].value == 3
    assert classified.classification_result.classifications[0].classes[0].score == 3
    assert regressed.model_spec.signature_name == "regress_x_to_y"
    assert classified.model_spec.version.value == 123


@pytest.mark.parametrize(
    ("method", "made", "code", "details"),
    [
        (
            "Classify",
            with_examples("Classify", "classify_x_to_y"),
            "INVALID_ARGUMENT",
            "Input is empty.",
        ),
        (
            "Regress",
            with_examples("Regress", "a", 1),
            "INVALID_ARGUMENT",
            "No signature was found with the name: a",
        ),
        (
            "Regress",
            with_examples("Regress", "serving_default", 1),
            "INVALID_ARGUMENT",
            "Expected one output Tensor.",
        ),
        (
            "MultiInference",
            request("MultiInference"),
            "INVALID_ARGUMENT",
            "Inference request must have at least one task",
        ),
        (
            "MultiInference",
            multi_inference(
                ("regress_x_to_y", "regress"), ("regress_x_to_y", "regress")
            ),
            "INVALID_ARGUMENT",
            "Duplicate evaluation of signature: regress_x_to_y",
        ),
        (
            "MultiInference",
            multi_inference(("regress_x_to_y", "predict")),
            "UNIMPLEMENTED",
            "Unsupported signature method_name: tensorflow/serving/predict",
        ),
        (
            "MultiInference",
            multi_inference(("regress_x_to_y", "regress"), ("other_input", "regress")),
            "INVALID_ARGUMENT",
            "Input tensor must be the same for all Signatures.",
        ),
    ],
)
def test_refused_examples(stub, method, made, code, details):
    assert failure(getattr(stub, method), made) == (code, details)


def test_a_multi_inference_has_one_model(stub):
    made = multi_inference(
        ("regress_x_to_y", "regress"), ("classify_x_to_y", "classify")
    )
    made.tasks[1].model_spec.name = "other"
    assert failure(stub.MultiInference, made) == (
        "INVALID_ARGUMENT",
        "All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    )


def test_metadata_is_a_map_of_signatures(stub):
    made = request("GetModelMetadata", metadata_field=["signature_def"])
    made.model_spec.name = MODEL
    answer = stub.GetModelMetadata(made, timeout=TIMEOUT)
    assert (answer.model_spec.name, answer.model_spec.version.value) == (MODEL, 123)
    found = message("tensorflow.serving.SignatureDefMap")()
    assert answer.metadata["signature_def"].Unpack(found)
    definition = found.signature_def["serving_default"]
    assert definition.method_name == "tensorflow/serving/predict"
    assert definition.inputs["x"].name == "x:0"
    assert definition.inputs["x"].dtype == 1
    assert [dim.size for dim in definition.inputs["x"].tensor_shape.dim] == [-1]
    assert set(definition.outputs) == {"y", "z"}


@pytest.mark.parametrize(
    ("fields", "details"),
    [
        ([], "GetModelMetadataRequest must specify at least one metadata_field"),
        (["labels"], "Metadata field labels is not supported"),
    ],
)
def test_refused_metadata(stub, fields, details):
    made = request("GetModelMetadata", metadata_field=fields)
    made.model_spec.name = MODEL
    assert failure(stub.GetModelMetadata, made) == ("INVALID_ARGUMENT", details)


def test_status_of_all_versions_and_of_one(stub):
    made = request("GetModelStatus")
    made.model_spec.name = MODEL
    rows = stub.GetModelStatus(made, timeout=TIMEOUT).model_version_status
    assert [(row.version, row.state) for row in rows] == [(124, 50), (123, 30)]
    assert rows[0].status.error_message == "it is corrupt"
    assert rows[0].status.error_code == 15
    assert rows[1].status.error_code == 0
    made.model_spec.version.value = 123
    (row,) = stub.GetModelStatus(made, timeout=TIMEOUT).model_version_status
    assert row.version == 123


def test_status_of_an_unknown_model(stub):
    made = request("GetModelStatus")
    made.model_spec.name = "a"
    assert failure(stub.GetModelStatus, made) == (
        "NOT_FOUND",
        "Could not find any versions of model a",
    )


def test_a_new_configuration_is_handed_on(stub, server):
    made = request("HandleReloadConfigRequest")
    made.config.model_config_list.config.add(name="new", base_path="/models/new")
    answer = stub.HandleReloadConfigRequest(made, timeout=TIMEOUT)
    assert answer.status.error_code == 0
    assert server.reloaded == [["new"]]
    made.config.model_config_list.config[0].name = "refused"
    assert failure(stub.HandleReloadConfigRequest, made) == (
        "INVALID_ARGUMENT",
        "refused is not a model.",
    )


def test_other_configurations_are_refused(stub):
    made = request("HandleReloadConfigRequest")
    code, details = failure(stub.HandleReloadConfigRequest, made)
    assert code == "INVALID_ARGUMENT"
    assert details.startswith("ServerModelConfig type not supported")


def test_the_installed_stubs_are_answered(channel):
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    made = predict_pb2.PredictRequest.FromString(predict().SerializeToString())
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    assert stub.Predict(made, timeout=TIMEOUT).outputs["y"].float_val == [3.0]


def test_requests_of_models_are_counted():
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        stub = Stub(channel)
        stub.Predict(predict(), timeout=TIMEOUT)
        stub.Classify(with_examples("Classify", "classify_x_to_y", 2), timeout=TIMEOUT)
        failure(stub.Predict, predict("picky"))
        failure(stub.Predict, predict("broken"))
        failure(stub.Predict, of_model("a name that a stranger makes up"))
        rows = [row for row in server.metrics.snapshot() if type(row[2]) is not list]
        kinds = [row[1] for row in server.metrics.snapshot() if row[0] == LATENCY]
    assert {tuple(labels): value for _, labels, value in rows} == {
        (MODEL, "OK"): 2,
        (MODEL, "INVALID_ARGUMENT"): 1,
        (MODEL, "INTERNAL"): 1,
    }
    assert kinds == [[MODEL, "Predict", "GRPC"], [MODEL, "Classify", "GRPC"]]


def users(server):
    return server.manager.servables[123].users


def wait_until(condition):
    for _ in range(200):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within 4 s")


def test_a_deadline_ends_the_call_and_lets_go_of_the_model(server, stub):
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(predict("slow"), timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    wait_until(lambda: users(server) == 0)
    server.manager.servables[123].engine.release_slow.set()


def test_cancellation_lets_go_of_the_model(server, stub):
    server.manager.servables[123].engine.release_slow.clear()
    call = stub.Predict.future(predict("slow"), timeout=TIMEOUT)
    wait_until(lambda: users(server) == 1)
    call.cancel()
    wait_until(lambda: users(server) == 0)
    server.manager.servables[123].engine.release_slow.set()
    assert stub.Predict(predict(), timeout=TIMEOUT).outputs["y"].float_val == [3.0]


def test_a_call_in_flight_ends_before_the_server():
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        call = Stub(channel).Predict.future(predict("slow"), timeout=TIMEOUT)
        wait_until(lambda: users(server) == 1)
        stopping = threading.Thread(target=server.stop, args=(5,))
        stopping.start()
        server.manager.servables[123].engine.release_slow.set()
        assert call.result().outputs["y"].float_val == [2.0]
        stopping.join()
        server.stop = lambda drain_seconds: None


def test_a_server_that_stops_under_load_cancels_nothing():
    codes, go = set(), threading.Event()
    with RunningServer(port=0) as server:

        def load():
            with open_channel(server.address) as channel:
                try:
                    while True:
                        Stub(channel).Predict(predict(), timeout=TIMEOUT)
                        go.set()
                except grpc.RpcError as error:
                    codes.add(error.code())

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert go.wait(TIMEOUT)
        server.stop(5)
        server.stop = lambda drain_seconds: None
        for thread in threads:
            thread.join()
    assert codes == {grpc.StatusCode.UNAVAILABLE}


def test_limits_are_resource_exhausted():
    options = {"max_request_bytes": 4000, "max_pending_bytes": 5000}
    small, large = np.zeros(500, np.float32), np.zeros(2000, np.float32)
    with (
        RunningServer(port=0, **options) as server,
        open_channel(server.address) as channel,
    ):
        stub = Stub(channel)
        code, details = failure(stub.Predict, predict(x=large))
        assert code == "RESOURCE_EXHAUSTED"
        assert "larger than max" in details
        calls = [
            stub.Predict.future(predict("slow", x=small), timeout=TIMEOUT)
            for _ in range(2)
        ]
        wait_until(lambda: users(server) == 2)
        code, details = failure(stub.Predict, predict(x=small))
        assert code == "RESOURCE_EXHAUSTED"
        assert "are waiting already" in details
        server.manager.servables[123].engine.release_slow.set()
        assert [len(call.result().outputs["y"].float_val) for call in calls] == [
            500
        ] * 2
        wait_until(lambda: server.pending.count == 0)
        stub.Predict(predict(x=small), timeout=TIMEOUT)


def test_what_a_small_message_stands_for_counts():
    x = message("tensorflow.TensorProto")(dtype=1, float_val=[1])
    x.tensor_shape.dim.add(size=1_000_000)
    asked, slow = predict(), predict("slow")
    for each in (asked, slow):
        each.inputs["x"].CopyFrom(x)
    with (
        RunningServer(port=0, max_pending_bytes=6_000_000) as server,
        open_channel(server.address) as channel,
    ):
        stub = Stub(channel)
        call = stub.Predict.future(slow, timeout=TIMEOUT)
        wait_until(lambda: users(server) == 1)
        code, details = failure(stub.Predict, asked)
        assert code == "RESOURCE_EXHAUSTED"
        assert "are waiting already" in details
        server.manager.servables[123].engine.release_slow.set()
        call.result()
        wait_until(lambda: server.pending.count == 0)
        stub.Predict(asked, timeout=TIMEOUT)


def test_a_client_that_leaves_before_its_answer_is_no_news(caplog):
    x = np.zeros(2_000_000, np.float32)
    with (
        RunningServer(port=0) as server,
        pytest.raises(grpc.RpcError, match="larger than max"),
    ):
        options = [("grpc.max_receive_message_length", 1000)]
        with grpc.insecure_channel(server.address, options=options) as small:
            Stub(small).Predict(predict(x=x), timeout=TIMEOUT)
    assert not caplog.records


def test_a_compressed_body_counts_as_what_it_holds():
    zeros = np.zeros(5_000_000, np.float32)
    with (
        RunningServer(port=0, max_request_bytes=2**20) as server,
        open_channel(server.address) as channel,
    ):
        stub = Stub(channel)
        code, _ = failure(
            stub.Predict, predict(x=zeros), compression=grpc.Compression.Gzip
        )
        assert code == "RESOURCE_EXHAUSTED"
        answer = stub.Predict(
            predict(), timeout=TIMEOUT, compression=grpc.Compression.Gzip
        )
        assert answer.outputs["y"].float_val == [3.0]


def test_a_unix_socket(tmp_path):
    path = tmp_path / "grpc.sock"
    with (
        RunningServer(port=0, socket_path=path),
        open_channel(f"unix:{path}") as channel,
    ):
        answer = Stub(channel).Predict(predict(), timeout=TIMEOUT)
        assert answer.outputs["y"].float_val == [3.0]


def test_two_servers_share_a_port():
    with RunningServer(port=0) as first:
        port = int(first.address.rpartition(":")[2])
        with RunningServer(port=port) as second:
            assert second.address == first.address
        with open_channel(first.address) as channel:
            Stub(channel).Predict(predict(), timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"host": "203.0.113.1"}, "gRPC cannot listen at 203.0.113.1:0."),
        ({"socket_path": "/nowhere/a.sock"}, "gRPC cannot listen at unix:/nowhere"),
        ({"grpc_channel_arguments": "a"}, "--grpc-channel-arguments has 'a'."),
        ({"ssl_config_file": "nowhere"}, "Cannot read nowhere: No such file"),
    ],
)
def test_what_cannot_start_is_one_line(options, error):
    from pathlib import Path

    options = {
        key: Path(value) if key.endswith(("_file", "_path")) else value
        for key, value in options.items()
    }
    with pytest.raises(ServingError) as caught, RunningServer(port=0, **options):
        pass
    assert str(caught.value).startswith(error)


def test_channel_arguments_are_taken():
    text = "grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb"
    assert channel_arguments(text)[0] == ("grpc.max_connection_age_ms", 2000)
    with (
        RunningServer(port=0, grpc_channel_arguments=text) as server,
        open_channel(server.address) as channel,
    ):
        Stub(channel).Predict(predict(), timeout=TIMEOUT)
