"""Times training with each fast path and without it.

    python -m benchmarks.fast_paths [--only PATTERN] [--rounds N]

Each result is the time with the path divided by the time without it, the median of
alternating runs: below 1 is faster. A *component* is timed alone, forward and
backward, each side in the faster of plain graph and XLA; a *model* by whole epochs of
Keras' `fit`, which does not use XLA on a CPU, and of the engine of `zoo.train`, which
chooses by itself.

Writes `fast_paths.json` and `fast_paths.md` beside this file; `--only` times the
paths that match and keeps the other rows.
"""

import argparse
import fnmatch
import json
import os
import platform
import statistics
import subprocess
import time
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

import custom_layers as cl
from benchmarks.cases import Step, all_cases
from benchmarks.timing import ratio
from custom_layers import fast
from zoo import tasks
from zoo.datasets import Split
from zoo.machines.devices import choose
from zoo.registry import Recipe
from zoo.training.compile import compile_model, uses_xla
from zoo.training.engine import engine_for
from zoo.training.feed import InMemory

RESULTS = Path(__file__).with_name("fast_paths.json")
ROUNDS = 9
BUILDS = 2  # of each side
BATCH, STEPS = 64, 50
_RNG = np.random.default_rng(1)


def mlp():
    """MLP 784-512-512-10"""
    x = keras.Input((784,))
    h = cl.Dense(512, activation="relu")(x)
    h = cl.Dense(512, activation="relu")(h)
    return keras.Model(x, cl.Dense(10)(h))


def noisy_mlp():
    """MLP 784-512-512-10 with noise"""
    x = keras.Input((784,))
    h = cl.Dense(512, activation="relu")(cl.GaussianNoise(0.5)(x))
    h = cl.Dense(512, activation="relu")(cl.GaussianNoise(0.5)(h))
    return keras.Model(x, cl.Dense(10)(h))


def rotary_mlp():
    """Eight heads of 32 features in 128 steps, rotated, between dense layers"""
    x = keras.Input((128, 64))
    h = keras.layers.Reshape((128, 8, 32))(cl.Dense(256)(x))
    h = keras.layers.Reshape((128, 256))(cl.RotaryEmbedding()(h))
    return keras.Model(x, cl.Dense(10)(cl.GlobalAveragePooling1D()(h)))


def component(name, **options):
    """The cases of a component in the table of components."""
    return [
        case
        for case in all_cases()
        if case.component == name and options.items() <= dict(_kwargs(case)).items()
    ]


def _kwargs(case):
    kwargs = getattr(case, "kwargs", {})
    return {} if callable(kwargs) else kwargs


# Workloads of each path: cases of components, or models with an optimizer.
PATHS = {
    "mean_absolute_error": component("MeanAbsoluteError"),
    "categorical_crossentropy_of_logits": component(
        "CategoricalCrossentropy", from_logits=True
    )[-1:],
    "sparse_categorical_crossentropy": component("SparseCategoricalCrossentropy"),
    "SGD.update_step": [(mlp, "SGD", {"momentum": 0.9, "nesterov": True})],
    "Adadelta.update_step": [(mlp, "Adadelta", {})],
    "Adam.update_step": [(mlp, "Adam", {})],
    "AdamW.update_step": [(mlp, "AdamW", {})],
    "SimpleRNNCell.loop": component("SimpleRNN"),
    "LSTMCell.loop": component("LSTM"),
    "GRUCell.loop": component("GRU"),
    "BatchNormalization.batch_norm": component("BatchNormalization"),
    "LayerNormalization.normalized": component("LayerNormalization"),
    "GlobalMaxPooling2D.max": component("GlobalMaxPooling2D"),
    "attend": component("scaled_dot_product_attention")
    + component("MultiHeadAttention")[::2],
    "softmax": component("MultiHeadAttention", dropout=0.1),
    "rotated": [*component("RotaryEmbedding"), (rotary_mlp, "SGD", {})],
    "ChildSumTreeLSTM.climb": component("ChildSumTreeLSTM"),
    "TreeRNN.climb": component("TreeRNN"),
    "RandomFlip.flip": component("RandomFlip"),
    "uniform": component("SpatialDropout1D"),
    "normal": [*component("GaussianNoise"), (noisy_mlp, "SGD", {})],
    "dropped": component("Dropout") + component("SpatialDropout2D"),
}


class Paths:
    """Patches the table of fast paths, with or without one, while a step is traced."""

    def __init__(self, name, with_it):
        self.name, self.with_it = name, with_it

    def __enter__(self):
        table = dict(fast.TABLE)
        if not self.with_it:
            del table[self.name, "tensorflow"]
        self.patch = mock.patch.object(fast, "TABLE", table)
        self.patch.start()

    def __exit__(self, *_):
        self.patch.stop()


