"""The games of generative adversarial networks, beside their formulas."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from benchmarks.cases import FunctionCase, LayerCase


class ThreeScores(keras.layers.Layer):
    """The players called one after the other."""

    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.seed = keras.random.SeedGenerator()

    def call(self, samples, training=False):
        codes = keras.random.normal((samples.shape[0], 32), seed=self.seed)
        fake, judge = self.generator(codes), self.discriminator
        fixed = [[ops.stop_gradient(v) for v in judge.trainable_variables], []]
        scores = [
            judge(samples),
            judge(ops.stop_gradient(fake)),
            judge.stateless_call(*fixed, fake)[0],
            ops.zeros((samples.shape[0], 1)),
        ]
        return ops.concatenate(scores, axis=-1)


def _players(ns):
    def player(*sizes):
        x = keras.Input(sizes[:1])
        hidden = ns.Dense(256, activation="relu")(x)
        return keras.Model(x, ns.Dense(sizes[1])(hidden))

    return {"generator": player(32, 784), "discriminator": player(784, 1)}


def two_crossentropies(real, fake):
    """Keras' cross-entropy against ones, and against zeros."""
    return entropy_of_ones(real) - negative_entropy(fake)


def entropy_of_ones(scores):
    """Keras' cross-entropy of the label 1."""
    ones = ops.ones_like(scores)
    return ops.binary_crossentropy(ones, scores, from_logits=True)


def negative_entropy(scores):
    """Keras' cross-entropy of the label 0, to be maximized."""
    zeros = ops.zeros_like(scores)
    return -ops.binary_crossentropy(zeros, scores, from_logits=True)


def two_squares(real, fake):
    """The formula."""
    return 0.5 * ops.square(real - 1.0) + 0.5 * ops.square(fake)


def square(scores):
    """The formula."""
    return 0.5 * ops.square(scores - 1.0)


def difference(real, fake):
    """The formula."""
    return fake - real


def critic(x):
    """A score of each sample."""
    return ops.sum(ops.tanh(x), axis=-1, keepdims=True)


def penalty_by_tape(real, fake, critic):
    """The formula with TensorFlow's tape."""
    share = keras.random.uniform((real.shape[0], 1))
    x = share * real + (1 - share) * fake
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = critic(x)
    slopes = tape.gradient(scores, x)
    return ops.square(ops.norm(slopes, axis=-1) - 1)


_RNG = np.random.default_rng(1)
_SCORES = tuple(_RNG.normal(size=(1024, 1)) for _ in range(2))
_SAMPLES = tuple(_RNG.normal(size=(128, 784)) for _ in range(2))


def _game(name, peer, scores=_SCORES, **kwargs):
    return FunctionCase(name, scores, kwargs, kind="losses", peer=peer)


CASES = [
    LayerCase("AdversarialScores", _players, (128, 784), peer=ThreeScores),
    _game("minimax_discriminator_loss", two_crossentropies),
    _game("minimax_generator_loss", negative_entropy, _SCORES[:1]),
    _game("non_saturating_generator_loss", entropy_of_ones, _SCORES[:1]),
    _game("least_squares_discriminator_loss", two_squares),
    _game("least_squares_generator_loss", square, _SCORES[:1]),
    _game("wasserstein_critic_loss", difference),
    _game("wasserstein_generator_loss", ops.negative, _SCORES[:1]),
    _game("gradient_penalty", penalty_by_tape, _SAMPLES, critic=critic),
]
