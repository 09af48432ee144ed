"""The command line as a process: start, signals, silence."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import requests

import serving
import zoo


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def leftovers(folder):
    return [
        path
        for path in folder.rglob("*")
        if path.name.startswith((".publishing-", ".part-"))
    ]


def test_help_imports_nothing_heavy():
    script = """
import sys
from zoo.cli.main import run
run(["--help"])
heavy = {"numpy", "keras", "tensorflow", "onnxruntime", "grpc", "sklearn", "PIL"}
sys.exit(", ".join(heavy & sys.modules.keys()) or 0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.slow
def test_an_error_is_the_only_line(zoo_command):
    result = zoo_command("train", "lenet5", "--dataset", "iris")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("zoo: Model 'lenet5' takes images")


def test_json_is_all_of_standard_output_and_error_is_silent(zoo_command):
    result = zoo_command("list", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)
    assert result.stderr == ""


@pytest.mark.slow  # tests/zoo/test_faults.py stops a training in each way as well
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_training_can_be_resumed(tmp_path, zoo_command, number):
    arguments = ["train", "mlp", "--output", "run"]
    process = subprocess.Popen(
        [sys.executable, "-m", "zoo", *arguments, "--epochs", "100000"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "run/history.csv").exists())
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert "add --resume to continue" in err
    assert err.endswith("zoo: interrupted.\n")
    assert leftovers(tmp_path) == []
    done = len((tmp_path / "run/history.csv").read_text().splitlines()) - 1
    result = zoo_command(*arguments, "--epochs", done + 1, "--resume")
    assert result.returncode == 0, result.stderr
    assert f"epoch {done + 1}/{done + 1}" in result.stderr
    assert (tmp_path / "run/metrics.json").exists()


@pytest.fixture(scope="module")
def server(finished):
    """A `zoo serve` process, which the last test that asks for it ends, and its URL."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "zoo", "serve"),
            *("--rest-api-port", "0", "--port", "0"),
            *("--model-base-path", str(finished[1].parent.parent)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().split(" at ")[1].partition("/v1")[0]
    yield process, url
    process.kill()
    process.wait()
    process.stdout.close()


def test_port_in_use(server, zoo_command, finished):
    port = server[1].rpartition(":")[2]
    result = zoo_command(
        *("serve", "--rest-api-port", port, "--port", "0"),
        *("--model-base-path", finished[1].parent.parent),
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert port in result.stderr
    assert "--rest_api_port" in result.stderr


def test_a_served_model_answers_like_the_model(server, finished):
    process, url = server
    data = zoo.load_dataset("iris")
    model = zoo.create_model("mlp", weights=finished[0])
    expected = np.argmax(model.predict(data.test.x, verbose=0), axis=-1)
    with serving.Client(url) as client:
        answer = client.predict("mlp", {"features": data.test.x})
    np.testing.assert_array_equal(answer["class_ids"], expected)
    body = json.dumps({"instances": data.test.x[:2].tolist()})
    rows = requests.post(f"{url}/v1/models/mlp:predict", body, timeout=30).json()
    np.testing.assert_allclose(
        [row["probabilities"] for row in rows["predictions"]],
        answer["probabilities"][:2],
        atol=1e-6,
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


QUICKSTART = """
import dataclasses, sys
from zoo import registry
from zoo.cli.main import run
spec = registry.model_spec("lenet5.digits")
recipe = dataclasses.replace(spec.recipe, epochs=2)
registry.SPECS._entries["lenet5.digits"] = dataclasses.replace(spec, recipe=recipe)
sys.exit(run(["quickstart"]))
"""


def test_nothing_that_can_be_served(zoo_command, finished, tmp_path):
    folder = tmp_path / "models/mlp/1"
    shutil.copytree(finished[1], folder)
    (folder / "manifest.json").write_text("{")
    result = zoo_command("serve", "--model-base-path", "models")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "manifest.json is damaged" in result.stderr


def start_quickstart(folder):
    """Starts `zoo quickstart` with two epochs in place of the recipe's."""
    return subprocess.Popen(
        [sys.executable, "-c", QUICKSTART],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def processes_of(session):
    """Numbers of the processes in a session that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(int(path.name)) == session:
                found.append(path.name)
    return found


def assert_all_end(session):
    """The processes of a session end; those that it started may be a moment later."""
    deadline = time.monotonic() + 30
    while left := processes_of(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_quickstart(tmp_path):
    process = start_quickstart(tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    for expected in (
        "test: loss",
        "report.png",
        "saved_model  probabilities  ",
        "onnx         probabilities  ",
        "predicted  true",
        "What to type next",
        "serve --model-base-path models",
    ):
        assert expected in out
    assert "epoch 1/2" in err
    assert (tmp_path / "models/lenet5/1/manifest.json").exists()
    (picture,) = tmp_path.rglob("report.png")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert_all_end(process.pid)
    assert leftovers(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "number"),
    [
        ("Training", signal.SIGINT),
        ("Exporting", signal.SIGINT),
        ("Starting", signal.SIGINT),
        ("Starting", signal.SIGTERM),
        ("http://", signal.SIGINT),
        ("http://", signal.SIGTERM),
    ],
)
def test_quickstart_can_be_stopped_anywhere(tmp_path, stage, number):
    process = start_quickstart(tmp_path)
    for line in process.stdout:
        if line.startswith(stage):
            break
    time.sleep(0.3)
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # what a terminal does
    else:
        process.send_signal(number)
    _, err = process.communicate(timeout=60)
    # At the very end of the process, the signal's own action ends it.
    assert process.returncode in (128 + number, -number, 0), err
    assert "Traceback" not in err
    assert_all_end(process.pid)
    assert leftovers(tmp_path) == []
    for version in tmp_path.glob("models/lenet5/*"):
        assert (version / "manifest.json").exists()
