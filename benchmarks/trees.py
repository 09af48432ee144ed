"""Training a tree LSTM level by level beside node by node.

    python -m benchmarks.trees [--trees 256]

Random binary trees of 5 to 40 words, an embedding of 64 and 64 units, batches of 32.
*Node by node* calls one compiled function for each node of each tree, children first;
*level by level* is `ChildSumTreeLSTM`, which computes each node of a batch once, with
all others of its level. Seconds of the CPU for forward, gradients and an update, after
one pass that compiles.
"""

import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from custom_layers import ChildSumTreeLSTM

RESULTS = Path(__file__).with_suffix(".json")
UNITS, BATCH, NODES = 64, 32, 79
RATE = 0.01


def draw(generator):
    """The parents of a random binary tree, children before their parents."""
    parents = []

    def build(leaves):
        children = []
        if leaves > 1:
            cut = int(generator.integers(1, leaves))
            children = [build(cut), build(leaves - cut)]
        parents.append(-1)
        node = len(parents) - 1
        for child in children:
            parents[child] = node
        return node

    build(int(generator.integers(5, 41)))
    return parents


def node_by_node(layer, trees, samples):
    @tf.function
    def node(x, h, c):
        kernel, recurrent, bias = layer.tensors()
        x_i, x_f, x_g, x_o = tf.split(x @ kernel + bias, 4, axis=-1)
        r_i, r_f, r_g, r_o = tf.split(recurrent, 4, axis=1)
        above = tf.reduce_sum(h, 0, keepdims=True)
        c = tf.reduce_sum(tf.sigmoid(x_f + h @ r_f) * c, 0, keepdims=True)
        c += tf.sigmoid(x_i + above @ r_i) * tf.tanh(x_g + above @ r_g)
        return tf.sigmoid(x_o + above @ r_o) * tf.tanh(c), c

    def epoch():
        total = 0.0
        for parents, x in zip(trees, samples, strict=True):
            with tf.GradientTape() as tape:
                states = {}
                for place, parent in enumerate(parents):
                    found = states.pop(place, [])
                    h, c = (
                        tf.concat([pair[i] for pair in found], 0)
                        if found
                        else tf.zeros((0, UNITS))
                        for i in (0, 1)
                    )
                    states.setdefault(parent, []).append(node(x[place][None], h, c))
                loss = tf.reduce_sum(states[-1][0][0] ** 2)
            update(layer, tape.gradient(loss, layer.trainable_weights))
            total += float(loss)
        return total

    return epoch


def level_by_level(layer, trees, samples):
    x = np.zeros((len(trees), NODES, UNITS), "float32")
    parents = np.full((len(trees), NODES), -2, "int32")
    for i, (tree, sample) in enumerate(zip(trees, samples, strict=True)):
        x[i, : len(tree)], parents[i, : len(tree)] = sample, tree

    @tf.function
    def step(x, parents):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, parents) ** 2)
        update(layer, tape.gradient(loss, layer.trainable_weights))
        return loss

    def epoch():
        return sum(
            float(
                step(tf.constant(x[i : i + BATCH]), tf.constant(parents[i : i + BATCH]))
            )
            for i in range(0, len(trees), BATCH)
        )

    return epoch


def update(layer, gradients):
    for weight, gradient in zip(layer.trainable_weights, gradients, strict=True):
        weight.value.assign_sub(RATE / BATCH * gradient)


def seconds(epoch):
    epoch()
    start = time.process_time()
    epoch()
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--trees", type=int, default=256)
    given = parser.parse_args()
    generator = np.random.default_rng(0)
    trees = [draw(generator) for _ in range(given.trees)]
    samples = [generator.normal(size=(len(t), UNITS)).astype("float32") for t in trees]
    found = {}
    for name, make in (("level", level_by_level), ("node", node_by_node)):
        keras.utils.set_random_seed(0)
        layer = ChildSumTreeLSTM(UNITS)
        layer.build((None, None, UNITS), (None, None))
        found[f"{name}_by_{name}"] = seconds(make(layer, trees, samples))
    results = {
        "command": "python -m benchmarks.trees",
        "trees": len(trees),
        "nodes": sum(map(len, trees)),
        "cpu_seconds": {key: round(value, 3) for key, value in found.items()},
        "times_faster": round(found["node_by_node"] / found["level_by_level"], 1),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
