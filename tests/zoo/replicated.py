"""Trains small models on as many virtual CPUs as the first argument says.

A process of its own, because devices are divided before TensorFlow does anything
else. Prints the metrics of the rows that further arguments name, or of all, as JSON.
"""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import custom_layers as cl
import zoo
from zoo.datasets import Split
from zoo.errors import ZooError
from zoo.machines.devices import choose
from zoo.registry import Recipe
from zoo.tasks import get
from zoo.training.compile import compile_model
from zoo.training.fit import fit

SAMPLES = 90  # the last of three batches of 32 is not full


def images():
    data = zoo.load_dataset("digits")
    parts = {
        name: Split(*(array[:count] for array in tuple(getattr(data, name))))
        for name, count in (("train", SAMPLES), ("validation", 51), ("test", 5))
    }
    return dataclasses.replace(data, **parts)


def words():
    random = np.random.default_rng(0)
    tokens = random.integers(0, 20, (SAMPLES, 6)).astype("int32")
    split = Split(tokens, (tokens.sum(axis=1) % 3).astype("int32"))
    return dataclasses.replace(
        images(), labels=("a", "b", "c"), train=split, validation=split
    )


def tags():
    """Sentences of one to six words, so that the mask leaves more to one replica."""
    random = np.random.default_rng(0)
    lengths = np.arange(SAMPLES)[:, None] * 7 % 6 + 1
    tokens = random.integers(1, 20, (SAMPLES, 6))
    tokens = np.where(np.arange(6) < lengths, tokens, 0).astype("int32")
    split = Split(tokens, np.where(tokens > 0, tokens % 3, -1).astype("int32"))
    return dataclasses.replace(words(), task="tagging", train=split, validation=split)


def dense(*extra):
    image = keras.Input((8, 8, 1))
    x = cl.Flatten()(cl.Rescaling(1 / 16)(image))
    x = cl.Dense(16, activation="tanh", kernel_regularizer="l2")(x)
    for layer in extra:
        x = layer(x)
    return keras.Model(image, cl.Dense(10)(x))


def embedding():
    tokens = keras.Input((6,), dtype="int32")
    x = cl.GlobalAveragePooling1D()(cl.Embedding(20, 8)(tokens))
    return keras.Model(tokens, cl.Dense(3)(x))


def recurrent():
    tokens = keras.Input((6,), dtype="int32")
    x = cl.LSTM(8)(cl.Embedding(20, 8)(tokens))
    return keras.Model(tokens, cl.Dense(3)(x))


def tagger():
    tokens = keras.Input((6,), dtype="int32")
    return keras.Model(tokens, cl.Dense(3)(cl.Embedding(20, 8, mask_zero=True)(tokens)))


def sgd(**options):
    return "SGD", {"learning_rate": 0.1} | options


def adam(**options):
    return "Adam", {"learning_rate": 0.01} | options


def rmsprop(**options):
    return "RMSprop", {"learning_rate": 0.01} | options


def reduced(reduction):
    options = {"from_logits": True, "reduction": reduction}
    return "SparseCategoricalCrossentropy", options


EQUAL = {
    "dense, nesterov": (dense, images, sgd(momentum=0.9, nesterov=True)),
    "dense, adam": (dense, images, adam()),
    "dense, rmsprop": (dense, images, rmsprop()),
    "dense, rmsprop with momentum": (dense, images, rmsprop(momentum=0.5)),
    "dense, averaged": (dense, images, adam(use_ema=True, ema_momentum=0.5)),
    "dense, clipped": (dense, images, adam(clipnorm=0.05)),
    "dense, clipped together": (dense, images, sgd(global_clipnorm=0.1)),
    "convolution, momentum": (
        lambda: zoo.create_model("lenet5"),
        images,
        sgd(momentum=0.9),
    ),
    "embedding, momentum": (embedding, words, sgd(momentum=0.9)),
    "embedding, adam": (embedding, words, adam()),
    "embedding, rmsprop": (embedding, words, rmsprop()),
    "embedding, clipped": (embedding, words, sgd(clipnorm=0.01)),
    "recurrent, adam": (recurrent, words, adam()),
    "tagger, mask": (tagger, tags, sgd()),
    "dense, sum of losses": (dense, images, sgd(learning_rate=1e-3), reduced("sum")),
}
FINITE = {
    "batch normalization": (
        lambda: dense(cl.BatchNormalization()),
        images,
        adam(),
    ),
    "dropout": (lambda: dense(cl.Dropout(0.5)), images, adam()),
}
FAILING = {
    "not finite": (dense, images, sgd(learning_rate=1e30)),
    "accumulated": (dense, images, adam(gradient_accumulation_steps=2)),
    "weighted mean": (dense, images, adam(), reduced("mean_with_sample_weight")),
}


def metrics(strategy, model, data, optimizer, loss=None):
    keras.utils.set_random_seed(0)
    devices = choose(strategy)
    recipe = Recipe(
        dataset="digits", optimizer=optimizer, loss=loss, batch_size=32, epochs=2
    )
    data = data()
    task = get(data.task)
    steps = -(-len(data.train.y) // recipe.batch_size)
    with tempfile.TemporaryDirectory() as folder, devices.scope():
        try:
            model = model()
            compile_model(model, recipe, task, steps=steps, jit=False)
            progress = fit(model, data, recipe, Path(folder), devices)
        except ZooError as error:
            return str(error)
    return [
        {name: value for name, value in row.items() if name != "seconds"}
        for row in progress.history
    ]


def main(replicas, *names):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * replicas
    )
    strategy = "mirrored" if replicas > 1 else "cpu"
    rows = EQUAL | FINITE | FAILING if replicas > 1 else EQUAL
    found = {name: metrics(strategy, *rows[name]) for name in names or rows}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
