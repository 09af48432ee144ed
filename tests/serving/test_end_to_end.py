"""The cases of TensorFlow Serving's own end-to-end test, with its requests and numbers.

Reference:
    TensorFlow Serving, `tensorflow_model_server_test`.
"""

import contextlib
import socket
import subprocess
import sys
import time

import grpc
import pytest
import requests

import serving
from tests.serving import half_plus_two, tensorflow_1
from tests.serving.test_grpc import Stub, open_channel, request

TIMEOUT = 20
VERSION = 123


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The folders of models with one version each."""
    base = tmp_path_factory.mktemp("models")
    half_plus_two.save_tensorflow_1(base / "tf1" / f"{VERSION}")
    half_plus_two.save_tensorflow_2(base / "tf2" / f"{VERSION}")
    half_plus_two.save_tensorflow_1(base / "three" / f"{VERSION}", offset=3.0)
    return base


@pytest.fixture(scope="module", params=["tf1", "tf2"])
def server(request, models):
    """A server with the model in the form of one version of TensorFlow."""
    options = {"model_name": "default", "rest_api_port": 0, "trust": True}
    with serving.Server(models / request.param, **options) as server:
        yield server


@pytest.fixture(scope="module")
def stub(server):
    with open_channel(server.grpc_address) as channel:
        yield Stub(channel)


@pytest.fixture
def url(server):
    return f"{server.url}/v1/models/default"


def predict(name="default", output_filter=("y",)):
    made = request("Predict", output_filter=output_filter)
    made.model_spec.name = name
    made.inputs["x"].dtype = 1
    made.inputs["x"].float_val.append(2.0)
    made.inputs["x"].tensor_shape.dim.add(size=1)
    return made


def check_prediction(stub, expected, name="default", version=VERSION):
    """Sends the request of TensorFlow Serving's test with and without a filter."""
    for output_filter in (["y"], []):
        answer = stub.Predict(predict(name, output_filter), timeout=TIMEOUT)
        assert answer.outputs["y"].dtype == 1
        assert answer.outputs["y"].float_val == [expected]
        check_model_spec(answer.model_spec, "serving_default", name, version)


def check_model_spec(spec, signature_name, name="default", version=VERSION):
    assert (spec.name, spec.signature_name, spec.version.value) == (
        name,
        signature_name,
        version,
    )


def with_example(method, signature_name):
    made = request(method)
    made.model_spec.name = "default"
    made.model_spec.signature_name = signature_name
    example = made.input.example_list.examples.add()
    example.features.feature["x"].float_list.value.append(2.0)
    return made


def test_get_model_status(stub):
    made = request("GetModelStatus")
    made.model_spec.name = "default"
    (row,) = stub.GetModelStatus(made, timeout=TIMEOUT).model_version_status
    assert (row.version, row.state, row.status.error_code) == (VERSION, 30, 0)


def test_get_model_metadata(stub):
    made = request("GetModelMetadata", metadata_field=["signature_def"])
    made.model_spec.name = "default"
    answer = stub.GetModelMetadata(made, timeout=TIMEOUT)
    assert (answer.model_spec.name, answer.model_spec.version.value) == (
        "default",
        VERSION,
    )
    assert "signature_def" in answer.metadata


def test_classify(stub):
    answer = stub.Classify(with_example("Classify", "classify_x_to_y"), timeout=TIMEOUT)
    (classifications,) = answer.result.classifications
    assert [each.score for each in classifications.classes] == [3.0]
    check_model_spec(answer.model_spec, "classify_x_to_y")


def test_regress(stub):
    answer = stub.Regress(with_example("Regress", "regress_x_to_y"), timeout=TIMEOUT)
    assert [each.value for each in answer.result.regressions] == [3.0]
    check_model_spec(answer.model_spec, "regress_x_to_y")


def test_multi_inference_of_one_graph(models):
    """TensorFlow 2 has a tensor for the input of each signature: that is refused."""
    options = {"model_name": "default", "rest_api_port": 0, "trust": True}
    with (
        serving.Server(models / "tf1", **options) as server,
        open_channel(server.grpc_address) as channel,
    ):
        made = request("MultiInference")
        for signature_name in ("regress_x_to_y", "classify_x_to_y"):
            method = signature_name.partition("_")[0]
            task = made.tasks.add(method_name=f"tensorflow/serving/{method}")
            task.model_spec.name = "default"
            task.model_spec.signature_name = signature_name
        example = made.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(2.0)
        first, second = Stub(channel).MultiInference(made, timeout=TIMEOUT).results
        assert first.regression_result.regressions[0].value == 3.0
        assert second.classification_result.classifications[0].classes[0].score == 3.0
        check_model_spec(first.model_spec, "regress_x_to_y")
        check_model_spec(second.model_spec, "classify_x_to_y")


