"""Malformed calls of gRPC: each is answered, and nothing is left behind."""

import os
import random
import socket

import grpc
import psutil
import pytest

from serving.protocol.messages import message
from tests.serving.fake_models import RunningServer
from tests.serving.test_grpc import (
    METHODS,
    Stub,
    multi_inference,
    open_channel,
    predict,
    request,
    with_examples,
)

# What a client may get for anything that is no good request.
EXPECTED = {
    grpc.StatusCode.INTERNAL,  # a body that is no message
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.UNIMPLEMENTED,
}
TensorProto = message("tensorflow.TensorProto")


def valid(method):
    made = {
        "Predict": predict,
        "Classify": lambda: with_examples("Classify", "classify_x_to_y", 1),
        "Regress": lambda: with_examples("Regress", "regress_x_to_y", 1),
        "MultiInference": lambda: multi_inference(("regress_x_to_y", "regress")),
        "GetModelMetadata": lambda: request("GetModelMetadata"),
        "GetModelStatus": lambda: request("GetModelStatus"),
        "HandleReloadConfigRequest": lambda: request("HandleReloadConfigRequest"),
    }[method]()
    return made.SerializeToString()


def hostile_tensor(generator):
    """A tensor with a type, a shape and values that need not fit each other."""
    proto = TensorProto(dtype=generator.randrange(0, 30))
    for _ in range(generator.randrange(0, 5)):
        size = generator.choice([-1, 0, 1, 2, 3, 2**20, 2**31, 2**62])
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_shape.unknown_rank = generator.random() < 0.1
    field = generator.choice(["content", "float_val", "int64_val", "string_val", ""])
    if field == "content":
        proto.tensor_content = generator.randbytes(generator.randrange(0, 64))
    elif field:
        value = b"a" if field == "string_val" else 1
        getattr(proto, field).extend([value] * generator.randrange(0, 8))
    return proto


def mutated(data, generator):
    """The bytes of a message with some of them changed, doubled or left out."""
    changed = bytearray(data)
    for _ in range(generator.randrange(1, 6)):
        position = generator.randrange(0, len(changed) + 1)
        kind = generator.randrange(4)
        if kind == 0:
            changed[position:position] = generator.randbytes(generator.randrange(1, 9))
        elif kind == 1:
            del changed[position : position + generator.randrange(1, 9)]
        elif kind == 2 and position < len(changed):
            changed[position] ^= 1 << generator.randrange(8)
        else:
            changed += changed[position : position + 20]
    return bytes(changed)


def malformed(generator):
    """A method and a body for it."""
    method = generator.choice(sorted(METHODS))
    kind = generator.randrange(4)
    if kind == 0:
        return method, generator.randbytes(generator.randrange(0, 200))
    if kind == 1:
        made = predict(generator.choice(["", "echo", "classify_x_to_y"]))
        made.inputs[generator.choice(["x", "text", "inputs"])].CopyFrom(
            hostile_tensor(generator)
        )
        return "Predict", made.SerializeToString()
    if kind == 2:
        other = generator.choice(sorted(METHODS))
        return method, valid(other)
    return method, mutated(valid(method), generator)


def send_malformed(channel, generator, count):
    seen = set()
    for _ in range(count):
        method, body = malformed(generator)
        call = channel.unary_unary(f"/tensorflow.serving.{METHODS[method][0]}/{method}")
        try:
            call(body, timeout=20)
        except grpc.RpcError as error:
            seen.add(error.code())
            assert error.code() in EXPECTED, (method, body, error.details())
            assert "server's log" not in error.details(), (method, body)
    return seen


def test_malformed_calls_are_answered():
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        seen = send_malformed(channel, random.Random(0), 300)
        assert {grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT} <= seen
        assert Stub(channel).Predict(predict(), timeout=10).outputs["y"].float_val == [
            3
        ]
        assert server.manager.servables[123].users == 0


@pytest.mark.soak
def test_ten_thousand_malformed_calls_leave_nothing_behind():
    process = psutil.Process(os.getpid())
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        send_malformed(channel, random.Random(1), 2000)
        descriptors, memory = process.num_fds(), process.memory_info().rss
        send_malformed(channel, random.Random(2), 10_000)
        assert Stub(channel).Predict(predict(), timeout=10).outputs["y"].float_val == [
            3
        ]
        assert process.num_fds() <= descriptors
        assert process.memory_info().rss < memory + 20 * 2**20
        assert server.manager.servables[123].users == 0


def test_half_open_connections_lock_nobody_out_for_long():
    options = {"max_connections": 5, "header_timeout_seconds": 0.5}
    with RunningServer(port=0, **options) as server:
        host, port = server.address.split(":")
        clients = []
        for _ in range(20):
            client = socket.create_connection((host, int(port)), timeout=60)
            client.sendall(b"PRI * HTTP/2.0")
            clients.append(client)
        with open_channel(server.address) as channel:
            answer = Stub(channel).Predict(predict(), timeout=30, wait_for_ready=True)
        assert answer.outputs["y"].float_val == [3.0]
        for client in clients:
            client.close()
