"""Large bodies are read and written in other processes, and nobody waits for them."""

import asyncio
import gzip
import json
import os
import signal
import threading
import time

import numpy as np
import pytest
import requests

import serving
from serving.errors import Code, StatusError
from serving.protocol.predict import (
    Format,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.signature_def import SignatureDef, TensorInfo
from serving.transport.body_pool import BodyPool

X = TensorInfo("x", "DT_FLOAT", None, "x:0")
SIGNATURES = {"serving_default": SignatureDef("serving_default", {"x": X}, {})}
BODY = b'{"inputs": [' + b"1.5," * 300_000 + b"2]}"


@pytest.fixture
def run():
    """Runs calls in the pool, one after the other."""
    pool = BodyPool(1)

    def run(function, *args, seconds=None):
        async def call():
            loop = asyncio.get_running_loop()
            deadline = None if seconds is None else loop.time() + seconds
            return await pool.run(function, *args, deadline=deadline)

        return asyncio.run(call())

    run.pool = pool
    yield run
    pool.close()


def test_results_are_those_of_this_process(run):
    request = run(decode_predict_request, BODY, SIGNATURES)
    expected = decode_predict_request(BODY, SIGNATURES)
    assert request.format is expected.format
    np.testing.assert_array_equal(request.inputs["x"], expected.inputs["x"])
    texts = np.array([b"a", "é".encode(), b"\xff\0"] * 100, object).reshape(30, 10)
    outputs = {"y": np.arange(12.0).reshape(3, 4), "texts": texts}
    body = run(encode_predict_response, outputs, Format.COLUMN)
    assert body == encode_predict_response(outputs, Format.COLUMN)
    with pytest.raises(StatusError, match="Invalid value") as caught:
        run(decode_predict_request, BODY[:-2] + b",]}", SIGNATURES)
    assert caught.value.http_status == 400


def test_a_dead_process_costs_one_request(run, caplog):
    with pytest.raises(StatusError) as caught:
        run(signal.raise_signal, signal.SIGKILL)
    assert caught.value.code is Code.UNAVAILABLE
    assert "another one starts" in caplog.text
    assert run(os.path.basename, "a/b") == "b"


def test_a_process_that_takes_too_long_is_replaced(run):
    first = run(os.getpid)
    with pytest.raises(StatusError) as caught:
        run(time.sleep, 30, seconds=0.3)
    assert caught.value.http_status == 504
    assert run(os.getpid) != first


def test_processes_end_with_the_pool(run):
    run.pool.close()
    with pytest.raises(RuntimeError):
        run(os.getpid)


def test_the_process_knows_no_tensorflow(run):
    run(decode_predict_request, BODY, SIGNATURES)
    assert run(eval, "'simdjson' in __import__('sys').modules")
    assert not run(eval, "'tensorflow' in __import__('sys').modules")


@pytest.mark.slow
def test_other_requests_do_not_wait(write_scale_model, tmp_path):
    """What one client sends does not hold up status or small predictions."""
    write_scale_model(tmp_path / "scale" / "1", 2.0)
    hostile = [
        b'{"inputs": [' + b"1.25," * 8_000_000 + b"1]}",
        b'{"inputs": ' + b"[" * 10_000_000,
        b'{"inputs": [' + b'"text",' * 2_000_000 + b"1]}",
        gzip.compress(b'{"inputs": [' + b" " * 60_000_000 + b"1]}"),
    ]
    with serving.Server(tmp_path, rest_api_port=0, engine="onnx") as server:
        url = f"{server.url}/v1/models/scale"
        ended = threading.Event()

        def attack(body):
            headers = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
            while not ended.is_set():
                requests.post(f"{url}:predict", data=body, headers=headers, timeout=90)

        threads = [threading.Thread(target=attack, args=(body,)) for body in hostile]
        for thread in threads:
            thread.start()
        seconds = []
        with requests.Session() as session:
            for index in range(200):
                begin = time.perf_counter()
                if index % 2:
                    assert session.get(url, timeout=60).status_code == 200
                else:
                    reply = session.post(f"{url}:predict", json={"inputs": [1]})
                    assert reply.json() == {"outputs": [2.0]}
                seconds.append(time.perf_counter() - begin)
                time.sleep(0.01)
        ended.set()
        for thread in threads:
            thread.join()
    # Without other processes it is seconds; the machine may be busy.
    assert np.percentile(seconds, 90) < 0.5


def test_large_requests_and_responses_over_the_wire(write_scale_model, tmp_path):
    write_scale_model(tmp_path / "scale" / "1", 2.0)
    values = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    with serving.Server(tmp_path, rest_api_port=0, engine="onnx") as server:
        body = json.dumps({"inputs": values.tolist()})
        assert len(body) > 2**20
        url = f"{server.url}/v1/models/scale:predict"
        reply = requests.post(url, data=body, timeout=60)
        np.testing.assert_array_equal(np.float32(reply.json()["outputs"]), 2 * values)