def test_multi_inference_runs_the_graph_once(tmp_path):
    tensorflow_1.save_counted_runs(tmp_path / "counted" / "1")
    options = {"model_name": "counted", "rest_api_port": 0, "trust": True}
    with (
        serving.Server(tmp_path / "counted", **options) as server,
        open_channel(server.grpc_address) as channel,
    ):
        made = request("MultiInference")
        for method in ("classify", "regress"):
            task = made.tasks.add(method_name=f"tensorflow/serving/{method}")
            task.model_spec.name = "counted"
            task.model_spec.signature_name = method
        example = made.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(2.0)
        classified, regressed = (
            Stub(channel).MultiInference(made, timeout=TIMEOUT).results
        )
        assert classified.classification_result.classifications[0].classes[0].score == 4
        assert regressed.regression_result.regressions[0].value == 4
        made = request("Predict")
        made.model_spec.name = "counted"
        made.model_spec.signature_name = "runs"
        answer = Stub(channel).Predict(made, timeout=TIMEOUT)
        assert answer.outputs["count"].float_val == [1.0]


def test_predict(stub):
    check_prediction(stub, 3.0)


def post(url, document):
    return requests.post(url, json=document, timeout=TIMEOUT).json()


EXAMPLES = {"examples": [{"x": 2.0}]}


def test_classify_over_rest(url):
    document = {"signature_name": "classify_x_to_y", **EXAMPLES}
    assert post(f"{url}:classify", document) == {"results": [[["", 3.0]]]}


def test_regress_over_rest(url):
    document = {"signature_name": "regress_x_to_y", **EXAMPLES}
    assert post(f"{url}:regress", document) == {"results": [3.0]}


def test_predict_over_rest(url):
    document = {"instances": [2.0, 3.0, 4.0]}
    assert post(f"{url}:predict", document) == {"predictions": [3.0, 3.5, 4.0]}


def test_predict_columnar_over_rest(url):
    document = {"inputs": [2.0, 3.0, 4.0]}
    assert post(f"{url}:predict", document) == {"outputs": [3.0, 3.5, 4.0]}


