"""The HTTP server over real sockets: what clients do by mistake or on purpose."""

import asyncio
import contextlib
import gzip
import json
import logging
import os
import random
import resource
import socket
import threading
import time
from pathlib import Path

import psutil
import pytest
import uvloop

from serving.metrics import Metrics
from serving.options import ServerOptions
from serving.transport import http_reader
from serving.transport.http import HttpServer
from serving.transport.http_messages import HttpResponse
from serving.transport.pending_bytes import PendingBytes
from serving.transport.telemetry import Telemetry

OK = b"HTTP/1.1 200 OK\r\n"
HOST = b"Host: localhost\r\n"
GET = b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n"


class Echo:
    """Answers with what it got; `/echo/slow?0.2` after so many seconds."""

    def __init__(self):
        self.answered = 0

    def handle(self, request, respond):
        body = json.dumps(
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "body": len(request.body),
                "tail": request.body[-20:].decode("latin-1"),
            }
        ).encode()
        if request.path == "/echo/large":
            body = b"x" * int(request.query)
        if request.path == "/echo/fail":
            raise RuntimeError("secret")
        if request.path == "/echo/slow":
            delay = float(request.query)
            loop = asyncio.get_running_loop()
            loop.call_later(delay, respond, HttpResponse(200, body))
        else:
            respond(HttpResponse(200, body))


class Running:
    """A server in a thread of its own."""

    def __init__(self, loop_factory, **options):
        self.options = ServerOptions(**options)
        self.pending = PendingBytes(
            self.options.max_pending_bytes, self.options.body_timeout_seconds
        )
        self.loop_factory = loop_factory
        self.started = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.started.wait(20)

    def run(self):
        async def serve():
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
            self.loop = asyncio.get_running_loop()
            telemetry = Telemetry(Metrics(), None, None, self.options.access_log)
            apis = {"/echo": Echo()}
            self.server = HttpServer(apis, self.options, self.pending, telemetry)
            await self.server.start(listener)
            self.ended = asyncio.Event()
            self.started.set()
            await self.ended.wait()

        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            runner.run(serve())

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, data, end=True):
        """Sends bytes, and returns all that comes until the server closes."""
        with self.connect() as client:
            client.sendall(data)
            if end:
                client.shutdown(socket.SHUT_WR)
            return read_all(client)

    def stop(self, seconds=5.0):
        """Returns how long it took."""
        begin = time.monotonic()
        stopping = asyncio.run_coroutine_threadsafe(
            self.server.stop(seconds), self.loop
        )
        stopping.result(60)
        return time.monotonic() - begin

    def close(self):
        self.stop(0)
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(20)


