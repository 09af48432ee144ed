"""`zoo bench` against servers whose behaviour is known."""

import asyncio
import json
import random
import struct
import threading
from pathlib import Path

import httptools
import numpy as np
import pytest

import serving
from serving.bench import load as loads
from serving.bench import requests
from serving.bench.load import Load
from serving.bench.measure import measure
from serving.bench.measurement import Measurement
from serving.bench.replay import read_calls
from serving.bench.requests import Call, Target, make_target
from serving.bench.sample import make_sample
from serving.errors import ServingError
from serving.models.tf_record import record_bytes
from serving.protocol.messages import message
from serving.protocol.model_spec import ModelSpec
from serving.protocol.signature_def import TensorInfo
from serving.protocol.tensor_proto import decode_tensor_proto, encode_tensor_proto
from zoo.cli.main import run

from . import grpc_worker

SPEC = ModelSpec("m")


class KnownServer:
    """Answers each request after `delays[i]` seconds with `statuses[i]`, in turn.

    A status of 0 closes the connection. `stall` is a moment and a length: nothing is
    answered for so long.
    """

    def __init__(self, statuses=(200,), delays=(0.0,), stall=None):
        self.statuses, self.delays, self.stall = statuses, delays, stall
        self.bodies, self.paths, self.most_open = [], [], 0
        self._open = self._count = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *exc_info):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self):
        asyncio.run(self._serve())

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._begin = self._loop.time()
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _answer(self, reader, writer):
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            while line := await reader.readline():
                size = 0
                while (header := await reader.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    if name.lower() == "content-length":
                        size = int(value)
                self.paths.append(line.split()[1].decode())
                self.bodies.append(await reader.readexactly(size))
                index = self._count
                self._count += 1
                await asyncio.sleep(self.delays[index % len(self.delays)])
                if self.stall is not None:
                    moment, length = self.stall
                    since = self._loop.time() - self._begin
                    if moment <= since < moment + length:
                        await asyncio.sleep(moment + length - since)
                status = self.statuses[index % len(self.statuses)]
                if status == 0:
                    return
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode()
                )
        except ConnectionError:
            pass
        finally:
            self._open -= 1
            writer.close()


def target(server, *payloads):
    calls = [Call(each) for each in payloads or [{"x": np.float32([1])}]]
    return make_target(f"http://127.0.0.1:{server.port}", "rest", SPEC, calls)


def quick(**options):
    return Load(**{"seconds": 0.5, "warmup_seconds": 0.1, **options})


def test_a_closed_loop():
    with KnownServer(delays=(0.02,)) as server:
        found = measure(target(server), quick(concurrency=4))
        assert server.most_open == 4
    # Four clients, an answer every 20 ms or later each.
    assert 0 < found.throughput <= 4 / 0.02
    assert found.percentile(50) >= 20
    assert found.errors == {}
    assert set(server.paths) == {"/v1/models/m:predict"}


def test_an_open_loop_does_not_wait_for_answers():
    with KnownServer(delays=(0.1,)) as server:
        load = quick(concurrency=32, rate=100.0, arrivals="constant")
        found = measure(target(server), load)
    # A closed loop of one client would send 5 in the time, and not 50.
    assert len(found.latencies) == 50
    assert found.percentile(0) >= 100


def test_an_open_loop_counts_from_when_a_request_was_due():
    """With one connection, a stall delays all that were due meanwhile."""
    with KnownServer(stall=(0.2, 0.3)) as server:
        load = quick(concurrency=1, rate=100.0, arrivals="constant", seconds=0.8)
        found = measure(target(server), load)
    late = np.sum(found.latencies > 0.05)
    assert late >= 20  # 30 requests were due; a closed loop would have one late answer
    assert found.latencies.max() < 5


def test_poisson_arrivals():
    times = loads.arrival_times(1000.0, "poisson", random.Random(0))
    gaps = np.diff([next(times) for _ in range(20_000)])
    # Mean and standard deviation of an exponential distribution are both 1 / rate.
    np.testing.assert_allclose([gaps.mean(), gaps.std()], 0.001, rtol=0.03)


def test_errors_by_kind():
    with KnownServer(statuses=(200, 503, 0, 404)) as server:
        found = measure(target(server), quick(concurrency=2))
    assert found.errors.keys() == {"HTTP 503", "HTTP 404", "connection"}
    assert len(found.latencies) > 0


def test_a_timeout():
    with KnownServer(delays=(1.0,)) as server:
        found = measure(target(server), quick(timeout=0.1))
    assert found.errors.keys() == {"timeout"}
    assert len(found.latencies) == 0
    assert found.as_json()["p50_ms"] is None


def test_nobody_listens():
    closed = Target(("127.0.0.1", 1), False, False, (b"",))
    found = measure(closed, quick(seconds=0.1))
    assert found.errors.keys() == {"connection"}


