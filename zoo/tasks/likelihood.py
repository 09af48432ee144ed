"""The log-likelihood of a variational autoencoder, estimated by importance sampling."""

import keras
import numpy as np
from keras import ops

from zoo.datasets import Dataset

SAMPLES = 200  # codes for each test sample
_CODES = 20_000  # that are decoded together


def log_likelihood(
    model: keras.Model, data: Dataset, samples: int = SAMPLES
) -> dict[str, float]:
    r"""Estimates the mean log-likelihood of binarized test samples, in nats.

    .. math::

        \log p(b) \ge \mathbb{E}_{z_1, \dots, z_k \sim q(z | x)} \log
        \frac{1}{k} \sum_{i=1}^k \frac{p(b | z_i) \, p(z_i)}{q(z_i | x)}, \quad
        b \sim \mathrm{Bernoulli}(x)

    which is tight for :math:`k \to \infty`, unlike the evidence lower bound. Each pixel
    of the sample :math:`x`, between 0 and 1, is the probability of a white one in
    :math:`b`. Binarization and codes are drawn from a fixed seed.

    Args:
        model: A variational autoencoder of the zoo.
        data: Prepared for generation.
        samples: The number of importance samples :math:`k`.

    Reference:
        Burda, Grosse and Salakhutdinov, 2016, Importance weighted autoencoders.
    """
    generator = np.random.default_rng(0)
    x, y = data.test
    decoder = model.get_layer("decoder")
    pixels = decoder.output.shape[-1]
    posterior = model.predict(x, batch_size=256, verbose=0)[:, pixels:]
    mean, log_variance = np.split(posterior, 2, axis=-1)
    probabilities = y.reshape(len(y), pixels)
    binary = (generator.random(probabilities.shape) < probabilities).astype("float32")
    total = 0.0
    rows = max(1, _CODES // samples)
    for start in range(0, len(y), rows):
        part = slice(start, start + rows)
        weights = _log_weights(
            decoder, binary[part], mean[part], log_variance[part], samples, generator
        )
        total += float(ops.sum(ops.logsumexp(weights, axis=1) - np.log(samples)))
    return {"log_likelihood": total / len(y)}


def _log_weights(
    decoder: keras.Model,
    binary: np.ndarray,
    mean: np.ndarray,
    log_variance: np.ndarray,
    samples: int,
    generator: np.random.Generator,
) -> keras.KerasTensor:
    """Log-weights of importance samples, of shape (batch, samples)."""
    shape = len(mean), samples, mean.shape[-1]
    noise = generator.standard_normal(shape, "float32")
    codes = mean[:, np.newaxis] + np.exp(log_variance / 2)[:, np.newaxis] * noise
    logits = decoder(codes.reshape(-1, shape[-1]))
    logits = ops.reshape(logits, (*shape[:2], binary.shape[-1]))
    # log p(b | z), then log p(z) - log q(z | x), whose constants cancel.
    reconstruction = ops.einsum("bkp,bp->bk", logits, binary)
    reconstruction -= ops.sum(ops.softplus(logits), axis=-1)
    densities = np.square(noise) - np.square(codes) + log_variance[:, np.newaxis]
    return reconstruction + densities.sum(-1) / 2
