"""The benchmark that runs on GPUs, as far as it can be tested without one."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import custom_layers
from benchmarks import gpu

COUNTS = {
    "LeNet-5": 61_706,
    "ResNet-20": 273_658,
    "LSTM": 81_674,
    "GRU": 61_962,
}


@pytest.mark.parametrize("name", gpu.BUILDERS)
def test_both_sides_are_the_same_model(name):
    ours, theirs = map(gpu.BUILDERS[name], (custom_layers, keras.layers))
    made = {type(layer).__module__.split(".")[0] for layer in ours.layers[1:]}
    assert "custom_layers" in made
    assert ours.count_params() == theirs.count_params() == COUNTS[name]
    ours.set_weights(theirs.get_weights())
    x = np.random.default_rng(0).standard_normal((2, *ours.input_shape[1:]))
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


@pytest.mark.slow
def test_a_row_and_the_table():
    row = gpu.measure("GRU", batch=2, rounds=1, steps=2, device="cpu")
    assert row["ratio"] == pytest.approx(row["ours_ms"] / row["keras_ms"])
    results = {
        "command": "it",
        "device": "a GPU",
        "versions": {"Keras": "3"},
        "rounds": 5,
        "rows": [row | {"ours_ms": 1.0, "keras_ms": 2.0, "ratio": 0.5}],
    }
    assert "| GRU | 2 | 1.000 | 2.000 | 0.50 |" in gpu.table(results).splitlines()


@pytest.mark.slow
def test_without_a_gpu_it_says_what_it_needs_in_one_line():
    if gpu.has_gpu():
        pytest.skip("there is a GPU")
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu"],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == gpu.NEEDS
