"""Large messages of gRPC are read and written beside the event loop."""

import asyncio
import time

import grpc
import numpy as np
import pytest

from serving.protocol.large_messages import LARGE, detach
from serving.protocol.messages import message
from serving.protocol.open_inference.messages import message as open_inference_message
from serving.protocol.tensor_proto import decode_tensor_proto
from serving.transport.body_pool import BodyPool
from tests.serving.fake_models import RunningServer
from tests.serving.test_grpc import (
    Stub,
    multi_inference,
    open_channel,
    predict,
    request,
    with_examples,
)

TIMEOUT = 60
COUNT = 270_000


@pytest.fixture(scope="module")
def server():
    with RunningServer(port=0, max_request_bytes=64 * 2**20) as server:
        yield server


@pytest.fixture(scope="module")
def channel(server):
    with open_channel(server.address) as channel:
        yield channel


@pytest.fixture
def aside(monkeypatch):
    """The names of the functions that ran in another process."""
    run, names = BodyPool.run, []

    async def recorded(pool, function, *args, **options):
        names.append(function.__name__)
        return await run(pool, function, *args, **options)

    monkeypatch.setattr(BodyPool, "run", recorded)
    return names


def infer(channel, text, method="ModelInfer"):
    """Returns what `echo` answers to typed contents."""
    asked = open_inference_message("ModelInferRequest")(model_name="half_plus_two")
    asked.parameters["signature_name"].string_param = "echo"
    row = asked.inputs.add(name="text", datatype="BYTES", shape=[len(text)])
    row.contents.bytes_contents.extend(text)
    name = (
        "ModelInferResponse" if method == "ModelInfer" else "ModelStreamInferResponse"
    )
    parse = open_inference_message(name).FromString
    path = f"/inference.GRPCInferenceService/{method}"
    if method == "ModelInfer":
        call = channel.unary_unary(path, response_deserializer=parse)
        return call(asked.SerializeToString(), timeout=TIMEOUT)
    call = channel.stream_stream(path, response_deserializer=parse)
    (answer,) = call(iter([asked.SerializeToString()]), timeout=TIMEOUT)
    assert not answer.error_message
    return answer.infer_response


def test_tensors(channel, aside):
    x = np.arange(COUNT, dtype=np.float32)
    outputs = Stub(channel).Predict(predict(x=x), timeout=TIMEOUT).outputs
    np.testing.assert_array_equal(outputs["y"].float_val, x / 2 + 2)
    text = np.array([b"", b"\xff", b"abc"] * COUNT, object)
    outputs = Stub(channel).Predict(predict("echo", text=text), timeout=TIMEOUT).outputs
    assert list(outputs["text"].string_val) == text.tolist()
    assert aside == ["detach", "write_predict_response"] * 2


@pytest.mark.slow
def test_examples(channel, aside):
    count = COUNT // 4
    for method, signature in (
        ("Classify", "classify_x_to_y"),
        ("Regress", "regress_x_to_y"),
    ):
        aside.clear()
        asked = with_examples(method, signature, *range(count))
        result = getattr(Stub(channel), method)(asked, timeout=TIMEOUT).result
        if method == "Classify":
            values = [row.classes[0].score for row in result.classifications]
        else:
            values = [row.value for row in result.regressions]
        assert values[-1] == (count - 1) / 2 + 2
        assert len(values) == count
        assert aside[0] == "detach"


@pytest.mark.parametrize("method", ["ModelInfer", "ModelStreamInfer"])
def test_open_inference(channel, aside, method):
    text = [b"", b"\xff", b"abc"] * COUNT
    answer = infer(channel, text, method)
    assert list(answer.outputs[0].contents.bytes_contents) == text
    assert aside == ["detach", "write_infer_response"]


@pytest.mark.slow
def test_the_event_loop_spends_no_time_on_them(server, channel):
    async def cpu_time():
        return time.thread_time()

    def loop_time():
        return asyncio.run_coroutine_threadsafe(cpu_time(), server.loop).result(60)

    text = np.array([b"a"] * 2_000_000, object)
    asked = predict("echo", text=text)
    data = asked.SerializeToString()
    begin = time.thread_time()
    parsed = message("tensorflow.serving.PredictRequest").FromString(data)
    decode_tensor_proto("text", parsed.inputs["text"])
    work = time.thread_time() - begin
    infer(channel, [b"a"] * COUNT)  # starts the processes
    begin = loop_time()
    Stub(channel).Predict(asked, timeout=TIMEOUT)
    assert loop_time() - begin < work / 2
    begin = loop_time()
    infer(channel, text.tolist())
    assert loop_time() - begin < work / 2


def test_large_messages_that_are_none(channel):
    path = "/tensorflow.serving.PredictionService/Predict"
    call = channel.unary_unary(path)
    for data, code, details in (
        (b"\xff" * (LARGE + 1), "INTERNAL", "Failed to parse PredictRequest."),
        (b"\x0a\x00" * LARGE, "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (
            b"\x1a\x04abcd" * LARGE,
            "INVALID_ARGUMENT",
            "A PredictRequest has 6291456 bytes beside its inputs; 1048576 are "
            "allowed.",
        ),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(data, timeout=TIMEOUT)
        assert (caught.value.code().name, caught.value.details()) == (code, details)


def test_messages_that_have_no_reason_to_be_large(channel):
    asked = request("GetModelMetadata")
    asked.metadata_field.extend(["signature_def"] * 100_000)
    with pytest.raises(grpc.RpcError) as caught:
        Stub(channel).GetModelMetadata(asked, timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "may have 1048576 bytes" in caught.value.details()


def test_multi_inference_is_detached():
    asked = multi_inference(("regress_x_to_y", "regress"))
    rest, examples = detach("MultiInferenceRequest", asked.SerializeToString(), 2**20)
    assert len(examples) == len(asked.input.example_list.examples)
    parsed = message("tensorflow.serving.MultiInferenceRequest").FromString(rest)
    assert parsed.tasks == asked.tasks
    assert not parsed.HasField("input")


def test_detached_arrays_are_those_of_the_message():
    x = np.float32([[1, 2], [3, 4]])
    asked = predict(x=x)
    rest, arrays = detach("PredictRequest", asked.SerializeToString(), 2**20)
    np.testing.assert_array_equal(arrays["x"], x)
    parsed = message("tensorflow.serving.PredictRequest").FromString(rest)
    assert parsed.model_spec == asked.model_spec
    assert parsed.inputs["x"].dtype == asked.inputs["x"].dtype
    assert not parsed.inputs["x"].HasField("tensor_shape")


def test_metrics_of_open_inference(server, channel):
    infer(channel, [b"a"])
    rows = {tuple(labels) for _, labels, _ in server.metrics.snapshot()}
    assert ("half_plus_two", "ModelInfer", "GRPC") in rows
