"""Answers of gRPC that their client does not take count, so that memory is bounded."""

import contextlib
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest

from serving.metrics import REQUEST_COUNT
from serving.protocol.messages import message
from serving.protocol.open_inference.messages import message as open_inference_message
from serving.transport import pending_bytes
from serving.transport.pending_bytes import PendingBytes
from tests.serving.fake_models import RunningServer
from tests.serving.test_grpc import MODEL, Stub, open_channel, predict

SETTINGS, HEADERS, DATA, END_STREAM, END_HEADERS, ACK = 4, 1, 0, 1, 4, 1
PING, HEAD = 6, 9  # the bytes before a frame
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


def answer_pings(client):
    """Answers whether it is there, reads no answer, and returns once it is left."""
    received = b""
    with contextlib.suppress(ConnectionError), client:
        while more := client.recv(2**16):
            received += more
            while len(received) >= HEAD:
                end = HEAD + int.from_bytes(received[:3])
                if len(received) < end:
                    break
                kind, flags, payload = *received[3:5], received[HEAD:end]
                received = received[end:]
                if kind == PING and not flags & ACK:
                    client.sendall(frame(PING, ACK, payload=payload))


class Later:
    """Minutes after the answers were written."""

    @staticmethod
    def monotonic():
        return time.monotonic() + 301


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_does_not_read_makes_room_for_others(host, wait_until, monkeypatch):
    size = 100_000
    sent, limit = calls(UNARY, request_of(UNARY, size)), 60 * size
    options = {"host": host, "max_pending_bytes": limit, "body_timeout_seconds": 300}
    with RunningServer(port=0, **options) as server, ThreadPoolExecutor(1) as pool:
        port = int(server.address.rpartition(":")[2])
        client = socket.create_connection((host, port), timeout=60)
        client.sendall(sent)
        left = pool.submit(answer_pings, client)
        wait_until(lambda: answered(server) == CALLS, "all are answered")
        # Four of 12 bytes for each value: there is no room for a fifth.
        wait_until(lambda: server.pending.count > 48 * size, "answers are held")
        with open_channel(f"{bracketed(host)}:{port}") as channel:
            x = np.ones(size, np.float32)

            def is_served():
                try:
                    Stub(channel).Predict(predict(x=x), timeout=60)
                except grpc.RpcError as error:
                    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                    return False
                return True

            assert not is_served()
            monkeypatch.setattr(pending_bytes, "time", Later)
            wait_until(is_served, "another client is served")
            left.result(60)
            # Who reads stays connected.
            assert Stub(channel).Predict(predict(), timeout=60).outputs["y"]
        wait_until(lambda: server.pending.count == 0, "nothing is held")


def bracketed(host):
    return f"[{host}]" if ":" in host else host


def test_the_limit_leaves_those_alone_who_are_in_time(monkeypatch):
    left, pending = [], PendingBytes(limit=10, patience=300)
    first = pending.hold(6, lambda: left.append("first"))
    assert pending.is_full(5) and not pending.is_full(4)
    monkeypatch.setattr(pending_bytes, "time", Later)
    second = pending.hold(3, lambda: left.append("second"))
    assert not pending.is_full(1)
    assert left == []  # There was room.
    assert pending.is_full(2)
    assert left == ["first"]
    pending.let_go(first)
    pending.let_go(second)
    assert pending.count == 0
    assert not pending.is_full(10)
