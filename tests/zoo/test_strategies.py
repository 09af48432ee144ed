"""Several devices: the metrics of one, and what is taken where."""

import functools
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.conftest import ROOT
from tests.zoo import replicated
from zoo.errors import ArgumentError
from zoo.machines import devices


@functools.cache
def metrics(replicas, *rows):
    """Figures of these rows of `replicated`, or of all of them."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.zoo.replicated", str(replicas), *rows],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.slow
def test_two_replicas_give_the_metrics_of_one_device():
    row = "recurrent, adam"
    assert_same(*(metrics(replicas, row)[row] for replicas in (1, 2)))


@pytest.mark.slow
@pytest.mark.parametrize("replicas", [2, 4])
@pytest.mark.parametrize("row", replicated.EQUAL)
def test_replicas_give_the_metrics_of_one_device(replicas, row):
    assert_same(metrics(1)[row], metrics(replicas)[row])


def assert_same(one, several):
    assert len(several) == len(one) == 2
    for expected, got in zip(one, several, strict=True):
        assert expected.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert got == pytest.approx(expected, rel=1e-6, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("replicas", [2, 4])
@pytest.mark.parametrize("row", replicated.FINITE)
def test_models_that_differ_by_replica_train(replicas, row):
    first, last = metrics(replicas)[row]
    assert all(np.isfinite(value) for value in last.values())
    assert last["loss"] < first["loss"]


@pytest.mark.slow
def test_what_several_devices_cannot_do_is_refused():
    assert "leave it out" in metrics(2)["accumulated"]
    assert "cannot train with a loss of reduction" in metrics(2)["weighted mean"]
    assert "The loss is not finite at step" in metrics(2)["not finite"]
    assert "layer 'dense" in metrics(2)["not finite"]


@pytest.fixture
def machine(monkeypatch):
    """Pretends to have these devices."""

    def pretend(*found):
        names = [*found] or ["cpu:0"]
        monkeypatch.setattr("keras.distribution.list_devices", lambda: names)

    for name in ("TF_CONFIG", "TPU_NAME"):
        monkeypatch.delenv(name, raising=False)
    return pretend


@pytest.mark.parametrize(
    ("found", "variables", "taken"),
    [
        ([], {}, "cpu"),
        (["gpu:0"], {}, "gpu"),
        (["gpu:0", "gpu:1"], {}, "mirrored"),
        (["cpu:0", "cpu:1"], {}, "cpu"),
        (["tpu:0", "tpu:1"], {}, "tpu"),
        ([], {"TPU_NAME": "local"}, "tpu"),
        (["gpu:0"], {"workers": 2}, "multiworker"),
        (["gpu:0"], {"workers": 1}, "gpu"),
    ],
)
def test_auto_takes_what_is_there(machine, monkeypatch, found, variables, taken):
    machine(*found)
    workers = variables.pop("workers", 0) if variables else 0
    if workers:
        monkeypatch.setenv("TF_CONFIG", config_of(workers))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in devices._CHOICES:
        monkeypatch.setitem(devices._CHOICES, name, lambda name=name: name)
    assert devices.choose("auto") == taken


def config_of(workers):
    addresses = [f"127.0.0.1:{port}" for port in range(2222, 2222 + workers)]
    return json.dumps(
        {
            "cluster": {"worker": addresses},
            "task": {"type": "worker", "index": 0},
        }
    )


def test_one_gpu_is_reported(machine):
    machine("gpu:0")
    assert devices.choose("auto").description == "one GPU"
    machine()
    assert devices.choose("auto").description == "the CPU"


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("gpu", "No GPU was found"),
        ("mirrored", "only cpu:0; use strategy 'auto'"),
        ("tpu", "No TPU was found; set TPU_NAME"),
        ("multiworker", "TF_CONFIG, which is not set; `zoo launch"),
        ("fast", "Unknown strategy 'fast'; choose one of auto, cpu, gpu"),
    ],
)
def test_missing_devices_are_one_line_errors(machine, strategy, message):
    machine()
    with pytest.raises(ArgumentError) as caught:
        devices.choose(strategy)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("strategy", ["auto", "cpu"])
def test_another_backend_is_a_one_line_error(monkeypatch, strategy):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ArgumentError, match="TensorFlow and JAX backends, not with to"):
        devices.choose(strategy)


@pytest.mark.slow
def test_training_says_what_it_took(tmp_path):
    result = subprocess.run(
        [
            *(sys.executable, "-m", "zoo", "train", "mlp"),
            *("--epochs", "1", "--output", str(tmp_path / "r")),
        ],
        env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"},
        capture_output=True,
        text=True,
    )
    assert result.stderr.startswith("Training mlp on the CPU.\n")
