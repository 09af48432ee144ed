"""Hostile requests to a server, over HTTP and gRPC."""

import atexit
import contextlib
import functools
import gzip
import json
import shutil
import socket
import struct
import tempfile
from pathlib import Path

import grpc

import serving
from serving.protocol.messages import message
from tests.hostile.data_files import RANDOM, Write, content
from tests.hostile.measuring import Reader
from tests.serving.rows import write_onnx

SECONDS = 20  # until an answer is a hang


@functools.cache
def server() -> serving.Server:
    """A server of this process, with short patience."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    (folder / "scale/1").mkdir(parents=True)
    write_onnx(folder / "scale/1", 3.0)
    running = serving.Server(
        folder,
        port=0,
        rest_api_port=0,
        max_request_bytes=2**23,
        header_timeout_seconds=2,
        body_timeout_seconds=2,
        idle_timeout_seconds=2,
    )
    running.start()
    atexit.register(running.stop)
    return running


def rest_port() -> int:
    return int(server().url.rpartition(":")[2])


def exchange(port: int, data: bytes, seconds: float = SECONDS) -> bytes:
    """Sends bytes; returns all that is answered until the server closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        # A server may stop listening to what it refuses.
        with contextlib.suppress(OSError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while part := client.recv(2**16):
                answer += part
    return answer


def check_alive() -> None:
    port = rest_port()
    answer = exchange(port, request("GET", "/v1/models/scale", b""))
    assert b"AVAILABLE" in answer, answer


# HTTP


def request(
    method: str, path: str, body: bytes, *headers: str, host: str = "localhost"
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [*headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def predict(body: bytes | str, *headers: str) -> Write:
    data = body.encode() if isinstance(body, str) else body
    return content(".http", request("POST", "/v1/models/scale:predict", data, *headers))


def infer(body: bytes | str, *headers: str) -> Write:
    data = body.encode() if isinstance(body, str) else body
    return content(".http", request("POST", "/v2/models/scale/infer", data, *headers))


def v2(shape: object, data: object, datatype: object = "FP32") -> Write:
    tensor = {"name": "x", "shape": shape, "datatype": datatype, "data": data}
    return infer(json.dumps({"inputs": [tensor]}))


def read_http(path: Path) -> None:
    answer = exchange(rest_port(), path.read_bytes())
    status = answer.split(b" ", 2)[1:2]
    assert not answer or status[0] < b"500" or status[0] == b"503", answer[:300]
    assert b"Traceback" not in answer
    check_alive()


def honest_http(path: Path) -> Path:
    values = [round(each, 3) for each in RANDOM.normal(size=600_000).tolist()]
    return predict(json.dumps({"instances": values}))(path)


GZIP = "Content-Encoding: gzip"
HTTP = {
    "a bomb": predict(gzip.compress(b" " * 10**9, 1), GZIP),
    "a bomb of JSON": predict(gzip.compress(b"[" * 5 * 10**7, 1), GZIP),
    "a bomb in a bomb": predict(gzip.compress(gzip.compress(bytes(10**8))), GZIP),
    "no gzip": predict(b"\x1f\x8b\x08" + bytes(99), GZIP),
    "half of gzip": predict(gzip.compress(b"[1]" * 999)[:20], GZIP),
    "brackets": predict("[" * 10**6),
    "objects": predict('{"a":' * 800_000),
    "instances in brackets": predict('{"instances":' + "[" * 10**6),
    "instances of brackets": predict(
        '{"instances": [' + "[" * 5000 + "]" * 5000 + "]}"
    ),
    "an integer of many digits": predict('{"instances": [' + "9" * 10**6 + "]}"),
    "a fraction of many digits": predict('{"instances": [0.' + "9" * 10**6 + "]}"),
    "an exponent of many digits": predict('{"instances": [1e' + "9" * 10**6 + "]}"),
    "NaN": predict('{"instances": [NaN, Infinity, -Infinity, 1e999]}'),
    "surrogates": predict(r'{"instances": ["\ud800"]}'),
    "no UTF-8": predict(b'{"instances": ["\xff"]}'),
    "names twice": predict('{"instances": [1], "instances": [' * 20_000),
    "many names": predict(json.dumps(dict.fromkeys(map(str, range(100_000)), 1))),
    "texts as numbers": predict('{"instances": ["' + "a" * 10**6 + '"]}'),
    "base64 of nothing": predict('{"instances": [{"b64": "' + "=" * 10**6 + '"}]}'),
    "ragged rows": predict('{"instances": [' + "[1],[1,2]," * 99_999 + "[1]]}"),
    "empty rows": predict('{"instances": [' + "[]," * 500_000 + "[]]}"),
    "rows in columns": predict('{"inputs": {"x": ' + "[" * 60 + "1" + "]" * 60 + "}}"),
    "a signature of a path": predict(
        '{"signature_name": "../../etc/passwd", "instances": [1]}'
    ),
    "a signature of many letters": predict(
        json.dumps({"signature_name": "a" * 10**6, "instances": [1]})
    ),
    "a shape of 10^13": v2([10**13], [1]),
    "a shape of 10^40": v2([10**40], [1]),
    "a product of zero": v2([0, 10**13], []),
    "a negative shape": v2([-1], [1]),
    "a shape of fractions": v2([1.5], [1]),
    "a shape of texts": v2("x", [1]),
    "a shape of many axes": v2([1] * 100_000, [1]),
    "data of objects": v2([1], [{}]),
    "data in brackets": v2([1], functools.reduce(lambda x, _: [x], range(400), 1)),
    "a type of others": v2([1], [1], "PICKLE"),
    "a type of no text": v2([1], [1], {}),
    "bytes that say 2^32": infer(
        json.dumps(
            {
                "inputs": [
                    {
                        "name": "x",
                        "shape": [1],
                        "datatype": "BYTES",
                        "parameters": {"binary_data_size": 4},
                    }
                ]
            }
        )
        + "\xff\xff\xff\xff",
        "Inference-Header-Content-Length: 112",
    ),
    "a header that says more": infer(
        "{}", "Inference-Header-Content-Length: 99999999999"
    ),
    "a header that says less": infer("{}", "Inference-Header-Content-Length: -1"),
    "many inputs": infer(
        json.dumps(
            {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32"}] * 20_000}
        )
    ),
    "ids of many letters": infer(json.dumps({"id": "a" * 10**6, "inputs": []})),
    "a path of many letters": content(
        ".http", request("GET", f"/v1/models/{'a' * 60_000}", b"")
    ),
    "a path of dots": content(
        ".http", request("GET", "/v1/models/../../../../etc/passwd", b"")
    ),
    "a path of zeros": content(".http", request("GET", "/v1/models/%00", b"")),
    "a version of superscripts": content(
        ".http", request("GET", "/v1/models/scale/versions/%C2%B2", b"")
    ),
    "a version of many digits": content(
        ".http", request("GET", f"/v1/models/scale/versions/{'9' * 9999}", b"")
    ),
    "headers without end": content(
        ".http", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200_000
    ),
    "a header without end": content(".http", b"GET / HTTP/1.1\r\na: " + b"b" * 10**6),
    "a length of many digits": content(
        ".http", b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 99 + b"\r\n\r\n"
    ),
    "two lengths": content(
        ".http",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Content-Length: 2\r\n\r\nab",
    ),
    "a length and chunks": content(
        ".http",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "a chunk of 2^64": content(
        ".http",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"FFFFFFFFFFFFFFFFF\r\n",
    ),
    "chunks of one byte": content(
        ".http",
        b"POST /v1/models/scale:predict HTTP/1.1\r\nHost: localhost\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n[\r\n" * 300_000,
    ),
    "a host of others": content(
        ".http", request("GET", "/v1/models/scale", b"", host="evil.example")
    ),
    "another protocol": content(".http", b"\x16\x03\x01" + bytes(500)),
    "HTTP 0.9": content(".http", b"GET /\r\n"),
    "pipelines": content(".http", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000),
}


# gRPC

SERVICE = "/tensorflow.serving.PredictionService/Predict"
TRITON = "/inference.GRPCInferenceService/ModelInfer"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def call(method: str, data: bytes, *metadata: tuple[str, str]) -> Write:
    """A call whose message is any bytes."""
    head = json.dumps([method, metadata]).encode()
    return content(".grpc", struct.pack("<I", len(head)) + head + data)


def raw(data: bytes) -> Write:
    """Bytes instead of HTTP/2."""
    return content(".raw", data)


def read_grpc(path: Path) -> None:
    data = path.read_bytes()
    port = int(server().grpc_address.rpartition(":")[2])
    if path.suffix == ".raw":
        with contextlib.suppress(TimeoutError):  # it waits for more frames
            exchange(port, data, seconds=0.5)
    else:
        (length,) = struct.unpack_from("<I", data)
        method, metadata = json.loads(data[4 : 4 + length])
        options = [("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
            stub = channel.unary_unary(method)
            try:
                stub(data[4 + length :], timeout=SECONDS, metadata=metadata)
            except grpc.RpcError as error:
                assert error.code() != grpc.StatusCode.DEADLINE_EXCEEDED, error
                assert error.code() != grpc.StatusCode.UNKNOWN, error
    check_alive()


def tensor(**fields: object) -> bytes:
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = "scale"
    proto = request.inputs["x"]
    dims = fields.pop("dims", ())
    for name, value in fields.items():
        if isinstance(value, list):
            getattr(proto, name).extend(value)
        else:
            setattr(proto, name, value)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return request.SerializeToString()


def honest_grpc(path: Path) -> Path:
    values = RANDOM.normal(size=10**6).astype("float32").tobytes()
    data = tensor(dtype=1, dims=[10**6], tensor_content=values)
    return call(SERVICE, data)(path)


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return (
        struct.pack(">I", len(body))[1:]
        + struct.pack(">BBI", kind, flags, stream)
        + body
    )


SETTINGS = frame(4, 0, 0)
GRPC = {
    "a message of zeros": call(SERVICE, bytes(10**6)),
    "a message of ones": call(SERVICE, b"\xff" * 10**6),
    "groups without end": call(SERVICE, b"\x0b" * 10**6),
    "messages without end": call(SERVICE, b"\x0a\x80\x80\x01" * 10**5),
    "an empty message": call(SERVICE, b""),
    "one value for 10^9": call(SERVICE, tensor(dtype=1, dims=[10**9], float_val=[1.0])),
    "one value for 10^13": call(
        SERVICE, tensor(dtype=1, dims=[10**13], float_val=[1.0])
    ),
    "a product beyond 2^64": call(
        SERVICE, tensor(dtype=1, dims=[2**40, 2**40], float_val=[1.0])
    ),
    "a negative size": call(SERVICE, tensor(dtype=1, dims=[-5], float_val=[1.0])),
    "many axes": call(SERVICE, tensor(dtype=1, dims=[1] * 10**5, float_val=[1.0])),
    "no values": call(SERVICE, tensor(dtype=1, dims=[0, 2**62])),
    "half of the bytes": call(
        SERVICE, tensor(dtype=1, dims=[3], tensor_content=b"abc")
    ),
    "a type of tomorrow": call(SERVICE, tensor(dtype=99, dims=[1])),
    "a resource": call(SERVICE, tensor(dtype=20, dims=[1])),
    "texts as numbers": call(SERVICE, tensor(dtype=7, dims=[1], string_val=[b"a"])),
    "halves": call(SERVICE, tensor(dtype=19, dims=[1], half_val=[2**30])),
    "another method": call("/a/b", b"x"),
    "a method of paths": call("/../../etc/passwd", b"x"),
    "metadata of many letters": call(SERVICE, b"", ("a", "b" * 10**5)),
    "much metadata": call(SERVICE, b"", *[(f"a{i}", "b") for i in range(3_000)]),
    "raw contents of others": call(TRITON, b"\x3a\x04abcd" * 10**5),
    "a shape of 2^63": call(
        TRITON, b"\x0a\x05scale\x2a\x13\x0a\x01x\x12\x04FP32\x1a\x08" + b"\xff" * 8
    ),
    "no preface": raw(b"GET / HTTP/1.1\r\n\r\n"),
    "zeros": raw(bytes(10**6)),
    "half a preface": raw(PREFACE[:9]),
    "a frame of 2^24": raw(PREFACE + SETTINGS + b"\xff\xff\xff\x00\x00" + bytes(4)),
    "settings without end": raw(PREFACE + SETTINGS * 100_000),
    "pings without end": raw(PREFACE + SETTINGS + frame(6, 0, 0, bytes(8)) * 50_000),
    "resets without end": raw(
        PREFACE
        + SETTINGS
        + b"".join(
            frame(1, 4, i, b"\x82\x86\x84") + frame(3, 0, i, bytes(4))
            for i in range(1, 40_001, 2)
        )
    ),
    "headers without end": raw(
        PREFACE
        + SETTINGS
        + frame(1, 0, 1, b"\x82")
        + frame(9, 0, 1, b"\x40\x01a\x01b") * 50_000
    ),
    "a table of 2^32": raw(PREFACE + frame(4, 0, 0, b"\x00\x01\xff\xff\xff\xff")),
    "windows beyond the end": raw(
        PREFACE + SETTINGS + frame(8, 0, 0, b"\x7f\xff\xff\xff") * 9
    ),
    "indices of no table": raw(PREFACE + SETTINGS + frame(1, 5, 1, b"\xff" * 999)),
    "streams of even numbers": raw(PREFACE + SETTINGS + frame(1, 5, 2, b"\x82")),
}

READERS = {
    "http": Reader(read_http, honest_http, HTTP),
    "grpc": Reader(read_grpc, honest_grpc, GRPC),
}
