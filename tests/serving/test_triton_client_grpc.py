"""Triton's gRPC client over a real socket: raw and typed contents, streams, errors."""

import asyncio
import queue

import grpc
import numpy as np
import pytest
import tritonclient.grpc
from tritonclient.utils import InferenceServerException

from serving.protocol.open_inference.messages import POOL, SERVICE, message
from serving.transport.grpc_calls import CallLimit, Front
from serving.transport.grpc_streams import OpenStreams
from serving.transport.open_inference_grpc import OpenInferenceService
from serving.transport.pending_bytes import PendingBytes
from tests.serving.fake_models import RunningServer

MODEL = "half_plus_two"


@pytest.fixture(scope="module")
def server():
    with RunningServer(port=0) as running:
        yield running


@pytest.fixture
def client(server):
    with tritonclient.grpc.InferenceServerClient(server.address) as client:
        yield client


def given(array=(1, 2, 5), name="x", datatype="FP32"):
    array = np.asarray(array, np.float32 if datatype == "FP32" else object)
    tensor = tritonclient.grpc.InferInput(name, array.shape, datatype)
    return tensor.set_data_from_numpy(array)


def test_it_answers_raw_contents(client):
    result = client.infer(MODEL, [given()], request_id="42")
    answer = result.get_response()
    assert (answer.model_name, answer.model_version, answer.id) == (MODEL, "123", "42")
    assert result.as_numpy("y").tolist() == [2.5, 3.0, 4.5]
    assert result.as_numpy("z").tolist() == [1, 2, 5]


def test_it_takes_versions_labels_outputs_and_signatures(client):
    output = tritonclient.grpc.InferRequestedOutput("y")
    for version in ("1", "stable"):
        result = client.infer(MODEL, [given()], version, outputs=[output])
        assert result.as_numpy("y").tolist() == [1.5, 2.0, 3.5]
        assert result.as_numpy("z") is None
    texts = given([b"a", b"\xff"], "text", "BYTES")
    result = client.infer(MODEL, [texts], parameters={"signature_name": "echo"})
    assert result.as_numpy("text").tolist() == [b"a", b"\xff"]


def test_it_answers_typed_contents_with_typed_contents(server):
    request = message("ModelInferRequest")(
        model_name=MODEL,
        inputs=[
            {
                "name": "x",
                "datatype": "FP32",
                "shape": [2],
                "contents": {"fp32_contents": [1, 2]},
            }
        ],
    )
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(f"/{SERVICE}/ModelInfer")
        answer = message("ModelInferResponse").FromString(
            call(request.SerializeToString(), timeout=10)
        )
        y, z = answer.outputs
        assert list(y.contents.fp32_contents) == [2.5, 3.0]
        assert list(z.contents.int64_contents) == [1, 2]
        assert not answer.raw_output_contents
        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff\xff", timeout=10)
    assert caught.value.code() is grpc.StatusCode.INTERNAL


def test_it_says_state_and_metadata(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, "stable")
    assert not client.is_model_ready(MODEL, "7")
    assert not client.is_model_ready("nothing")
    server = client.get_server_metadata()
    assert "classification" in server.extensions
    metadata = client.get_model_metadata(MODEL)
    assert list(metadata.versions) == ["123"]
    (x,) = metadata.inputs
    assert (x.name, x.datatype, list(x.shape)) == ("x", "FP32", [-1])
    assert [each.name for each in metadata.outputs] == ["y", "z"]
    index = client.get_model_repository_index().models
    assert [(row.version, row.state, row.reason) for row in index] == [
        ("124", "UNAVAILABLE", "it is corrupt"),
        ("123", "READY", ""),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ((MODEL, [given()], "7"), "NOT_FOUND", "Specific(half_plus_two, 7)"),
        (("nothing", [given()]), "NOT_FOUND", "Latest(nothing)"),
        ((MODEL, [given(name="q")]), "INVALID_ARGUMENT", "Unexpected input 'q'"),
        ((MODEL, [given([[1]])]), "INVALID_ARGUMENT", "received shape [1,1]"),
        ((MODEL, [given()], "new"), "INVALID_ARGUMENT", "version label: new"),
    ],
)
def test_errors_have_their_code_and_say_why(client, arguments, code, text):
    with pytest.raises(InferenceServerException) as caught:
        client.infer(*arguments)
    assert caught.value.status() == f"StatusCode.{code}"
    assert text in caught.value.message()


def test_the_deadline_of_a_call_is_kept(server, client):
    with pytest.raises(InferenceServerException, match="DEADLINE_EXCEEDED"):
        client.infer(
            MODEL,
            [given()],
            parameters={"signature_name": "slow"},
            client_timeout=0.2,
        )
    server.manager.servables[123].engine.release_slow.set()


def test_a_stream_answers_each_request_and_goes_on_after_an_error(client):
    answers = queue.SimpleQueue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    client.async_stream_infer(MODEL, [given([4])], request_id="1")
    client.async_stream_infer(MODEL, [given(name="q")], request_id="2")
    broken = {"signature_name": "broken"}
    client.async_stream_infer(MODEL, [given([6])], parameters=broken)
    client.async_stream_infer(MODEL, [given([6])], request_id="3")
    found = [answers.get(timeout=10) for _ in range(4)]
    client.stop_stream()
    assert found[0][0].as_numpy("y").tolist() == [4]
    assert "Unexpected input 'q'" in found[1][1].message()
    assert "secret" not in found[2][1].message()
    assert found[3][0].as_numpy("y").tolist() == [5]
    assert found[3][0].get_response().id == "3"


def test_it_is_not_ready_while_a_model_fails(server, client, monkeypatch):
    def report(self, done):
        done(["Model m fails."])

    monkeypatch.setattr("serving.transport.readiness.Readiness.check", report)
    assert not client.is_server_ready()


def test_every_method_of_the_proto_is_served():
    class Call:
        invocation_metadata = ()

        def __init__(self, name):
            self.method = f"/{SERVICE}/{name}"

    async def handlers():
        return OpenInferenceService(None, None, None, None, None).handler(
            Front(CallLimit(PendingBytes(1, 1)), None, None), OpenStreams()
        )

    handler = asyncio.run(handlers())
    for name in POOL.FindServiceByName(SERVICE).methods_by_name:
        assert handler.service(Call(name)) is not None, name
