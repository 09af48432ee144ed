"""REST clients against servers that break off, are busy, slow or none at all."""

import contextlib
import gc
import json
import socket
import struct
import threading
import time

import numpy as np
import pytest

from serving import Client, RequestError, Retries, ServingError

from .clients import REST_CLIENTS

FAST = Retries(attempts=4, initial_seconds=0.01)
RESET = "reset"
SILENCE = "silence"
DRIBBLE = "dribble"


def metadata(**dtypes):
    outputs = {
        name: {"dtype": f"DT_{dtype}", "tensor_shape": {"unknown_rank": True}}
        for name, dtype in dtypes.items()
    }
    signature = {"inputs": {"x": {"dtype": "DT_FLOAT"}}, "outputs": outputs}
    document = {"signature_def": {"signature_def": {"serving_default": signature}}}
    return json.dumps({"metadata": document}).encode()


class FakeServer:
    """Answers GET with `metadata`, and each POST with the next of `script`.

    What a script holds: `(status, body)`, `(status, body, headers)`, or a fault.
    """

    def __init__(self, script=(), dtypes=None):
        self.script = list(script)
        self.metadata = metadata(**(dtypes or {"y": "FLOAT"}))
        self.posts = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(
                    target=self._serve, args=[connection], daemon=True
                ).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                headers = {}
                while (header := stream.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get(b"content-length", 0)))
                if line.startswith(b"GET"):
                    self._answer(connection, 200, self.metadata)
                    continue
                self.posts.append(body)
                step = self.script.pop(0)
                if step == RESET:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                if step == SILENCE:
                    time.sleep(1.0)
                    return
                self._answer(connection, *step)

    def _answer(self, connection, status, body, headers="", pause=0.0):
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode())
        with contextlib.suppress(OSError):
            for start in range(0, len(body), 1 if pause else len(body) or 1):
                time.sleep(pause)
                connection.sendall(body[start:] if not pause else body[start:][:1])


GOOD = (200, b'{"outputs": [2.0]}')
BUSY = (503, b'{"error": "busy"}')


@pytest.fixture(params=REST_CLIENTS)
def make_client(request):
    return request.param


def predict(make_client, server, **options):
    with make_client(server.url, **{"retries": FAST, **options}) as client:
        return client.predict("m", {"x": [1.0]})


def test_busy_is_asked_again(make_client):
    with FakeServer([BUSY, BUSY, GOOD]) as server:
        assert predict(make_client, server)["y"].tolist() == [2.0]
        assert len(server.posts) == 3


def test_busy_for_good(make_client):
    with FakeServer([BUSY] * 9) as server:
        with pytest.raises(RequestError, match="answered 503: busy") as caught:
            predict(make_client, server)
        assert caught.value.code.name == "UNAVAILABLE"
        assert len(server.posts) == FAST.attempts


def test_the_server_says_how_long_it_is_busy(make_client):
    busy = (*BUSY, "Retry-After: 1\r\n")
    with FakeServer([busy, GOOD]) as server:
        begin = time.monotonic()
        predict(make_client, server)
        assert time.monotonic() - begin >= 1.0


def test_one_broken_connection_loses_no_request(make_client):
    """A worker that is killed takes the requests of others with it."""
    with FakeServer([RESET, GOOD]) as server:
        assert predict(make_client, server)["y"].tolist() == [2.0]


def test_a_request_that_ends_processes_ends_two_at_most(make_client):
    with FakeServer([RESET] * 9) as server:
        with pytest.raises(RequestError, match="broke before .* was answered"):
            predict(make_client, server)
        assert len(server.posts) == 2


def test_busy_between_does_not_make_a_third_try(make_client):
    with FakeServer([RESET, BUSY, RESET, GOOD]) as server:
        with pytest.raises(RequestError, match="broke before"):
            predict(make_client, server)
        assert len(server.posts) == 3


