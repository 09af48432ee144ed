"""Trains a model with JAX: an epoch is one compiled scan over its batches.

Run by `benchmarks.peers.process` in `.venv-jax`, without the other packages. Adam is
that of `jax.example_libraries`; the last, smaller batch is a step of its own.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.example_libraries.optimizers import adam
from serve import serve

KERNEL = jax.nn.initializers.glorot_uniform()


def linear(key, inputs, outputs):
    return KERNEL(key, (inputs, outputs)), jnp.zeros(outputs)


def affine(weights, x):
    kernel, bias = weights
    return x @ kernel + bias


class Dense:
    def __init__(self, widths, size, dropout=0.0):
        self.sizes, self.dropout = (size, *widths, 10), dropout

    def weights(self, key):
        pairs = zip(self.sizes, self.sizes[1:], strict=False)
        return [linear(jax.random.fold_in(key, i), *p) for i, p in enumerate(pairs)]

    def __call__(self, weights, x, key):
        for i, layer in enumerate(weights[:-1]):
            x = jax.nn.relu(affine(layer, x))
            if self.dropout and key is not None:
                keep = 1 - self.dropout
                kept = jax.random.bernoulli(jax.random.fold_in(key, i), keep, x.shape)
                x = jnp.where(kept, x / keep, 0)
        return affine(weights[-1], x)


class LeNet5:
    def weights(self, key):
        keys = jax.random.split(key, 5)
        kernels = [((5, 5, 1, 6), 6), ((5, 5, 6, 16), 16)]
        found = [
            (KERNEL(k, shape), jnp.zeros(n))
            for k, (shape, n) in zip(keys, kernels, strict=False)
        ]
        sizes = [(400, 120), (120, 84), (84, 10)]
        return found + [linear(k, *s) for k, s in zip(keys[2:], sizes, strict=True)]

    def __call__(self, weights, x, key):
        for (kernel, bias), padding in zip(weights, ("SAME", "VALID"), strict=False):
            axes = ("NHWC", "HWIO", "NHWC")
            y = jax.lax.conv_general_dilated(
                x, kernel, (1, 1), padding, dimension_numbers=axes
            )
            window = (1, 2, 2, 1)
            x = jnp.tanh(y + bias)
            x = jax.lax.reduce_window(x, 0.0, jax.lax.add, window, window, "VALID") / 4
        x = x.reshape(len(x), -1)
        for layer in weights[2:-1]:
            x = jnp.tanh(affine(layer, x))
        return affine(weights[-1], x)


class Gru:
    units = 128

    def weights(self, key):
        keys = jax.random.split(key, 3)
        recurrent = jax.nn.initializers.orthogonal()(keys[1], (self.units,) * 2)
        return {
            "inputs": linear(keys[0], 28, 3 * self.units),
            "recurrent": (jnp.tile(recurrent, (1, 3)), jnp.zeros(3 * self.units)),
            "logits": linear(keys[2], self.units, 10),
        }

    def __call__(self, weights, x, key):
        projected = jnp.swapaxes(affine(weights["inputs"], x), 0, 1)

        def step(h, inputs):
            x_z, x_r, x_h = jnp.split(inputs, 3, -1)
            h_z, h_r, h_h = jnp.split(affine(weights["recurrent"], h), 3, -1)
            z, r = jax.nn.sigmoid(x_z + h_z), jax.nn.sigmoid(x_r + h_r)
            return z * h + (1 - z) * jnp.tanh(x_h + r * h_h), None

        h, _ = jax.lax.scan(step, jnp.zeros((len(x), self.units)), projected)
        return affine(weights["logits"], h)


MODELS = {"dense": Dense, "lenet5": LeNet5, "gru": Gru}


class Training:
    """A model, its data and its optimizer.

    Args:
        model: `dense`, `lenet5` or `gru`.
        options: Its arguments.
        data: `x`, `y`, `test_x`, `test_y`.
        batch: Batch size.
        rate: Learning rate.
    """

    version = jax.__version__

    def __init__(self, model, options, data, batch, rate):
        self.model = MODELS[model](**options)
        start, self.update, self.weights = adam(rate, eps=1e-7)
        self.state = start(self.model.weights(jax.random.key(0)))
        self.x = jnp.asarray(data["x"], "float32") / 255
        self.y = jnp.asarray(data["y"], "int32")
        self.test = np.asarray(data["test_x"], "float32") / 255, data["test_y"]
        self.batch, self.epoch, self.steps = batch, 0, 0
        self._epoch = jax.jit(self._epoch, donate_argnums=0)
        self._predict = jax.jit(functools.partial(self.model, key=None))

    def _epoch(self, state, step, key, x, y):
        order = jax.random.permutation(key, len(y))
        whole = len(order) // self.batch * self.batch
        batches = order[:whole].reshape(-1, self.batch)
        update = functools.partial(self._step, x=x, y=y)
        carry, _ = jax.lax.scan(update, (state, step, key), batches)
        if whole < len(order):
            carry, _ = update(carry, order[whole:])
        return carry[:2]

    def _step(self, carry, rows, x, y):
        state, step, key = carry
        key, drawn = jax.random.split(key)
        weights = self.weights(state)
        gradients = jax.grad(self._loss)(weights, x[rows], y[rows], drawn)
        return (self.update(step, gradients, state), step + 1, key), None

    def _loss(self, weights, x, y, key):
        logs = jax.nn.log_softmax(self.model(weights, x, key))
        return -jnp.mean(jnp.take_along_axis(logs, y[:, None], 1))

    def train(self, epochs):
        for _ in range(epochs):
            key = jax.random.key(1 + self.epoch)
            self.state, self.steps = self._epoch(
                self.state, self.steps, key, self.x, self.y
            )
            self.epoch += 1
        jax.block_until_ready(self.state)

    def accuracy(self):
        x, y = self.test
        logits = self._predict(self.weights(self.state), x)
        return float(np.mean(np.argmax(logits, -1) == y))


if __name__ == "__main__":
    serve(Training)