def test_the_warm_up_is_not_measured():
    delays = (0.3, *[0.0] * 100_000)
    with KnownServer(delays=delays) as server:
        found = measure(target(server), quick(warmup_seconds=0.1))
    assert found.percentile(100) < 300


def test_payloads_are_sent_in_turn():
    batches = [{"x": np.float32([value])} for value in (1, 2, 3)]
    with KnownServer() as server:
        measure(target(server, *batches), quick(concurrency=1, seconds=0.1))
    sent = [json.loads(body)["inputs"]["x"] for body in server.bodies]
    assert sent[:4] == [[1.0], [2.0], [3.0], [1.0]]


@pytest.mark.slow
def test_processes_share_a_load():
    with KnownServer(delays=(0.01,)) as server:
        load = quick(concurrency=5, rate=200.0, arrivals="constant")
        found = measure(target(server), load, processes=2)
        assert server.most_open == 5
    assert len(found.latencies) == 100


def test_percentiles():
    found = Measurement(Load(seconds=2.0), np.arange(1, 1001) / 1000, {}, 1000)
    assert [found.percentile(p) for p in (50, 90, 99, 99.9)] == [500, 900, 990, 999]
    assert found.throughput == 500


def http_request(data):
    """Path, headers and body of a request."""
    found = {"headers": {}, "body": b""}

    class Listener:
        def on_url(self, url):
            found["path"] = url.decode()

        def on_header(self, name, value):
            found["headers"][name.decode()] = value.decode()

        def on_body(self, part):
            found["body"] += part

    httptools.HttpRequestParser(Listener()).feed_data(data)
    return found["path"], found["headers"], found["body"]


ARRAYS = {"x": np.float32([[1.5, 2]]), "t": np.array([["a", "é"]], object)}


def test_the_json_of_v2():
    (payload,) = make_target("http://h", "v2", SPEC, [Call(ARRAYS, "s")]).payloads
    path, _, body = http_request(payload)
    assert path == "/v2/models/m/infer"
    assert json.loads(body)["inputs"] == [
        {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1.5, 2.0]},
        {"name": "t", "shape": [1, 2], "datatype": "BYTES", "data": ["a", "é"]},
    ]


def test_the_binary_tensors_of_v2():
    spec = ModelSpec("a/b", version=3)
    (payload,) = make_target(
        "http://h", "v2-binary", spec, [Call(ARRAYS, "s")]
    ).payloads
    path, headers, body = http_request(payload)
    assert path == "/v2/models/a%2Fb/versions/3/infer"
    size = int(headers["Inference-Header-Content-Length"])
    x, t = json.loads(body[:size])["inputs"]
    tail = body[size:]
    assert x["parameters"]["binary_data_size"] == 8
    assert np.frombuffer(tail[:8], np.float32).tolist() == [1.5, 2.0]
    assert tail[8:] == struct.pack("<I", 1) + b"a" + struct.pack("<I", 2) + "é".encode()
    assert t["parameters"]["binary_data_size"] == len(tail) - 8


def test_the_message_of_grpc():
    spec = ModelSpec("m", version=3)
    made = make_target("h:1", "grpc", spec, [Call(ARRAYS, "s")])
    assert (made.address, made.is_grpc) == (("h", 1), True)
    request = message("tensorflow.serving.PredictRequest").FromString(made.payloads[0])
    assert request.model_spec.version.value == 3
    assert decode_tensor_proto("x", request.inputs["x"]).tolist() == [[1.5, 2.0]]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h:8501", ("h", 8501)),
        ("https://h", ("h", 443)),
        ("http://[::1]:1/prefix", ("::1", 1)),
        ("[::1]:2", ("::1", 2)),
    ],
)
def test_addresses(url, address):
    assert make_target(url, "rest", SPEC, [Call(ARRAYS, "s")]).address == address


@pytest.mark.parametrize("url", ["ftp://h", "http://", ""])
def test_addresses_that_are_none(url):
    with pytest.raises(ServingError, match="is no address"):
        make_target(url, "rest", SPEC, [Call(ARRAYS, "s")])


def test_samples():
    infos = {
        "x": TensorInfo("x", "DT_FLOAT", (None, 2, None), ""),
        "ids": TensorInfo("ids", "DT_INT32", (None, None), ""),
        "text": TensorInfo("text", "DT_STRING", (None,), ""),
        "any": TensorInfo("any", "DT_BOOL", None, ""),
        "scalar": TensorInfo("scalar", "DT_DOUBLE", (), ""),
    }
    sample = make_sample(infos, 3)
    assert {name: array.shape for name, array in sample.items()} == {
        "x": (3, 2, 16),
        "ids": (3, 16),
        "text": (3,),
        "any": (3,),
        "scalar": (),
    }
    assert sample["x"].dtype == np.float32
    assert set(np.unique(sample["ids"])) <= {0, 1}
    assert sample["text"].tolist() == [b"text"] * 3
    with pytest.raises(ServingError, match="No sample of DT_VARIANT for 'v' can be"):
        make_sample({"v": TensorInfo("v", "DT_VARIANT", (), "")}, 1)


