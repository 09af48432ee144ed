"""Several workers, each a process on the loopback."""

import contextlib
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from zoo.errors import ArgumentError, RunError
from zoo.machines.cluster import Cluster, read_cluster
from zoo.machines.launching import _free_ports
from zoo.registry import Recipe
from zoo.tasks import get
from zoo.training.compile import compile_model

# Without dropout, whose draws are another worker's own.
TRAIN = (
    *("train", "mlp", "--dataset", "digits", "--jit", "off"),
    *("--overrides", '{"dropout": 0.0}'),
)
ENDLESS = *TRAIN, "--epochs", "100000", "--output", "run"


class Process:
    """A worker, or several that `zoo launch` starts."""

    def __init__(self, folder, *arguments, cluster=None):
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("TF_CONFIG", "TF_CPP_MIN_LOG_LEVEL")
        }
        if cluster is not None:
            environment["TF_CONFIG"] = json.dumps(cluster)
        self.errors = folder / f"errors-{time.monotonic_ns()}"
        with self.errors.open("w") as errors:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "zoo", *map(str, arguments)],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def output(self):
        return self.errors.read_text()

    def wait_until(self, text):
        wait_for(lambda: text in self.output() or self.popen.poll() is not None)
        assert text in self.output()

    def ends(self, seconds=240):
        return self.popen.wait(seconds)


def wait_for(condition, seconds=240):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path):
    """Starts processes in an empty folder, and leaves none behind."""
    with contextlib.ExitStack() as started:

        def start(*arguments, **options):
            process = Process(tmp_path, *arguments, **options)
            started.callback(process.popen.wait)
            started.callback(process.popen.kill)
            return process

        yield start


@pytest.fixture
def pair(start):
    """Starts two workers with the same command line, or one each."""

    def pair(*arguments, second=None):
        cluster = cluster_of(2)
        lines = arguments, second or arguments
        return [
            start(*line, cluster=config_of(cluster, index))
            for index, line in enumerate(lines)
        ]

    return pair


def cluster_of(workers):
    return {"worker": [f"127.0.0.1:{port}" for port in _free_ports(workers)]}


def config_of(cluster, index, kind="worker"):
    return {"cluster": cluster, "task": {"type": kind, "index": index}}


def history(folder):
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {
        name: [float(row[name]) for row in rows]
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    }


