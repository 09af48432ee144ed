"""Rows of layers that draw codes."""

import keras
import numpy as np
from scipy.stats import norm

import custom_layers as cl

from ..table import LayerRow


def _players(layers):
    """A linear generator and a linear discriminator of samples of three values."""
    code, sample = keras.Input((2,), name="code"), keras.Input((3,), name="sample")
    fake = layers.Dense(3, name="fake")(code)
    score = layers.Dense(1, name="score")(sample)
    return {
        "generator": keras.Model(code, fake),
        "discriminator": keras.Model(sample, score),
    }


def _scores(samples, kernel, bias, weight, offset):
    """The scores of linear players, for quantiles of a Kronecker sequence."""
    slopes = np.random.default_rng(0).random(2)
    shares = np.outer(np.arange(len(samples)) + 0.5, slopes) % 1
    score = (norm.ppf(shares) @ kernel + bias) @ weight + offset
    real = samples @ weight + offset
    return np.concatenate([real, score, score, np.zeros_like(score)], axis=-1)


LAYERS = [
    LayerRow(
        cl.AdversarialScores,
        None,
        _scores,
        _players,
        shape=(4, 3),
        random=True,
        stops_gradients=True,
        onnx="Erfinv",
    ),
    LayerRow(
        cl.GaussianSampling,
        None,
        lambda mean, log_variance: mean,
        {"seed": 1},
        shape=[(3, 5), (3, 5)],
        random=True,
    ),
]
