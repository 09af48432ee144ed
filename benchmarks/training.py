"""Times training against Keras' `fit`, scikit-learn, JAX and PyTorch, with equal work.

    python -m benchmarks.training [--only PATTERN] [--rounds N]

Each round trains every side in turn for the same epochs on the same samples, already
compiled; the result of a side is its median over the rounds, and a factor is the ratio
of two of these medians. The stock sides are Keras' layers and optimizer: compiled with
Keras' defaults, and with the options that make its `fit` fast, `jit_compile` and
`steps_per_execution`. The test accuracy after all rounds shows that the work was equal.
JAX (an epoch is one compiled scan) and PyTorch (its usual eager loop) train the same
model in a process and an environment of their own, where `make test-jax` and
`make test-torch` installed these.

MNIST is read through TFDS. Writes `training.json` and `training.md` beside this
file; `--only` times matching models and keeps the other rows.
"""

import argparse
import fnmatch
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import sklearn
import tensorflow as tf

import custom_layers
import zoo
from benchmarks.peers.process import Peer, interpreter
from zoo import tasks
from zoo.datasets import Split
from zoo.machines.devices import choose
from zoo.registry import Recipe
from zoo.training.compile import compile_model, uses_xla
from zoo.training.engine import engine_for
from zoo.training.feed import InMemory

RESULTS = Path(__file__).with_name("training.json")
ROUNDS = 5
STEPS = 32  # of one call of the compiled function, where `fit` may choose
RATE = 1e-3


def dense(layers, widths, size, dropout=0.0):
    image = keras.Input((size,))
    x = layers.Rescaling(1 / 255)(image)
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    return keras.Model(image, layers.Dense(10)(x))


def lenet5(layers):
    image = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Conv2D(6, 5, padding="same", activation="tanh")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="tanh")(x)
    x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    for width in (120, 84):
        x = layers.Dense(width, activation="tanh")(x)
    return keras.Model(image, layers.Dense(10)(x))


def gru(layers):
    image = keras.Input((28, 28))
    x = layers.GRU(128)(layers.Rescaling(1 / 255)(image))
    return keras.Model(image, layers.Dense(10)(x))


def digits():
    data = zoo.load_dataset("digits")
    return [
        Split(s.x.reshape(len(s.x), -1) * 16.0, s.y) for s in (data.train, data.test)
    ]


def mnist(samples, *shape):
    data = zoo.load_dataset("mnist")
    train = Split(data.train.x[:samples], data.train.y[:samples])
    return [Split(s.x.reshape(len(s.x), *shape), s.y) for s in (train, data.test)]


class Work(NamedTuple):
    """A model and its data.

    Args:
        model: Builds it of the layers of a namespace.
        data: Loads training and test samples.
        batch: Batch size.
        epochs: Of a round.
        peer: The model for JAX and PyTorch, and its arguments.
        sklearn: Whether scikit-learn has this network.
    """

    model: Callable
    data: Callable
    batch: int
    epochs: int
    peer: tuple
    sklearn: bool = False


def _mlp(data, batch, epochs, **options):
    return Work(
        lambda layers: dense(layers, **options),
        data,
        batch,
        epochs,
        ("dense", options),
        sklearn="dropout" not in options,
    )


WORKS = {
    "64-32-10 MLP, digits, batch 32": _mlp(digits, 32, 20, widths=(32,), size=64),
    "784-512-512-10 MLP, MNIST, batch 64": _mlp(
        lambda: mnist(6400, 784), 64, 1, widths=(512, 512), size=784
    ),
    "784-512-512-10 MLP with dropout, MNIST, batch 64": _mlp(
        lambda: mnist(6400, 784), 64, 1, widths=(512, 512), size=784, dropout=0.5
    ),
    "LeNet-5, MNIST, batch 64": Work(
        lenet5, lambda: mnist(6400, 28, 28, 1), 64, 1, ("lenet5", {})
    ),
    "GRU on rows of MNIST, batch 128": Work(
        gru, lambda: mnist(6400, 28, 28), 128, 1, ("gru", {})
    ),
}