def records(*logs):
    return b"".join(record_bytes(log.SerializeToString()) for log in logs)


def predict_log(name, x, signature_name=""):
    log = message("tensorflow.serving.PredictionLog")()
    request = log.predict_log.request
    request.model_spec.name = name
    request.model_spec.signature_name = signature_name
    encode_tensor_proto(np.float32(x), request.inputs["x"])
    return log


def test_a_log_is_read(tmp_path):
    path = tmp_path / "log"
    logs = [predict_log("m", [1]), predict_log("other", [2]), predict_log("", [3], "s")]
    path.write_bytes(records(*logs))
    calls = read_calls(path, "m")
    assert [call.inputs["x"].tolist() for call in calls] == [[1.0], [3.0]]
    assert [call.signature_name for call in calls] == ["serving_default", "s"]
    assert [call.inputs["x"] for call in read_calls(path, "m", "s")] == [3.0]
    with pytest.raises(ServingError, match="holds no predict requests for t of m"):
        read_calls(path, "m", "t")
    with pytest.raises(ServingError, match="holds no predict requests for none"):
        path.write_bytes(records(predict_log("other", [2])))
        read_calls(path, "none")


@pytest.mark.parametrize("cut", [1, 5, 13, -1])
def test_a_log_that_is_cut_off(tmp_path, cut):
    path = tmp_path / "log"
    path.write_bytes(records(predict_log("m", [1]))[:cut])
    with pytest.raises(ServingError, match="is no log of requests: truncated record"):
        read_calls(path, "m")


def test_a_file_that_is_no_log(tmp_path):
    path = tmp_path / "log"
    for data in (b"x" * 100, record_bytes(b"no message")):
        path.write_bytes(data)
        with pytest.raises(ServingError, match="is no log of requests"):
            read_calls(path, "m")


def test_each_call_names_its_signature():
    calls = [Call(ARRAYS), Call(ARRAYS, "s")]
    for api, key in (("rest", None), ("v2", "parameters"), ("v2-binary", "parameters")):
        names = []
        for payload in make_target("http://h", api, SPEC, calls).payloads:
            _, headers, body = http_request(payload)
            size = int(headers.get("Inference-Header-Content-Length", len(body)))
            document = json.loads(body[:size])
            document = document[key] if key else document
            names.append(document.get("signature_name", "serving_default"))
        assert names == ["serving_default", "s"]


def test_bytes_that_json_of_v2_cannot_carry():
    call = Call({"t": np.array([b"\xff"], object)})
    assert make_target("http://h", "v2-binary", SPEC, [call]).payloads
    with pytest.raises(ServingError, match="'t' has bytes .* Use --api v2-binary"):
        make_target("http://h", "v2", SPEC, [call])


LOGGED = """model_config_list {{ config {{
  name: "half" base_path: "{folder}/half" model_platform: "tensorflow"
  logging_config {{
    sampling_config {{ sampling_rate: 1 }}
    log_collector_config {{ filename_prefix: "{folder}/requests" }}
  }}
}} }}"""