def read_all(client):
    parts = []
    try:
        while part := client.recv(2**16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def post(body=b"{}", headers=b"", path=b"/echo"):
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + headers + length + b"\r\n" + body


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop])
def run(request):
    running = []

    def start(**options):
        running.append(Running(request.param, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()


def test_pipelined_requests_are_answered_in_order(run):
    slow = GET.replace(b"/echo", b"/echo/slow?0.1")
    answers = run().ask(slow + GET + post(b"12345") + GET * 50)
    assert answers.count(OK) == 53
    assert answers.index(b"/echo/slow") < answers.index(b'"body": 5')


def test_bodies_in_pieces_and_chunks(run):
    server = run()
    with server.connect() as client:
        for byte in post(b"0123456789"):
            client.sendall(bytes([byte]))
        assert b'"tail": "0123456789"' in client.recv(2**16)
        client.sendall(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nTrailer: 1\r\n\r\n"
        )
        assert b'"tail": "abcdefgh"' in client.recv(2**16)


def test_continue_is_said_before_the_body(run):
    with run().connect() as client:
        body = post(b"hello", b"Expect: 100-continue\r\n")
        client.sendall(body[:-5])
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert b'"body": 5' in client.recv(2**16)


def test_too_large_a_body_is_refused_before_it_comes(run):
    server = run(max_request_bytes=1000)
    head = post(b"", b"Expect: 100-continue\r\n").replace(b"h: 0", b"h: 1001")
    assert server.ask(head, end=False).startswith(b"HTTP/1.1 413 ")
    chunked = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in server.ask(chunked + b"fff\r\n" + b"x" * 0xFFF)


def test_versions_and_connection_headers(run):
    server = run()
    assert b"Connection: close" in server.ask(b"GET /echo HTTP/1.0\r\n\r\n", end=False)
    kept = server.ask(b"GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
    assert kept.count(b"Connection: keep-alive") == 2
    closed = GET[:-2] + b"Connection: close\r\n\r\n"
    assert server.ask(closed + GET, end=False).count(OK) == 1


def test_what_is_paused_by_the_server_is_not_late(run):
    server = run(header_timeout_seconds=0.3)
    slow = GET.replace(b"/echo", b"/echo/slow?0.05")
    with server.connect() as client:
        # The next request has begun when the server reads no further.
        client.sendall(slow * 20 + GET[:20])
        answers = b""
        while answers.count(OK) < 20:
            answers += client.recv(2**16)
        client.sendall(GET[20:] + GET[:-2] + b"Connection: close\r\n\r\n")
        answers += read_all(client)
    assert answers.count(OK) == answers.count(b"HTTP/1.1 ") == 22


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_offers_of_another_protocol_leave_body_and_next_request(run, version):
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    chunks = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    head = b"POST /echo HTTP/" + version + b"\r\n" + HOST + offer
    server = run()
    for framed in (b"Content-Length: 3\r\n\r\nabc", chunks):
        answers = server.ask(head + framed)
        assert b'"body": 3, "tail": "abc"' in answers
        with server.connect() as client:
            client.sendall(head + framed[:-2])
            time.sleep(0.05)
            client.sendall(framed[-2:])
            assert b'"body": 3, "tail": "abc"' in client.recv(2**16)
    for wrong, status in (
        (b"Host: example.org\r\n", 403),
        (b"Expect: a\r\n" + HOST, 417),
    ):
        if (status, version) != (417, b"1.0"):
            asked = head.replace(HOST, wrong) + b"Content-Length: 3\r\n\r\nabc"
            assert b" %d " % status in server.ask(asked)[:20]
    many = GET[:-2] + offer + b"\r\n"
    assert server.ask(many * 2000).count(OK) == 2000


def test_continue_is_not_said_to_http_1_0(run):
    data = post(b"abc", b"Expect: 100-continue\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
    with run().connect() as client:
        client.sendall(data[:-3])
        time.sleep(0.1)
        client.sendall(data[-3:])
        assert read_all(client).startswith(OK)


def test_the_name_in_an_absolute_target_counts(run):
    server = run()
    target = b"GET http://%b/echo HTTP/1.1\r\n"
    rest = GET.partition(b"\r\n")[2]
    for name in (b"localhost", b"127.0.0.1:80", b"[::1]"):
        assert server.ask(target % name + rest).startswith(OK)
    for name in (b"example.org", b"localhost@example.org"):
        assert b" 403 " in server.ask(target % name + rest)[:20]


def test_head_and_absolute_form(run):
    server = run()
    head = server.ask(GET.replace(b"GET", b"HEAD"))
    assert head.startswith(OK) and head.endswith(b"\r\n\r\n")
    assert int(head.partition(b"Content-Length: ")[2].split()[0]) > 50
    proxied = server.ask(GET.replace(b"/echo", b"http://localhost/echo?a=b"))
    assert b'"path": "/echo", "query": "a=b"' in proxied


SMUGGLED = {
    "both": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"),
    "both, other order": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked"
    b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": post(b"12345", b"Content-Length: 0\r\n"),
    "equal lengths": post(b"12345", b"Content-Length: 5\r\n"),
    "a list of lengths": post(b"").replace(b"h: 0", b"h: 0, 0"),
    "signed length": post(b"12345").replace(b"h: 5", b"h: +5"),
    "two codings": post(b"").replace(
        b"Content-Length: 0", b"Transfer-Encoding: x, chunked"
    ),
    "not chunked": post(b"").replace(
        b"Content-Length: 0", b"Transfer-Encoding: identity"
    ),
    "twice chunked": post(b"").replace(
        b"Content-Length: 0",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ),
    "space before colon": GET[:-2] + b"Content-Length : 5\r\n\r\n12345",
    "folded": GET[:-2] + b"X: 1\r\n Content-Length: 5\r\n\r\n12345",
    "two hosts": GET[:-2] + b"Host: example.org\r\n\r\n",
    "no host": b"GET /echo HTTP/1.1\r\n\r\n",
    "line feeds": GET.replace(b"\r\n", b"\n"),
    "chunk size": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    b"0x5\r\n12345\r\n0\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c4030363"),
    "no address": GET.replace(b"/echo", b"http://[::1/echo"),
    "null": GET.replace(b"localhost", b"local\0host"),
}


@pytest.mark.parametrize("case", SMUGGLED)
def test_malformed_requests_are_refused(run, case, caplog):
    answer = run().ask(SMUGGLED[case] + GET)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answer
    assert answer.count(b"HTTP/1.1 ") == 1, "what follows is not a request"
    assert b'{"error": ' in answer
    assert not caplog.records


@pytest.mark.parametrize("pieces", [1, 2, 24])
def test_who_speaks_http_2_is_told(run, pieces):
    # As curl --http2-prior-knowledge and clients of gRPC begin: the preface, SETTINGS.
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    data, size = preface + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]), -(-24 // pieces)
    with run().connect() as client:
        for start in range(0, len(data), size):
            client.sendall(data[start : start + size])
            time.sleep(0.001)
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 505 HTTP Version Not Supported\r\n")
    assert answer.endswith(
        b'\r\n\r\n{"error": "This port speaks HTTP/1.1, and the client began with '
        b"HTTP/2. Let it speak HTTP/1.1, or use the port of gRPC (--port) for "
        b'gRPC."}'
    )


def test_large_headers_are_refused(run):
    server = run(max_header_bytes=2000)
    for header in (b"X: " + b"y" * 3000, b"X: y\r\n" * 400, b"X" * 3000):
        assert b" 431 " in server.ask(GET[:-2] + header, end=False)[:20]
        if b":" in header:
            assert b" 431 " in server.ask(GET[:-2] + header + b"\r\n")[:20]
    for url in (b"a" * 3000, b"a" * 3000 + b" HTTP/1.1\r\n\r\n", b"?" + b"a" * 3000):
        assert b" 414 " in server.ask(b"GET /" + url, end=False)[:20]
    assert server.ask(GET).startswith(OK)
    long_body = post(b"x" * 50_000)
    assert b'"body": 50000' in server.ask(long_body)


def chunked(trailers):
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n"


def test_trailers_are_bounded_and_no_headers(run):
    server = run(max_header_bytes=1000)
    answer = server.ask(chunked(b"Content-Encoding: gzip\r\n" * 10))
    assert answer.startswith(OK)
    answer = server.ask(chunked(b"X: y\r\n" * 1000))
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert server.ask(GET).startswith(OK)


@pytest.mark.parametrize("endless", [b"0\r\nX: ", b"1;"], ids=["trailer", "extension"])
def test_nothing_beside_a_body_is_endless(run, endless):
    server = run(max_header_bytes=1000)
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    with server.connect() as client:
        client.sendall(head + endless)
        for _ in range(100):
            with contextlib.suppress(OSError):
                client.sendall(b"y" * 1000)
            time.sleep(0.001)
        assert client.recv(2**16).startswith(b"HTTP/1.1 431 ")


def test_a_body_before_headers_does_not_count_as_headers(run):
    server = run(max_header_bytes=1000)
    with server.connect() as client:
        client.sendall(post(b"x" * 50_000) + GET[:20])
        answer = client.recv(2**16)
        client.sendall(GET[20:])
        answer += client.recv(2**16)
        assert answer.count(OK) == 2


def test_small_chunks(run):
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    body = b"1;a=b\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
    assert b'"body": 20000' in run(max_header_bytes=1000).ask(head + body)


def test_no_continue_is_said_behind_an_answer(run):
    server = run()
    answer = server.ask(3 * post(b"{}", b"Expect: 100-continue\r\n"))
    assert answer.count(OK) == 3
    assert b"100 Continue" not in answer


@pytest.mark.slow
def test_slow_headers_and_bodies_are_cut_off(run):
    server = run(header_timeout_seconds=0.3, body_timeout_seconds=0.3)
    assert server.ask(b"", end=False) == b""
    for part in (GET[:10], GET[:-2], post(b"12345")[:-1]):
        assert server.ask(part, end=False).startswith(b"HTTP/1.1 408 ")
    with server.connect() as client:  # Progress, but byte by byte.
        client.sendall(post(b"x" * 1000)[:-1000])
        begin = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() < begin + 15:
                client.sendall(b"x")
                time.sleep(0.05)
    assert not server.server._connections


def test_silent_connections_are_closed(run):
    server = run(idle_timeout_seconds=0.2)
    begin = time.monotonic()
    assert server.ask(GET, end=False).startswith(OK)
    assert 0.15 < time.monotonic() - begin < 10


def test_a_late_answer_is_504_and_the_connection_lives(run):
    server = run(rest_api_timeout_in_ms=200)
    with server.connect() as client:
        client.sendall(GET.replace(b"/echo", b"/echo/slow?0.6"))
        assert b"504 Gateway Timeout" in (answer := client.recv(2**16))
        assert b"Timed out" in answer
        client.sendall(GET)
        assert client.recv(2**16).startswith(OK)
        time.sleep(0.6)  # The late answer belongs to nobody.
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).count(b"HTTP/1.1") == 1


def test_half_closed_sockets_get_their_answers(run):
    server = run()
    assert server.ask(GET.replace(b"/echo", b"/echo/slow?0.2")).startswith(OK)
    assert server.ask(post(b"12345")[:-1]) == b""


def test_slow_readers_are_cut_off(run):
    server = run(body_timeout_seconds=0.5)
    large = GET.replace(b"/echo", b"/echo/large?20000000")
    with server.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(large + GET)
        wait_for(lambda: server.pending.count > 10_000_000)
        wait_for(lambda: not server.server._connections)
        assert len(read_all(client)) < 20_000_000
    assert server.pending.count == 0
    with server.connect() as client:  # One that reads gets everything.
        client.sendall(large + GET)
        client.shutdown(socket.SHUT_WR)
        assert len(read_all(client)) > 20_000_000


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.slow
def test_excess_connections_are_closed_at_once(run, caplog):
    server = run(max_connections=5)
    clients = [server.connect() for _ in range(5)]
    for client in clients:
        client.sendall(GET.replace(b"/echo", b"/echo/slow?2"))
    wait_for(lambda: sum(each.busy for each in server.server._connections) == 5)
    for _ in range(50):
        with server.connect() as client:
            assert read_all(client) == b""
    assert len(caplog.records) == 1
    for client in clients:
        assert client.recv(100).startswith(OK)
    for client in clients:
        client.close()
    wait_for(lambda: not server.server._connections)
    assert server.ask(GET).startswith(OK)


@pytest.mark.slow
@pytest.mark.parametrize("part", [b"", GET[:20], post(b"x" * 100)[:-50]])
def test_half_sent_requests_lock_nobody_out(run, caplog, monkeypatch, part):
    monkeypatch.setattr(http_reader, "STALLED_SECONDS", 0.05)
    server = run(max_connections=20)
    with server.connect() as busy:
        busy.sendall(GET.replace(b"/echo", b"/echo/slow?2"))
        clients = []
        for _ in range(60):
            client = server.connect()
            client.sendall(part)
            clients.append(client)
            time.sleep(0.005)
        for _ in range(20):
            assert server.ask(GET).startswith(OK)
        assert busy.recv(100).startswith(OK)
    assert server.server.refused_connections == 0
    assert len(server.server._connections) <= 20
    assert len(caplog.records) == 1
    for client in clients:
        client.close()


def test_who_is_silent_since_an_answer_is_the_last_to_go(run):
    server = run(max_connections=4)
    with server.connect() as kept:
        kept.sendall(GET)
        assert kept.recv(2**16).startswith(OK)
        clients = [server.connect() for _ in range(12)]
        wait_for(lambda: server.server.evicted_connections == 9)
        kept.sendall(GET)
        assert kept.recv(2**16).startswith(OK)
    for client in clients:
        client.close()


def test_bodies_of_all_requests_are_bounded(run):
    server = run(max_pending_bytes=100_000, body_timeout_seconds=5)
    with server.connect() as first:
        first.sendall(post(b"x" * 90_000)[:-1])
        wait_for(lambda: server.pending.count > 90_000)
        assert server.ask(post(b"x" * 50_000)).startswith(b"HTTP/1.1 503 ")
    wait_for(lambda: server.pending.count == 0)
    assert server.ask(post(b"x" * 50_000)).startswith(OK)


def test_gzip_bombs_are_bounded(run):
    server = run(max_pending_bytes=3 * 2**20, max_request_bytes=2 * 2**20)
    encoded = b"Content-Encoding: gzip\r\n"
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 60_000
    answers = [server.ask(post(bomb, encoded)) for _ in range(4)]
    assert all(answer.startswith(b"HTTP/1.1 413 ") for answer in answers)
    honest = gzip.compress(os.urandom(1_000_000).hex().encode())
    assert b'"body": 2000000' in server.ask(post(honest, encoded))
    for wrong in (b"no gzip", honest[:-5], b""):
        assert server.ask(post(wrong, encoded)).startswith(b"HTTP/1.1 400 ")
    assert server.pending.count == 0


def test_large_responses_are_compressed(run):
    server = run()
    for size in (2000, 5_000_000):
        large = GET.replace(b"/echo", b"/echo/large?%d" % size)
        answer = server.ask(large[:-2] + b"Accept-Encoding: gzip\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Content-Encoding: gzip" in head
        assert gzip.decompress(body) == b"x" * size
    assert b"Content-Encoding" not in server.ask(large)
    small = server.ask(GET[:-2] + b"Accept-Encoding: gzip\r\n\r\n")
    assert b"Content-Encoding" not in small


def test_other_hosts_are_refused_on_loopback(run):
    server = run(allowed_hosts=("Models.example",))
    for host in (b"evil.example", b"localhost.evil.example:80", b"", b"127.0.0.2"):
        answer = server.ask(GET.replace(b"localhost", host))
        assert answer.startswith(b"HTTP/1.1 403 ")
    for host in (b"127.0.0.1:8501", b"[::1]:80", b"LOCALHOST", b"models.example:1"):
        assert server.ask(GET.replace(b"localhost", host)).startswith(OK)
    assert run(allowed_hosts=("*",)).ask(GET.replace(b"localhost", b"x")).startswith(OK)


def test_cors(run):
    server = run(rest_api_enable_cors_support=True)
    origin = (
        b"OPTIONS /echo HTTP/1.1\r\nOrigin: https://example.org\r\n" + HOST + b"\r\n"
    )
    assert b"Access-Control-Allow-Origin: *\r\n" in server.ask(GET)
    preflight = server.ask(origin)
    assert preflight.startswith(OK)
    assert b"Access-Control-Allow-Methods: POST, GET\r\n" in preflight
    refused = server.ask(GET.replace(b"GET", b"OPTIONS"))
    assert b"Origin header is missing in CORS preflight" in refused
    assert b"Access-Control" not in run().ask(origin)


def test_access_log(run, caplog):
    caplog.set_level(logging.INFO, "serving.access")
    run(access_log=True).ask(GET.replace(b"/echo", b"/none"))
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    assert (line["method"], line["path"], line["status"]) == ("GET", "/none", 404)
    assert line["bytes"] > 0 and line["microseconds"] > 0
    assert line["client"].startswith("127.0.0.1:")


def test_a_failure_is_500_without_its_reason(run, caplog):
    answer = run().ask(GET.replace(b"/echo", b"/echo/fail") + GET)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answer
    assert answer.count(OK) == 1
    assert "secret" in caplog.text


def test_stopping_answers_what_has_arrived_and_waits_for_nothing_else(run):
    server = run()
    slow, partial, idle, half = (server.connect() for _ in range(4))
    slow.sendall(GET.replace(b"/echo", b"/echo/slow?0.8"))
    partial.sendall(post(b"12345")[:-1])
    half.sendall(GET[:9])
    idle.sendall(GET)
    assert idle.recv(2**16).startswith(OK)
    time.sleep(0.1)
    assert 0.6 < server.stop(30) < 5
    assert read_all(slow).startswith(OK)
    for client in (partial, idle, half):
        assert read_all(client) == b""
    for client in (slow, partial, idle, half):
        client.close()


def test_stopping_ends_at_its_deadline(run):
    server = run()
    with server.connect() as client:
        client.sendall(GET.replace(b"/echo", b"/echo/slow?30"))
        time.sleep(0.1)
        assert server.stop(0.5) < 5


def test_requests_that_arrive_while_it_stops_are_answered(run):
    server = run()
    clients = [server.connect() for _ in range(10)]
    for client in clients:
        client.sendall(GET)
        client.recv(2**16)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    time.sleep(0.05)
    for client in clients:
        client.sendall(GET)
        answer = read_all(client)
        assert answer.startswith(OK) and b"Connection: close" in answer
        client.close()
    stopping.join()


def malform(rng):
    """Writes a request with changes in random places."""
    body = rng.randbytes(rng.randint(0, 50))
    data = bytearray(
        rng.choice(
            [
                GET,
                post(body),
                post(gzip.compress(body), b"Content-Encoding: gzip\r\n"),
                GET[:-2] + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
                b"POST /echo HTTP/1.1\r\n"
                + HOST
                + b"Transfer-Encoding: chunked\r\n\r\n"
                b"3\r\nabc\r\n0\r\n\r\n",
                GET[:-2] + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
                GET.replace(b"/echo", b"/../../etc/passwd"),
                GET.replace(b"/echo", b"/echo/%2e%2e/%00\xff"),
                post(b"[" * 10_000),
                rng.randbytes(100),
            ]
        )
    )
    for _ in range(rng.randint(0, 4)):
        place = rng.randrange(len(data))
        change = rng.randrange(3)
        if change == 0:
            data[place] = rng.randrange(256)
        elif change == 1:
            del data[place : place + rng.randint(1, 8)]
        else:
            data[place:place] = rng.choice(
                [b"\r\n", b" ", b"\0", b":", b"0", data[:20]]
            )
        if not data:
            break
    return bytes(data) + rng.choice([b"", b"", GET])


def endure(run, seed, count):
    server = run(header_timeout_seconds=1, body_timeout_seconds=1)
    rng = random.Random(seed)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    process, memory = psutil.Process(), 0
    for index in range(count):
        answer = server.ask(malform(rng))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 "), (seed, index)
        if index == count // 3:
            memory = process.memory_info().rss
    assert process.memory_info().rss < memory + 20 * 2**20
    assert server.ask(GET).startswith(OK)
    wait_for(lambda: not server.server._connections)
    assert server.pending.count == 0
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


def test_malformed_requests(run, caplog):
    endure(run, seed=0, count=300)
    assert not caplog.records


@pytest.mark.soak
def test_malformed_requests_at_length(run):
    endure(run, seed=1, count=10_000)


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3000:
        pytest.skip("the limit of open files is too low")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_a_thousand_idle_connections(many_descriptors, run):
    server = run(max_connections=1010, idle_timeout_seconds=60)
    clients = [server.connect() for _ in range(1000)]
    for client in clients:
        client.sendall(GET)
    for client in clients:
        assert client.recv(2**16).startswith(OK)
    begin = time.monotonic()
    for _ in range(50):
        assert server.ask(GET).startswith(OK)
    assert time.monotonic() - begin < 10
    for client in clients:
        client.close()
    wait_for(lambda: not server.server._connections)