def test_refused_is_not_asked_again(make_client):
    with FakeServer([(400, b'{"error": "bad\\nshape"}')]) as server:
        with pytest.raises(RequestError, match="400: bad shape .`metadata`") as caught:
            predict(make_client, server)
        assert caught.value.code.name == "INVALID_ARGUMENT"
        assert len(server.posts) == 1


def test_silence_is_not_asked_again(make_client):
    with FakeServer([SILENCE, GOOD]) as server:
        with pytest.raises(RequestError, match=r"not answer within 0\.2 s") as caught:
            predict(make_client, server, read_timeout=0.2)
        assert caught.value.code.name == "DEADLINE_EXCEEDED"
        assert len(server.posts) == 1


def test_the_whole_call_has_a_timeout(make_client):
    slowly = (*GOOD, "", 0.05)
    expected = pytest.raises(RequestError, match=r"did not answer within 0\.3 s")
    with FakeServer([slowly]) as server, expected:
        predict(make_client, server, timeout=0.3)


def test_the_whole_call_with_its_pauses_has_a_timeout(make_client):
    begin = time.monotonic()
    slow = Retries(attempts=50, initial_seconds=0.2)
    expected = pytest.raises(RequestError, match=r"503|did not answer within 1 s")
    with FakeServer([BUSY] * 50) as server, expected:
        predict(make_client, server, timeout=1.0, retries=slow)
    assert time.monotonic() - begin < 3


def test_a_server_that_comes_back(make_client):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answered = threading.Event()

    def serve():
        time.sleep(0.3)
        with socket.create_server(("127.0.0.1", port)) as listener:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                answered.wait(10)

    thread = threading.Thread(target=serve)
    thread.start()
    with make_client(f"http://127.0.0.1:{port}") as client:
        assert client.status("m") == {}
    answered.set()
    thread.join()


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (200, b"<html>", "without a JSON object. Is this the REST port"),
        (200, b"[]", "without a JSON object"),
        (502, b"Bad gateway", "answered 502 without a JSON object"),
        (200, b"{}", "answered without outputs"),
        (200, b'{"outputs": {"y": [[1], 2]}}', "'y' is no array"),
        (200, b'{"outputs": {"y": ["a"]}}', "'y' takes float32. Received: strings"),
        (200, b'{"outputs": {"y": null}}', "'y' is no array: it holds NoneType"),
        (200, b'{"outputs": {"y": {"b64": 3}}}', "'y' is no array: it holds dict"),
    ],
)
def test_strange_answers(make_client, status, body, text):
    expected = pytest.raises(ServingError, match=text)
    with FakeServer([(status, body)]) as server, expected:
        predict(make_client, server)


def test_metadata_that_is_none(make_client):
    with FakeServer() as server, make_client(server.url) as client:
        server.metadata = b'{"metadata": 3}'
        with pytest.raises(ServingError, match="metadata is none of TensorFlow Serv"):
            client.predict("m", {"x": [1.0]})


def test_types_of_answers_are_those_of_the_metadata(make_client):
    types = {
        "half": ("HALF", [1.5]),
        "single": ("FLOAT", [1, 3.4028235e38]),
        "double": ("DOUBLE", [0.1]),
        "small": ("UINT8", [255]),
        "large": ("UINT64", [2**64 - 1, 1]),
        "integers": ("INT64", [2**62, 1]),
        "flags": ("BOOL", [True]),
        "words": ("STRING", [["a"], [{"b64": "/w=="}]]),
        "nothing": ("INT32", []),
        "no_words": ("STRING", []),
        "special": ("FLOAT", [float("nan"), float("-inf")]),
        "scalar": ("INT64", 3),
        "other": ("BFLOAT16", [1.5]),
    }
    body = json.dumps({"outputs": {k: value for k, (_, value) in types.items()}})
    dtypes = {name: dtype for name, (dtype, _) in types.items()}
    with FakeServer([(200, body.encode())], dtypes) as server:
        arrays = predict(make_client, server)
    assert {name: str(array.dtype) for name, array in arrays.items()} == {
        "half": "float16",
        "single": "float32",
        "double": "float64",
        "small": "uint8",
        "large": "uint64",
        "integers": "int64",
        "flags": "bool",
        "words": "object",
        "nothing": "int32",
        "no_words": "object",
        "special": "float32",
        "scalar": "int64",
        "other": "float64",
    }
    assert arrays["large"].tolist() == [2**64 - 1, 1]
    assert arrays["integers"].tolist() == [2**62, 1]
    assert arrays["words"].tolist() == [["a"], [b"\xff"]]
    assert arrays["scalar"].shape == ()
    assert np.isfinite(arrays["single"]).all()
    assert np.isnan(arrays["special"][0])


