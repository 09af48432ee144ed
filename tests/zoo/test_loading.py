"""Keras loads a run's `model.keras` where only one of our packages was imported."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

import zoo
from tests.zoo.rows import ROWS
from zoo import tasks
from zoo.training.compile import compile_model

_LOADER = """
import importlib, json, sys
from pathlib import Path

importlib.import_module(sys.argv[1])
before = sorted({"keras", "tensorflow"} & sys.modules.keys())

import keras
import numpy as np

found = {}
for path in map(Path, sys.argv[2:]):
    model = keras.models.load_model(path / "model.keras")
    data = np.load(path / "outputs.npz")
    np.testing.assert_allclose(model(data["x"]), data["y"], rtol=1e-5, atol=1e-6)
    found[path.name] = [
        type(model.loss).__name__,
        type(getattr(model.optimizer, "_learning_rate")).__name__,
        sorted(type(m).__name__ for m in model.metrics),
    ]
print(json.dumps([before, found]))
"""
EXPECTED = {
    "word2vec_cbow": "MaskedBinaryCrossentropy",
    "word2vec_cbow_hs": "MaskedBinaryCrossentropy",
    "vae": "EvidenceLowerBound",
    "tagger": "TokenCrossentropy",
    "perceptron": "SparsePerceptronCriterion",
    "softmax_regression": "SparseCategoricalCrossentropy",
}
SCHEDULED = "softmax_regression"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tiny model of each, compiled and saved as a run does, and what it answers."""
    root = tmp_path_factory.mktemp("runs")
    for row in ROWS:
        if row.name not in EXPECTED:
            continue
        spec = zoo.model_spec(row.name)
        recipe = spec.recipe
        if row.name == SCHEDULED:
            schedule = ("StepDecay", {"boundaries": (0.5,)})
            recipe = dataclasses.replace(recipe, schedule=schedule, warmup_epochs=0.5)
        model = zoo.create_model(row.name, **row.arguments)
        task = tasks.get(spec.task)
        compile_model(model, recipe, task, steps=10, jit=False)
        model.optimizer.build(model.trainable_variables)
        folder = root / row.name
        folder.mkdir()
        model.save(folder / "model.keras")
        (inputs,) = model.inputs
        shape = [3, *(size or 5 for size in inputs.shape[1:])]
        x = (np.arange(np.prod(shape)).reshape(shape) % 3).astype(inputs.dtype)
        np.savez(folder / "outputs.npz", x=x, y=model(x))
    return sorted(root.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    "package", ["custom_layers", pytest.param("zoo", marks=pytest.mark.slow)]
)
def test_one_import_is_enough(folders, package):
    command = [sys.executable, "-c", _LOADER, package, *map(str, folders)]
    process = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr[-2000:]
    before, found = json.loads(process.stdout.splitlines()[-1])
    assert before == ([] if package == "zoo" else ["keras", "tensorflow"])
    assert {name: loss for name, (loss, _, _) in found.items()} == EXPECTED
    assert found[SCHEDULED][1] == "Warmup"
    assert "CompileMetrics" in found["tagger"][2]