class Ours:
    def __init__(self, build, train, batch, epochs):
        keras.utils.set_random_seed(0)
        self.model = build(custom_layers.layers)
        devices = choose("cpu")
        recipe = Recipe(dataset="", batch_size=batch, epochs=epochs)
        self.steps = -(-len(train.y) // batch)
        jit = uses_xla(self.model, "auto", devices)
        task = tasks.get("classification")
        compile_model(self.model, recipe, task, steps=self.steps, jit=jit)
        self.engine = engine_for(self.model, devices, batch_size=batch, jit=jit)
        self.engine.build(train)
        self.feed = InMemory(self.engine, train)
        self.epoch, self.samples = 0, len(train.y)

    def train(self, epochs):
        for _ in range(epochs):
            self.feed.begin(0, self.epoch)
            self.engine.start_means()
            self.feed.train(0, self.steps)
            self.epoch += 1

    def accuracy(self, test):
        return _accuracy(self.model, test)


class Stock:
    def __init__(self, build, train, batch, **options):
        keras.utils.set_random_seed(0)
        self.model = build(keras.layers)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer = keras.optimizers.Adam(RATE)
        self.model.compile(optimizer, loss, metrics=["accuracy"], **options)
        self.data, self.batch = train, batch

    def train(self, epochs):
        self.model.fit(*self.data, batch_size=self.batch, epochs=epochs, verbose=0)

    def accuracy(self, test):
        return _accuracy(self.model, test)


class ScikitLearn:
    def __init__(self, widths, train, batch):
        from sklearn.neural_network import MLPClassifier

        self.x, self.y = (train.x / 255).astype("float32"), train.y
        self.model = MLPClassifier(
            widths, batch_size=batch, learning_rate_init=RATE, alpha=0.0, random_state=0
        )

    def train(self, epochs):
        for _ in range(epochs):
            self.model.partial_fit(self.x, self.y, classes=np.arange(10))

    def accuracy(self, test):
        return float(self.model.score((test.x / 255).astype("float32"), test.y))


def measure(name, rounds):
    work = WORKS[name]
    train, test = work.data()
    batch, epochs = work.batch, work.epochs
    sides = {
        "ours": Ours(work.model, train, batch, epochs),
        "fit": Stock(work.model, train, batch),
        "fit, fast": Stock(
            work.model, train, batch, jit_compile=True, steps_per_execution=STEPS
        ),
    }
    model, options = work.peer
    if work.sklearn:
        sides["scikit-learn"] = ScikitLearn(options["widths"], train, batch)
    for backend in ("jax", "torch"):
        if interpreter(backend).exists():
            arguments = {"train": train, "test": test, "batch": batch, "rate": RATE}
            sides[backend] = Peer(backend, model, options, **arguments)
    times = {side: [] for side in sides}
    for side in sides.values():
        side.train(1)
    for _ in range(rounds):
        for side, trained in sides.items():
            start = time.perf_counter()
            seconds = trained.train(epochs)
            times[side].append(seconds or time.perf_counter() - start)
    steps = epochs * -(-len(train.y) // batch)
    result = {
        "work": name,
        "rounds": rounds,
        "epochs": 1 + rounds * epochs,
        "commit": _commit(),
        "steps_per_second": {k: steps / statistics.median(v) for k, v in times.items()},
        "test_accuracy": {
            side: trained.accuracy(test) for side, trained in sides.items()
        },
    }
    peers = {key: side for key, side in sides.items() if isinstance(side, Peer)}
    result["peers"] = {key: peer.version for key, peer in peers.items()}
    for peer in peers.values():
        peer.close()
    return result


def _accuracy(model, test):
    logits = model.predict(test.x, batch_size=256, verbose=0)
    return float(np.mean(np.argmax(logits, axis=-1) == test.y))


def _commit():
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


SIDES = {
    "ours": "ours",
    "fit": "stock `fit`",
    "fit, fast": f"`fit`, XLA, {STEPS} steps per execution",
    "scikit-learn": "scikit-learn",
    "jax": "JAX, scan over an epoch",
    "torch": "PyTorch, eager",
}


def table(results):
    """The rows as a Markdown table."""
    lines = [
        "# Training beside stock fit, scikit-learn, JAX and PyTorch",
        "",
        f"`{results['command']}`: {results['machine']}, {results['versions']}. Steps a "
        "second at equal work, the median of alternating rounds; in brackets how many "
        "times faster ours is, as the ratio of these medians, and the test accuracy "
        "after all rounds.",
        "",
        f"| work | {' | '.join(SIDES.values())} | epochs | rounds | commit |",
        f"|{'---|' * (len(SIDES) + 4)}",
    ]
    for row in results["rows"]:
        cells = [_cell(row, side) for side in SIDES]
        cells += [row["epochs"], row["rounds"], row["commit"]]
        lines.append(f"| {row['work']} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def _cell(row, side):
    speeds = row["steps_per_second"]
    if side not in speeds:
        return "not timed"
    ratio = "" if side == "ours" else f"{speeds['ours'] / speeds[side]:.1f}x, "
    return f"{speeds[side]:,.0f} ({ratio}{row['test_accuracy'][side]:.1%})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default="*", help="name pattern, such as LeNet*")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    rows = {}
    if RESULTS.exists():
        rows = {row["work"]: row for row in json.loads(RESULTS.read_text())["rows"]}
    for name in fnmatch.filter(WORKS, given.only):
        rows[name] = measure(name, given.rounds)
        print(json.dumps(rows[name]), flush=True)
    peers = {k: v for row in rows.values() for k, v in row["peers"].items()}
    results = {
        "command": "python -m benchmarks.training",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": f"tensorflow {tf.__version__}, keras {keras.__version__}, "
        f"scikit-learn {sklearn.__version__}"
        + "".join(f", {name} {version}" for name, version in peers.items()),
        "rows": [rows[name] for name in WORKS if name in rows],
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(table(results))


if __name__ == "__main__":
    main()