def names(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else None


@pytest.mark.slow
def test_two_workers_train_like_one(tmp_path, start, pair):
    asked = *TRAIN, "--epochs", "4"
    alone = start(*asked, "--output", "alone")
    assert alone.ends() == 0, alone.output()
    # A folder of its own shows what the second one writes: nothing.
    both = pair(*(*asked, "--output", "whole"), second=(*asked, "--output", "nothing"))
    assert [process.ends() for process in both] == [0, 0], both[0].output()
    one, two = history(tmp_path / "alone"), history(tmp_path / "whole")
    for name in one:
        assert two[name] == pytest.approx(one[name], abs=1e-5)
    assert names(tmp_path / "nothing") is None
    assert names(tmp_path / "whole") == names(tmp_path / "alone")
    config = json.loads((tmp_path / "whole/config.json").read_text())
    assert config["strategy"] == "auto"
    assert config["devices"].startswith("2 workers (127.0.0.1:")
    assert config["devices"].endswith(", 2 replicas")
    scores = [
        json.loads((tmp_path / name / "metrics.json").read_text())
        for name in ("alone", "whole")
    ]
    figures = [{k: v for k, v in each.items() if k != "details"} for each in scores]
    assert figures[1] == pytest.approx(figures[0], abs=1e-5)
    assert scores[1]["details"]["classes"] == scores[0]["details"]["classes"]


@pytest.mark.slow
def test_workers_go_on_after_one_is_killed(tmp_path, pair):
    first, second = pair(*ENDLESS)
    first.wait_until("epoch ")
    second.popen.kill()
    assert first.ends() == 1
    last = first.output().splitlines()[-1]
    assert last.startswith("zoo: worker 1 (127.0.0.1:")
    assert last.endswith("then start all workers again with --resume.")
    assert "Traceback" not in first.output()
    reached = max(
        int(path.name.split("-")[1]) for path in tmp_path.glob("run/checkpoints/*")
    )
    again = pair(*TRAIN, "--epochs", reached + 1, "--output", "run", "--resume")
    assert [process.ends() for process in again] == [0, 0], again[0].output()
    assert again[0].output().count("epoch ") == 1
    metrics = history(tmp_path / "run")
    assert len(metrics["loss"]) == reached + 1
    assert (tmp_path / "run/metrics.json").exists()


@pytest.mark.slow
def test_a_signal_to_one_worker_stops_both_in_the_same_step(tmp_path, pair):
    first, second = pair(*ENDLESS)
    first.wait_until("epoch ")
    second.popen.send_signal(signal.SIGTERM)
    assert (first.ends(), second.ends()) == (1, 128 + signal.SIGTERM)
    assert "Another worker was stopped; progress is kept" in first.output()
    assert second.output().endswith("zoo: interrupted.\n")
    assert list(tmp_path.glob("run/checkpoints/*.npz"))
    assert "Traceback" not in first.output() + second.output()


STOP_EARLY = """
import sys, keras, numpy as np, zoo

class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        # Only one of them wants to.
        self.model.stop_training = epoch == 1 and sys.argv[1] == "1"

class Break(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        for weight in self.model.trainable_weights:
            weight.assign(weight * np.nan)

asked = {"dataset": "digits", "jit": "off", "epochs": 9}
run = zoo.train("mlp", callbacks=[Stop()], output="stopped", **asked)
assert len(run.history["loss"]) == 2, run.history
try:
    zoo.train("mlp", callbacks=[Break()], output="broken", **asked)
except zoo.ZooError as error:
    assert "The loss is not finite at step" in str(error), error
    print("both ended")
"""


@pytest.mark.slow
def test_workers_stop_together_when_one_wants_to_and_when_the_loss_breaks(tmp_path):
    cluster = cluster_of(2)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", STOP_EARLY, str(index)],
            cwd=tmp_path,
            env=os.environ | {"TF_CONFIG": json.dumps(config_of(cluster, index))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(2)
    ]
    for worker in workers:
        out, err = worker.communicate(timeout=240)
        assert out == "both ended\n", err


@pytest.mark.slow
def test_workers_without_a_shared_folder_do_not_resume(tmp_path, pair):
    asked = *TRAIN, "--epochs", "1"
    workers = pair(*asked, "--output", "a")
    assert [worker.ends() for worker in workers] == [0, 0]
    first, second = pair(
        *(*TRAIN, "--epochs", "2", "--resume", "--output", "a"),
        second=(*TRAIN, "--epochs", "2", "--resume", "--output", "b"),
    )
    assert [first.ends(), second.ends()] == [1, 1]
    assert "do not find the same checkpoint" in first.output()
    assert "folder that all of them share" in second.output()
    assert names(tmp_path / "b") is None


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_launch_stops_its_workers(tmp_path, start, number):
    launcher = start("launch", "--insecure-network", "--", *ENDLESS)
    launcher.wait_until("[worker 0] epoch ")
    workers = children(launcher.popen.pid)
    assert len(workers) == 2
    launcher.popen.send_signal(number)
    assert launcher.ends() == 128 + number
    assert not any(map(is_running, workers))
    assert launcher.output().endswith("zoo: interrupted.\n")
    assert "Traceback" not in launcher.output()
    assert list(tmp_path.glob("run/checkpoints/*.npz"))


@pytest.mark.slow
def test_launch_stops_when_a_worker_dies(start):
    launcher = start("launch", "--insecure-network", "--", *ENDLESS)
    launcher.wait_until("[worker 0] epoch ")
    workers = children(launcher.popen.pid)
    os.kill(workers[1], signal.SIGKILL)
    assert launcher.ends() == 128 + signal.SIGKILL
    assert "Worker 1 ended by signal 9; stopping the others.\n" in launcher.output()
    assert not any(map(is_running, workers))


@pytest.mark.slow
def test_launch_gives_the_exit_code_of_a_worker_that_fails(start):
    launcher = start("launch", "--insecure-network", "train", "lenet", "--epochs", "1")
    assert launcher.ends() == 1
    assert "] zoo: Unknown model 'lenet'. Did you mean lenet5" in launcher.output()


def children(parent):
    """Process numbers, in the order in which they were started."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return sorted(map(int, path.read_text().split()))


def is_running(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_cluster_of_a_chief_and_workers(monkeypatch):
    cluster = {"chief": ["a:1"], "worker": ["b:2", "c:3"], "ps": ["d:4"]}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config_of(cluster, 1)))
    found = read_cluster()
    assert found == Cluster(
        {"chief 0": "a:1", "worker 0": "b:2", "worker 1": "c:3"}, "worker 1"
    )
    assert not found.is_chief
    assert found.others == ["chief 0", "worker 0"]
    monkeypatch.setenv("TF_CONFIG", json.dumps(config_of(cluster, 0, "chief")))
    assert read_cluster().is_chief
    monkeypatch.setenv("TF_CONFIG", json.dumps(config_of({"worker": ["b:2"]}, 0)))
    assert read_cluster().is_chief


@pytest.mark.parametrize("text", ["", "{}", '{"task": {"type": "worker"}}'])
def test_no_cluster(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    assert read_cluster() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not JSON"),
        ('{"cluster": []}', None),
        ('{"cluster": {"worker": ["a"]}}', "addresses host:port"),
        ('{"cluster": {"worker": 3}}', "addresses host:port"),
        ('{"cluster": {"worker": ["a:1"]}}', "a `task` with"),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
            "makes this process 'ps 0', but it trains only as one of worker 0",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "'worker 1'",
        ),
    ],
)
def test_wrong_configuration_is_one_line(monkeypatch, text, message):
    monkeypatch.setenv("TF_CONFIG", text)
    if message is None:
        assert read_cluster() is None
        return
    with pytest.raises(ArgumentError, match="TF_CONFIG") as caught:
        read_cluster()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def members(count=2):
    addresses = cluster_of(count)["worker"]
    return {f"worker {i}": address for i, address in enumerate(addresses)}


def test_a_worker_that_starts_late_is_waited_for():
    addresses = members()
    wait = Cluster(addresses, "worker 0").wait_for_all
    thread = threading.Thread(target=wait, args=(60,))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    port = int(addresses["worker 1"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        thread.join(60)
    assert not thread.is_alive()


def test_a_worker_that_never_starts_is_named():
    addresses = members()
    with pytest.raises(RunError, match=r"worker 1 \(127.0.0.1:\d+\) did not start"):
        Cluster(addresses, "worker 0").wait_for_all(0.3)


def test_a_port_that_is_taken():
    addresses = members()
    port = int(addresses["worker 0"].rpartition(":")[2])
    with (
        socket.create_server(("", port)),
        pytest.raises(RunError, match=f"Port {port}.*still running"),
    ):
        Cluster(addresses, "worker 0").wait_for_all(1)


def test_who_is_lost():
    addresses = members()
    cluster = Cluster(addresses, "worker 0")
    assert cluster.lost("") == ["worker 1"]
    port = int(addresses["worker 1"].rpartition(":")[2])
    # A machine that is gone may look as if it still listened.
    with socket.create_server(("127.0.0.1", port)):
        assert cluster.lost("no idea") == []
        assert cluster.lost("of /job:worker/replica:0/task:1 it") == ["worker 1"]


@pytest.mark.parametrize(
    ("recipe", "rates"),
    [
        ({"batch_size": 64, "base_batch_size": 32}, {0: 0.2, 39: 0.2}),
        ({"warmup_epochs": 2.0}, {0: 0.005, 9: 0.05, 19: 0.1, 39: 0.1}),
        (
            {"warmup_epochs": 1.0, "schedule": ("CosineDecay", {})},
            {0: 0.01, 4: 0.05 * (1 + np.cos(np.pi * 4 / 40)) / 2, 20: 0.05},
        ),
        (
            {"batch_size": 16, "base_batch_size": 32, "schedule": ("CosineDecay", {})},
            {0: 0.05, 20: 0.025, 40: 0.0},
        ),
        (
            {"schedule": ("StepDecay", {"boundaries": (0.5, 0.75), "factor": 0.1})},
            {0: 0.1, 19: 0.1, 20: 0.01, 29: 0.01, 30: 0.001},
        ),
    ],
)
def test_learning_rates_of_a_recipe(recipe, rates):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    recipe = Recipe(
        dataset="digits",
        optimizer=("SGD", {"learning_rate": 0.1}),
        epochs=4,
        **{"batch_size": 32} | recipe,
    )
    compile_model(model, recipe, get("classification"), steps=10, jit=False)
    model.optimizer.build(model.trainable_variables)
    for step, rate in rates.items():
        model.optimizer.iterations.assign(step)
        assert float(model.optimizer.learning_rate) == pytest.approx(rate, abs=1e-7)