def test_get_status_over_rest(url):
    assert requests.get(url, timeout=TIMEOUT).json() == {
        "model_version_status": [
            {
                "version": "123",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def test_get_model_metadata_over_rest(url):
    document = requests.get(f"{url}/metadata", timeout=TIMEOUT).json()
    assert document["model_spec"] == {
        "name": "default",
        "signature_name": "",
        "version": "123",
    }
    signatures = document["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["x"]["dtype"] == "DT_FLOAT"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def model_server(*flags, address=None):
    """A `zoo serve` process under TensorFlow Serving's flags, and a stub for it."""
    port = free_port()
    command = [
        *(sys.executable, "-P", "-m", "zoo", "serve", f"--port={port}", "--workers=1"),
        *(f"--rest_api_port={free_port()}", "--trust", *flags),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            process.ready = process.stdout.readline()
            with open_channel(address or f"127.0.0.1:{port}") as channel:
                yield process, Stub(channel)
        finally:
            process.terminate()
            process.wait(60)


def base(models, name):
    return "--model_name=default", f"--model_base_path={models / name}"


def write(path, text):
    path.write_text(text)
    return path


def config(path, **folders):
    entries = "\n".join(
        f'config {{ name: "{name}" base_path: "{folder}" '
        'model_platform: "tensorflow" }'
        for name, folder in folders.items()
    )
    return write(path, f"model_config_list {{\n{entries}\n}}\n")


BATCHING = """
max_batch_size { value: 128 }
batch_timeout_micros { value: 0 }
max_enqueued_batches { value: 1000000 }
num_batch_threads { value: 8 }
"""


@pytest.mark.slow
def test_predict_batching(models, tmp_path):
    path = write(tmp_path / "batching.txt", BATCHING)
    flags = "--enable_batching", f"--batching_parameters_file={path}"
    with model_server(*base(models, "tf1"), *flags) as (_, stub):
        check_prediction(stub, 3.0)


@pytest.mark.slow
def test_good_model_config(models, tmp_path):
    path = config(
        tmp_path / "good.conf",
        half_plus_two=models / "tf1",
        half_plus_three=models / "three",
    )
    with model_server(f"--model_config_file={path}") as (_, stub):
        check_prediction(stub, 3.0, "half_plus_two")
        check_prediction(stub, 4.0, "half_plus_three")


@pytest.mark.slow
def test_bad_model_config(tmp_path):
    path = write(tmp_path / "bad.conf", "improperly formatted file!\n")
    with model_server(f"--model_config_file={path}") as (process, _):
        assert process.wait(60) != 0
        assert f"Invalid protobuf file: '{path}'" in process.stderr.read()


def wait_for_prediction(stub, expected, name):
    for _ in range(100):
        try:
            return check_prediction(stub, expected, name)
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.NOT_FOUND, error.details()
            time.sleep(0.2)
    raise AssertionError(f"{name} was not there within 20 s")


def has_gone(stub, name):
    for _ in range(100):
        try:
            stub.Predict(predict(name), timeout=TIMEOUT)
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.NOT_FOUND
            return True
        time.sleep(0.2)
    return False


@pytest.mark.slow
def test_model_config_reload(models, tmp_path):
    path = config(tmp_path / "models.conf", half_plus_two=models / "tf1")
    flags = f"--model_config_file={path}", "--model_config_file_poll_wait_seconds=1"
    with model_server(*flags) as (_, stub):
        check_prediction(stub, 3.0, "half_plus_two")
        config(path, half_plus_two=models / "tf1", half_plus_three=models / "three")
        wait_for_prediction(stub, 4.0, "half_plus_three")
        check_prediction(stub, 3.0, "half_plus_two")


@pytest.mark.slow
def test_model_config_reload_with_zero_poll_period(models, tmp_path):
    path = config(tmp_path / "models.conf", half_plus_two=models / "tf1")
    flags = f"--model_config_file={path}", "--model_config_file_poll_wait_seconds=0"
    with model_server(*flags) as (_, stub):
        check_prediction(stub, 3.0, "half_plus_two")
        config(path, half_plus_two=models / "tf1", half_plus_three=models / "three")
        time.sleep(2)
        with pytest.raises(grpc.RpcError):
            stub.Predict(predict("half_plus_three"), timeout=TIMEOUT)


@pytest.mark.slow
def test_handle_reload_config_request(models, tmp_path):
    path = config(tmp_path / "models.conf", half_plus_two=models / "tf1")
    with model_server(f"--model_config_file={path}") as (_, stub):
        made = request("HandleReloadConfigRequest")
        made.config.model_config_list.config.add(
            name="half_plus_three",
            base_path=str(models / "three"),
            model_platform="tensorflow",
        )
        answer = stub.HandleReloadConfigRequest(made, timeout=TIMEOUT)
        assert answer.status.error_code == 0
        wait_for_prediction(stub, 4.0, "half_plus_three")
        assert has_gone(stub, "half_plus_two")


@pytest.mark.slow
def test_good_grpc_channel_arguments(models):
    arguments = "grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb"
    flags = f"--grpc_channel_arguments={arguments}"
    with model_server(*base(models, "tf1"), flags) as (_, stub):
        check_prediction(stub, 3.0)


@pytest.mark.slow
def test_predict_over_a_unix_socket(models, tmp_path):
    path = tmp_path / "grpc.sock"
    flags = (*base(models, "tf1"), f"--grpc_socket_path={path}")
    with model_server(*flags, address=f"unix:{path}") as (_, stub):
        check_prediction(stub, 3.0)


@pytest.mark.slow
def test_prometheus_endpoint(models, tmp_path):
    path = write(
        tmp_path / "monitoring.txt",
        'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }',
    )
    flags = f"--monitoring_config_file={path}"
    with model_server(*base(models, "tf1"), flags) as (process, stub):
        check_prediction(stub, 3.0)
        url = process.ready.split(" at ")[1].partition("/v1/")[0]
        page = requests.get(f"{url}/monitoring/prometheus/metrics", timeout=TIMEOUT)
        assert page.status_code == 200
        assert "# TYPE" in page.text


@pytest.mark.slow
def test_a_bad_model_is_said_and_does_not_answer(models, tmp_path):
    folder = tmp_path / "bad" / "1"
    folder.mkdir(parents=True)
    write(folder / "saved_model.pb", "no model")
    path = config(tmp_path / "models.conf", good=models / "tf1", bad=folder.parent)
    with model_server(f"--model_config_file={path}") as (_, stub):
        wait_for_prediction(stub, 3.0, "good")
        with pytest.raises(grpc.RpcError) as caught:
            stub.Predict(predict("bad"), timeout=TIMEOUT)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        made = request("GetModelStatus")
        made.model_spec.name = "bad"
        (row,) = stub.GetModelStatus(made, timeout=TIMEOUT).model_version_status
        assert row.status.error_code != 0


@pytest.mark.slow
def test_predict_on_litert(tmp_path):
    half_plus_two.save_litert(tmp_path / "model" / f"{VERSION}")
    flags = base(tmp_path, "model")
    with model_server(*flags, "--prefer_tflite_model=true") as (process, stub):
        assert "(litert)" in process.ready
        check_prediction(stub, 3.0)
