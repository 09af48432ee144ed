"""Times training steps on a GPU with JAX: our layers against Keras'.

    KERAS_BACKEND=jax python -m benchmarks.gpu [--rounds N]

LeNet-5, ResNet-20, and an LSTM and a GRU classifier are built twice by the same
function, from `custom_layers` and from `keras.layers`. The two sides alternate, each
with many steps in one compiled call; results are medians over the rounds.
Writes `gpu.json` and `gpu.md` beside this file.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from pathlib import Path

import keras
import numpy as np

import custom_layers

RESULTS = Path(__file__).with_name("gpu.json")
ROUNDS, LEAST_ROUNDS = 7, 5
STEPS = 50  # inside one call
NEEDS = (
    "benchmarks.gpu needs a GPU that JAX sees and KERAS_BACKEND=jax: on a machine with "
    "an NVIDIA driver, `pip install 'jax[cuda13]' keras scikit-learn tensorboard "
    "psutil tqdm lazy_loader click`"
)


def lenet5(layers):
    """LeNet-5 for images of 28 x 28: 61,706 parameters."""
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(6, 5, padding="same", activation="tanh")(image)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="tanh")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="tanh")(x)
    x = layers.Dense(84, activation="tanh")(x)
    return keras.Model(image, layers.Dense(10)(x))


def resnet20(layers):
    """ResNet-20 for images of 32 x 32 (He et al., 2015, section 4.2)."""

    def convolve(x, filters, strides=1, activation="relu"):
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        return layers.Activation(activation)(x)

    image = keras.Input((32, 32, 3))
    x = convolve(image, 16)
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        for block in range(3):
            stride = strides if block == 0 else 1
            shortcut = x
            if stride > 1:
                shortcut = layers.Conv2D(filters, 1, stride, use_bias=False)(x)
            x = convolve(x, filters, stride)
            x = convolve(x, filters, activation="linear")
            x = layers.Activation("relu")(keras.layers.add([x, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10)(x))


def lstm(layers):
    """An LSTM over the 28 rows of an image."""
    rows = keras.Input((28, 28))
    return keras.Model(rows, layers.Dense(10)(layers.LSTM(128)(rows)))


def gru(layers):
    """A GRU over the 28 rows of an image."""
    rows = keras.Input((28, 28))
    return keras.Model(rows, layers.Dense(10)(layers.GRU(128)(rows)))


BUILDERS = {"LeNet-5": lenet5, "ResNet-20": resnet20, "LSTM": lstm, "GRU": gru}


def turn(build, layers, batch, steps=STEPS, device="gpu"):
    """Returns a function that runs training steps and returns seconds per step."""
    from zoo.datasets import Split
    from zoo.machines.devices import choose
    from zoo.training.engine import engine_for

    devices = choose(device)
    generator = np.random.default_rng(0)
    with devices.scope():
        keras.utils.set_random_seed(0)
        model = build(layers)
        model.compile(
            keras.optimizers.Adam(1e-3),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        engine = engine_for(model, devices, batch_size=batch, jit=True)
        shape = (steps * batch, *model.input_shape[1:])
        split = Split(
            generator.standard_normal(shape, "float32"),
            generator.integers(10, size=steps * batch),
        )
        engine.build(split)
        data, order = engine.place(split), engine.order(np.arange(steps * batch))

    def seconds():
        with devices.scope():
            start = time.perf_counter()
            # The metrics are copied to the host, so all steps have finished.
            outcome = engine.train(data, order, 0, steps)
            spent = time.perf_counter() - start
        if (outcome.step, outcome.finite) != (steps, True):
            raise RuntimeError(f"{model.name} stopped: {outcome}")
        return spent / steps

    seconds()  # compiles
    return seconds


def measure(name, batch, rounds, **options):
    """A row of the table: milliseconds per step of each side, and their ratio."""
    sides = {"ours": custom_layers, "keras": keras.layers}
    turns = {
        side: turn(BUILDERS[name], layers, batch, **options)
        for side, layers in sides.items()
    }
    times = {side: [] for side in sides}
    for _ in range(rounds):
        for side, run in turns.items():
            times[side].append(run())
    pairs = zip(times["ours"], times["keras"], strict=True)
    return {
        "model": name,
        "batch": batch,
        "ours_ms": 1000 * statistics.median(times["ours"]),
        "keras_ms": 1000 * statistics.median(times["keras"]),
        "ratio": statistics.median(ours / theirs for ours, theirs in pairs),
    }


def table(results):
    """The results as a Markdown table."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    lines = [
        "# Training steps on a GPU, with JAX",
        "",
        f"`{results['command']}`: {results['device']}, {versions}. Milliseconds of a "
        f"step of Adam, medians of {results['rounds']} alternating rounds of {STEPS} "
        "steps each inside one compiled call; the ratio is our time over that of the "
        "same model made of Keras' own layers: below 1 is faster.",
        "",
        "| model | batch | ours, ms | Keras, ms | ratio |",
        "|---|---|---|---|---|",
    ]
    for row in results["rows"]:
        lines.append(
            f"| {row['model']} | {row['batch']} | {row['ours_ms']:.3f} "
            f"| {row['keras_ms']:.3f} | {row['ratio']:.2f} |"
        )
    return "\n".join([*lines, ""])


def has_gpu():
    """Whether Keras runs on JAX, and JAX sees a GPU."""
    return keras.backend.backend() == "jax" and any(
        device.startswith("gpu") for device in keras.distribution.list_devices()
    )


def at_least(text):
    rounds = int(text)
    if rounds < LEAST_ROUNDS:
        raise argparse.ArgumentTypeError(f"{LEAST_ROUNDS} or more, for a median")
    return rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=at_least, default=ROUNDS)
    parser.add_argument("--batch", type=int, default=128, help="batch size")
    given = parser.parse_args()
    if not has_gpu():
        sys.exit(NEEDS)
    import jax

    results = {
        "command": "KERAS_BACKEND=jax python -m benchmarks.gpu",
        "device": jax.devices()[0].device_kind,
        "versions": {
            "Python": platform.python_version(),
            "Keras": keras.__version__,
            "JAX": jax.__version__,
        },
        "rounds": given.rounds,
        "rows": [measure(name, given.batch, given.rounds) for name in BUILDERS],
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    RESULTS.with_suffix(".md").write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    main()