def test_metadata_is_asked_once(make_client):
    with FakeServer([GOOD, GOOD]) as server, make_client(server.url) as client:
        client.predict("m", {"x": [1.0]}, version=3)
        server.metadata = b"{}"
        assert client.predict("m", {"x": [1.0]}, version=3)["y"].tolist() == [2.0]


def test_another_version_with_other_outputs(make_client):
    new = (200, b'{"outputs": {"y": [1], "n": [4]}}')
    with FakeServer([GOOD, new]) as server, make_client(server.url) as client:
        client.predict("m", {"x": [1.0]})
        server.metadata = metadata(y="FLOAT", n="INT32")
        outputs = client.predict("m", {"x": [1.0]})
    assert {name: str(array.dtype) for name, array in outputs.items()} == {
        "y": "float32",
        "n": "int32",
    }


def test_what_is_sent(make_client):
    with FakeServer([GOOD] * 3) as server, make_client(server.url) as client:
        for x in ([0.1, float("inf")], np.zeros((0, 2)), np.float64(2)):
            client.predict("m", {"x": x}, label="stable", signature_name=None)
        sent = [json.loads(body)["inputs"]["x"] for body in server.posts]
    assert sent[0][1] == float("inf")
    assert np.float32(sent[0][0]) == np.float32(0.1)
    assert sent[1:] == [[], 2.0]


def test_classify_and_regress(make_client):
    classes = (200, b'{"results": [[["cat", 0.75], ["dog", 0.25]]]}')
    numbers = (200, b'{"results": [1.5, 2]}')
    with FakeServer([classes, numbers]) as server, make_client(server.url) as client:
        labels = client.classify("m", [{"age": 3, "name": "Ann", "png": b"\xff"}])
        values = client.regress("m", [{"age": [[1.5], [2]]}], context={"year": 1900})
        first, second = map(json.loads, server.posts)
    assert labels == [[("cat", 0.75), ("dog", 0.25)]]
    assert values.tolist() == [1.5, 2.0]
    assert values.dtype == np.float32
    assert first["examples"] == [{"age": 3, "name": "Ann", "png": {"b64": "/w=="}}]
    assert second["examples"] == [{"age": [1.5, 2.0]}]
    assert second["context"] == {"year": 1900}


def test_backoff_grows_and_is_bounded():
    longest = Retries(attempts=9, max_seconds=1.0).pauses(
        uniform=lambda low, high: high
    )
    assert longest == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0]
    drawn = {tuple(Retries().pauses()) for _ in range(3)}
    assert len(drawn) == 3
    # A worker is back within a second, so the shortest pauses together last longer.
    assert sum(Retries().pauses(uniform=lambda low, high: low)) > 1


def test_ipv6():
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve)
        thread.start()
        with Client(f"http://[::1]:{listener.getsockname()[1]}") as client:
            assert client.status("m") == {}
        thread.join()


@pytest.mark.slow
def test_a_client_that_nobody_closes_leaves_no_socket():
    with FakeServer([GOOD]) as server:
        client = Client(server.url)
        client.predict("m", {"x": [1.0]})
        http = client._http
        assert not http.is_closed
        del client
        gc.collect()
        assert http.is_closed