@pytest.mark.slow
def test_the_log_of_a_server_is_sent_again_and_warms_a_version_up(
    tmp_path, wait_until, capsys
):
    """Requests of several signatures and methods, from the log back to the server."""
    from tests.serving import half_plus_two

    for version in "12":
        half_plus_two.save_tensorflow_1(tmp_path / "half" / version)
    (tmp_path / "half" / "2").rename(tmp_path / "next")
    config = tmp_path / "models.config"
    config.write_text(LOGGED.format(folder=tmp_path))
    options = {"trust": True, "file_system_poll_wait_seconds": 0.05}
    with serving.Server(
        model_config_file=config, rest_api_port=0, port=0, **options
    ) as server:
        with serving.Client(server.url) as client:
            example = message("tensorflow.Example")()
            example.features.feature["x"].float_list.value.append(2.0)
            data = np.array([example.SerializeToString()], object)
            client.predict("half", {"x": [2.0, 4.0]})
            client.predict("half", {"inputs": data}, signature_name="regress_x_to_y")
            client.regress("half", [{"x": 2.0}], signature_name="regress_x_to_y")
            client.classify("half", [{"x": 2.0}], signature_name="classify_x_to_y")

        def logged():
            return b"".join(map(Path.read_bytes, tmp_path.glob("requests-*.tfrecord")))

        wait_until(lambda: logged().count(b"_x_to_y") >= 9, "four requests in the log")
        log = tmp_path / "log.tfrecord"
        log.write_bytes(logged())
        assert [call.signature_name for call in read_calls(log, "half")] == [
            "serving_default",
            "regress_x_to_y",
        ]
        for api in ("rest", "grpc", "v2-binary"):
            address = server.grpc_address if api == "grpc" else server.url
            arguments = ["bench", address, "half", "--api", api, "--replay", str(log)]
            arguments += ["--seconds", "0.2", "--warmup", "0", "--concurrency", "2"]
            assert run([*arguments, "--json"]) == 0
            (row,) = json.loads(capsys.readouterr().out)["measurements"]
            assert row["answered"] > 2
            assert row["errors"] == {}
        extra = tmp_path / "next" / "assets.extra"
        extra.mkdir()
        log.rename(extra / "tf_serving_warmup_requests")
        (tmp_path / "next").rename(tmp_path / "half" / "2")

        def versions():
            rows = serving.Client(server.url).status("half")["model_version_status"]
            return {row["version"]: row["state"] for row in rows}

        wait_until(lambda: versions().get("2") == "AVAILABLE", "version 2")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    from .rows import write_onnx

    base = tmp_path_factory.mktemp("models")
    (base / "scale/1").mkdir(parents=True)
    write_onnx(base / "scale/1", 2.0)
    return base


@pytest.mark.parametrize("api", ["rest", "v2", "v2-binary"])
def test_the_command_against_our_server(models, api, capsys, tmp_path):
    picture = tmp_path / "sweep.png"
    with serving.Server(models, engine="onnx", rest_api_port=0) as server:
        options = ["--api", api, "--concurrency", "1,3", "--seconds", "0.2", "--json"]
        options += ["--warmup", "0", "--batch-size", "2", "--picture", str(picture)]
        assert run(["bench", server.url, "scale", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    rows = printed["measurements"]
    assert [row["concurrency"] for row in rows] == [1, 3]
    assert all(row["errors"] == {} and row["answered"] > 0 for row in rows)
    assert all(row["p50_ms"] <= row["p99.9_ms"] for row in rows)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_against_grpc(capsys):
    server, port = grpc_worker.start(0)
    options = ["--api", "grpc", "--concurrency", "2", "--seconds", "0.2"]
    assert run(["bench", f"127.0.0.1:{port}", "m", *options, "--warmup", "0"]) == 0
    server.stop(None).wait()
    head, row = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["concurrency", "answers/s"]
    assert row.split()[0] == "2"
    assert row.endswith("none")


def test_the_command_against_nothing(models, capsys):
    with serving.Server(models, engine="onnx", rest_api_port=0) as server:
        body = models / "body.json"
        body.write_text("{}")
        options = ["--input", str(body), "--seconds", "0.1", "--concurrency", "1"]
        assert run(["bench", server.url, "scale", *options]) == 1
        said = capsys.readouterr()
    words = "Missing 'inputs' or 'instances' key"
    assert f'No request was answered: HTTP 400, "{words}' in said.err
    assert f"\nHTTP 400: {words}" in said.err
    assert "HTTP 400" in said.out


def test_the_command_against_a_server_that_is_slow_to_begin(tmp_path, capsys):
    with KnownServer(delays=(1.0,)) as server:
        body = tmp_path / "body.json"
        body.write_text("{}")
        options = ["--input", str(body), "--seconds", "0.1", "--concurrency", "1"]
        url = f"http://127.0.0.1:{server.port}"
        assert run(["bench", url, "m", *options, "--warmup", "0.1"]) == 1
    assert "in 0.1 s. Give more seconds to --warmup" in capsys.readouterr().err


def test_our_own_bodies_are_read_the_fast_way():
    """A body with `signature_name` would be parsed to lists of Python objects."""
    from serving.protocol.flat_json import parse_array

    info = TensorInfo("x", "DT_FLOAT", None, "x:0")
    call = Call({"x": np.float32([[1.5, 2]])})
    _, _, body = http_request(make_target("http://h", "rest", SPEC, [call]).payloads[0])
    form, array = parse_array(body, info)
    assert (form, array.tolist()) == ("inputs", [[1.5, 2.0]])


@pytest.mark.parametrize("text", ["0", "a", "1,", "-1", "1,0"])
def test_numbers_that_are_none(text, capsys):
    assert run(["bench", "http://h", "m", "--concurrency", text]) == 2
    assert "Expected numbers above 0" in capsys.readouterr().err


def test_a_body_is_for_http():
    with pytest.raises(ServingError, match="A body is for HTTP"):
        requests.make_target("h", "grpc", SPEC, [], b"{}")
