"""A peer in another environment, behind the methods of a side of the benchmark."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]


class Peer:
    """A training in a process of its own.

    Args:
        backend: `jax` or `torch`.
        model: Name of the model in `<backend>_training.py`.
        options: Its arguments.
        train: Training samples and labels.
        test: Test samples and labels.
        batch: Batch size.
        rate: Learning rate.
    """

    def __init__(self, backend, model, options, *, train, test, batch, rate):
        script = Path(__file__).with_name(f"{backend}_training.py")
        self._process = subprocess.Popen(
            [interpreter(backend), script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with tempfile.TemporaryDirectory() as folder:
            data = f"{folder}/data.npz"
            np.savez(data, x=train.x, y=train.y, test_x=test.x, test_y=test.y)
            given = {"model": model, "options": options, "batch": batch, "rate": rate}
            self.version = self._ask({**given, "data": data})

    def train(self, epochs):
        """Trains; returns the seconds that it took, without those of the request."""
        return self._ask({"train": epochs})

    def accuracy(self, test):
        """The test accuracy."""
        return self._ask({})

    def close(self):
        """Ends the process."""
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, request):
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._process.args[1]} ended without an answer.")
        return json.loads(answer)


def interpreter(backend):
    """The Python of the environment that `make test-<backend>` installs."""
    return ROOT / f".venv-{backend}/bin/python"