def of_component(name, case, rounds):
    """The time ratio of a component's forward and backward pass."""

    def step(with_it):
        training = case.steps(ours=True)["training"]

        def traced(*tensors):
            with Paths(name, with_it):
                return training.function(*tensors)

        return Step(traced, training.arguments)

    builds = [(step(True), step(False)) for _ in range(BUILDS)]
    found = ratio(builds, max(1, rounds // BUILDS))
    return {"best": found.best, "graph": found.graph}


class Fit:
    """Epochs of Keras' `fit`."""

    def __init__(self, model, optimizer, x, y):
        loss = cl.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss)
        self.model, self.data = model, tf.data.Dataset.from_tensor_slices((x, y))
        self.data = self.data.batch(BATCH, drop_remainder=True).cache()

    def train(self):
        self.model.fit(self.data, verbose=0)


class Zoo:
    """Epochs of the engine of `zoo.train`."""

    def __init__(self, model, optimizer, x, y):
        devices = choose("cpu")
        named = type(optimizer).__name__, {"learning_rate": 1e-3}
        recipe = Recipe(dataset="", optimizer=named, batch_size=BATCH, epochs=1)
        jit = uses_xla(model, "auto", devices)
        task = tasks.get("classification")
        compile_model(model, recipe, task, steps=STEPS, jit=jit)
        model.optimizer = optimizer
        self.engine = engine_for(model, devices, batch_size=BATCH, jit=jit)
        self.engine.build(Split(x, y))
        self.feed, self.epoch = InMemory(self.engine, Split(x, y)), 0

    def train(self):
        self.feed.begin(0, self.epoch)
        self.engine.start_means()
        self.feed.train(0, STEPS)
        self.epoch += 1


def of_model(name, case, rounds):
    """The time ratios of a model's training by `fit` and by `zoo.train`."""
    build, rule, options = case
    shape = build().input_shape[1:]
    x = _RNG.normal(size=(BATCH * STEPS, *shape)).astype("float32")
    y = _RNG.integers(0, 10, size=len(x))
    found = {}
    for key, trainer in (("fit", Fit), ("zoo", Zoo)):
        sides = []
        for with_it in (True, False):
            keras.utils.set_random_seed(0)
            optimizer = getattr(cl.optimizers, rule)(1e-3, **options)
            side = trainer(build(), optimizer, x, y)
            with Paths(name, with_it):
                side.train()
            sides.append((side, with_it))
        ratios = []
        for _ in range(rounds):
            spent = []
            for side, with_it in sides:
                start = time.perf_counter()
                with Paths(name, with_it):
                    side.train()
                spent.append(time.perf_counter() - start)
            ratios.append(spent[0] / spent[1])
        found[key] = statistics.median(ratios)
    return found


def measure(name, case, rounds):
    """A row of the table."""
    if isinstance(case, tuple):
        build, rule, options = case
        row = {
            "by": f"{build.__doc__}, {_call(rule, options)}",
            "size": f"batch {BATCH}",
        }
        ratios = of_model(name, case, rounds)
    else:
        row = {"by": _call(case.component, _kwargs(case)), "size": case.size}
        ratios = of_component(name, case, rounds)
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {"path": name, **row, **ratios, "rounds": rounds, "commit": commit}


def _call(name, options):
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})"


def page(results):
    """The rows as a Markdown table."""
    rows = results["rows"]
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    least = min(row["rounds"] for row in rows)
    lines = [
        "# Training with each fast path, over training without it",
        "",
        f"`{results['command']}`: {results['machine']}, {versions}; timed at "
        f"{commits}, median of at least {least} alternating pairs: below 1 is "
        "faster. *graph*: both in a plain `tf.function`; *best*: each side in "
        "whichever of plain graph and XLA serves it best; *fit*: epochs of Keras' "
        "`fit`; *zoo*: epochs of the engine behind `zoo.train`.",
        "",
        "| path | timed by | size | graph | best | fit | zoo |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratios = [
            f"{row[k]:.2f}" if k in row else "" for k in ("graph", "best", "fit", "zoo")
        ]
        cells = [f"`{row['path']}`", row["by"], row["size"], *ratios]
        lines.append(f"| {' | '.join(cells)} |")
    needed = sorted({name for name, _ in fast.NEEDED})
    lines += [
        "",
        "Not for speed, but because `keras.ops` lacks them or because XLA or a "
        f"converter needs them: {', '.join(f'`{name}`' for name in needed)}.",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default="*", help="path pattern, such as *loop")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of runs")
    given = parser.parse_args()
    names = [name for name, _ in fast.FASTER if fnmatch.fnmatch(name, given.only)]
    for name in (bar := tqdm(names)):
        bar.set_description(name)
        write(name, [measure(name, case, given.rounds) for case in PATHS[name]])
        keras.backend.clear_session()


def write(name, timed):
    """Replaces the rows of a path in the results."""
    rows = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    rows = [row for row in rows if row["path"] != name] + timed
    order = [name for name, _ in fast.FASTER]
    rows = [row for row in rows if row["path"] in order]
    results = {
        "command": "python -m benchmarks.fast_paths",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "rows": sorted(rows, key=lambda row: order.index(row["path"])),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(page(results))


if __name__ == "__main__":
    main()
