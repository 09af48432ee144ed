"""Trainings that come to the same on each backend, and what they came to.

    python -m tests.zoo.reference

writes `reference.json` again, with TensorFlow.
"""

import json
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

import zoo

EXPECTED = Path(__file__).with_name("reference.json")
# Without what each backend draws from a generator of its own.
STILL = {"shift": 0.0, "rotation": 0.0, "zoom": 0.0, "dropout": 0.0}
NAMES = {"mlp": {"dropout": 0.0}, "lenet5": STILL}
# Of losses that both backends add up in an order of their own, over three epochs.
TOLERANCE = 1e-4


class FixedStart(keras.callbacks.Callback):
    """Starts from weights that numpy drew: each backend draws others."""

    def on_train_begin(self, logs=None):
        generator = np.random.default_rng(0)
        for weight in self.model.trainable_weights:
            weight.assign(0.1 * generator.standard_normal(weight.shape))


def train(name, output, **options):
    """Trains for three epochs on digits: the metrics of each epoch and of the test."""
    run = zoo.train(
        name,
        dataset="digits",
        epochs=3,
        output=output,
        overrides=NAMES[name],
        callbacks=[FixedStart()],
        **options,
    )
    history = {key: run.history[key] for key in sorted(run.history)}
    del history["seconds"]
    return history | {f"test_{key}": [value] for key, value in run.metrics.items()}


def main():
    if keras.backend.backend() != "tensorflow":
        sys.exit("The reference is TensorFlow's; set KERAS_BACKEND=tensorflow.")
    with tempfile.TemporaryDirectory() as folder:
        metrics = {name: train(name, Path(folder, name)) for name in NAMES}
    EXPECTED.write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
