"""Answers of gRPC that their client does not take count, so that memory is bounded."""

import socket
import struct

import grpc
import numpy as np
import pytest

from serving.metrics import REQUEST_COUNT
from serving.protocol.messages import message
from serving.protocol.open_inference.messages import message as open_inference_message
from tests.serving.fake_models import RunningServer
from tests.serving.test_grpc import MODEL, Stub, open_channel, predict

SETTINGS, HEADERS, DATA, END_STREAM, END_HEADERS, ACK = 4, 1, 0, 1, 4, 1
INITIAL_WINDOW_SIZE = 4
UNARY = "/tensorflow.serving.PredictionService/Predict"
STREAM = "/inference.GRPCInferenceService/ModelStreamInfer"
CALLS = 20


def frame(kind, flags=0, stream=0, payload=b""):
    head = struct.pack("!I", len(payload))[1:] + bytes([kind, flags])
    return head + struct.pack("!I", stream) + payload


def field(name, value):
    """A header as HPACK writes one that is in no table."""
    text = name.encode(), value.encode()
    return b"\0" + b"".join(bytes([len(each)]) + each for each in text)


def calls(path, request):
    """What a client of HTTP/2 sends that leaves no room for any answer."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "localhost",
        "te": "trailers",
        "content-type": "application/grpc",
    }
    headers = b"".join(field(*each) for each in fields.items())
    data = b"\0" + struct.pack("!I", len(request)) + request
    sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    sent += frame(SETTINGS, payload=struct.pack("!HI", INITIAL_WINDOW_SIZE, 0))
    sent += frame(SETTINGS, ACK)
    for stream in range(1, 2 * CALLS, 2):
        sent += frame(HEADERS, END_HEADERS, stream, headers)
        sent += frame(DATA, END_STREAM, stream, data)
    return sent


def request_of(path, size):
    if path == UNARY:
        request = message("tensorflow.serving.PredictRequest")()
        request.model_spec.name = MODEL
        tensor = request.inputs["x"]
        tensor.dtype = 1
        tensor.tensor_shape.dim.add(size=size)
        tensor.float_val.append(1)  # It repeats.
    else:
        request = open_inference_message("ModelInferRequest")(model_name=MODEL)
        request.inputs.add(name="x", datatype="FP32", shape=[size])
        request.raw_input_contents.append(np.ones(size, np.float32).tobytes())
    return request.SerializeToString()


def answered(server):
    counts = [row for row in server.metrics.snapshot() if row[0] == REQUEST_COUNT]
    return sum(value for *_, value in counts)


@pytest.mark.parametrize(("path", "size"), [(UNARY, 100_000), (STREAM, 100)])
def test_they_are_counted_until_their_client_leaves(path, size, wait_until):
    sent, limit = calls(path, request_of(path, size)), 60 * size
    with RunningServer(port=0, max_pending_bytes=limit) as server:
        host, port = server.address.split(":")
        with socket.create_connection((host, int(port)), timeout=60) as client:
            client.sendall(sent)
            if path == UNARY:
                wait_until(lambda: answered(server) == CALLS, "all are answered")
            # An answer has 12 bytes for each value.
            wait_until(lambda: server.pending.count > 12 * size, "answers are held")
            assert server.pending.count <= limit
            with open_channel(server.address) as channel:
                x = np.ones(13 * size, np.float32)
                with pytest.raises(grpc.RpcError) as caught:
                    Stub(channel).Predict(predict(x=x), timeout=60)
                assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                assert "are waiting already" in caught.value.details()
        wait_until(lambda: server.pending.count == 0, "nothing is held")
        with open_channel(server.address) as channel:
            answer = Stub(channel).Predict(predict(), timeout=60)
            assert answer.outputs["y"].float_val == [3]
