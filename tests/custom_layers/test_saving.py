"""A `.keras` file loads in a process that imported `custom_layers` and no more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import custom_layers as cl

from . import rows
from .backends import numbers
from .table import ActivationRow, functional

_LOADER = """
import json, sys
from pathlib import Path
import numpy as np
import keras
import custom_layers

verdicts = {}
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    try:
        model = keras.saving.load_model(path)
        data = np.load(path.with_suffix(".npz"))
        inputs = [data[f"x{i}"] for i in range(len(model.inputs))]
        outputs = keras.tree.flatten(model(inputs))
        for i, y in enumerate(outputs):
            y = keras.ops.convert_to_numpy(y)
            np.testing.assert_allclose(y, data[f"y{i}"], rtol=1e-5, atol=1e-6)
        kinds = [type(part).__module__ for part in (model.layers[-1], model.optimizer)]
        kinds.append(getattr(model.loss, "__module__", type(model.loss).__module__))
        verdicts[path.stem] = kinds
    except Exception as error:
        verdicts[path.stem] = repr(error)
print(json.dumps(verdicts))
"""


def _models():
    """One model for each row, with optimizers, losses and so on taking turns."""
    optimizers, losses = rows.OPTIMIZERS, [*rows.LOSSES]
    for i, row in enumerate(rows.LAYERS):
        model, (batch, _) = functional(row)
        loss = losses[i % len(losses)]
        model.compile(
            optimizers[i % len(optimizers)].make(),
            loss.make() if i % 2 else loss.function,
        )
        yield model, list(batch.values())
    for row in rows.ACTIVATIONS + rows.INITIALIZERS:
        inputs = keras.Input((4,))
        part = (
            {"activation": row.component}
            if isinstance(row, ActivationRow)
            else {"kernel_initializer": row.make()}
        )
        model = keras.Model([inputs], cl.Dense(3, **part)(inputs))
        model.compile(cl.optimizers.Adam(), cl.losses.MeanSquaredError())
        yield model, [np.random.default_rng(1).normal(size=(2, 4))]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for i, (model, inputs) in enumerate(_models()):
        model.save(folder / f"{i:03}.keras")
        outputs = keras.tree.flatten(model(inputs))
        arrays = {f"x{j}": x for j, x in enumerate(inputs)}
        arrays |= {f"y{j}": numbers(y) for j, y in enumerate(outputs)}
        np.savez(folder / f"{i:03}.npz", **arrays)
    root = Path(cl.__file__).parents[1]
    process = subprocess.run(
        [sys.executable, "-c", _LOADER, str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return json.loads(process.stdout.splitlines()[-1])


_TITLES = [row.title for row in rows.LAYERS + rows.ACTIVATIONS + rows.INITIALIZERS]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(_TITLES)), ids=_TITLES)
def test_a_fresh_process_loads_it(verdicts, number):
    kinds = verdicts[f"{number:03}"]
    assert isinstance(kinds, list), kinds
    assert all(kind.startswith("custom_layers.") for kind in kinds), kinds


def test_every_optimizer_and_loss_takes_a_turn():
    assert len(rows.OPTIMIZERS) <= len(rows.LAYERS)
    assert len(rows.LOSSES) <= len(rows.LAYERS)


@pytest.mark.slow
def test_training_resumes_after_loading(tmp_path):
    """Weights, slots and step counter are all in the file."""
    x = np.random.default_rng(1).normal(size=(16, 3)).astype("float32")
    y = np.arange(16) % 2

    def fit(model, epochs):
        model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0)

    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), cl.Dense(4, "tanh"), cl.Dense(2)])
    model.compile(
        cl.optimizers.Adam(0.05, amsgrad=True),
        cl.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    fit(model, 2)
    model.save(tmp_path / "half.keras")
    fit(model, 2)
    resumed = keras.saving.load_model(tmp_path / "half.keras")
    fit(resumed, 2)
    for a, b in zip(model.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_weights_of_a_namesake_load(tmp_path):
    """A weights file knows positions, not classes."""

    def model(zoo):
        return keras.Sequential(
            [
                keras.Input((8, 8, 2)),
                zoo.Normalization(name="normalization"),
                zoo.Conv2D(3, 3, activation="relu", name="conv"),
                zoo.MaxPooling2D(name="pool"),
                zoo.Flatten(name="flatten"),
                zoo.Dropout(0.5, name="dropout"),
                zoo.Dense(2, name="logits"),
            ]
        )

    x = np.random.default_rng(1).normal(size=(5, 8, 8, 2)).astype("float32")
    theirs, ours = model(keras.layers), model(cl)
    theirs.layers[0].adapt(x * 3 + 1)
    theirs.save_weights(tmp_path / "w.weights.h5")
    ours.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(
        ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-5, atol=1e-5
    )
