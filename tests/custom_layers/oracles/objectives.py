"""Objectives of autoencoders and adversarial networks in double precision."""

import math

import numpy as np

from .activations import sigmoid


def gaussian_kl(mean, log_variance):
    """The integral of `q log(q / p)`, by the trapezoidal rule."""
    x = np.linspace(-30, 30, 60_001)
    deviation = np.exp(log_variance / 2)[..., None]
    log_p = -(x**2) / 2 - math.log(2 * math.pi) / 2
    log_q = -(((x - mean[..., None]) / deviation) ** 2) / 2
    log_q -= math.log(2 * math.pi) / 2 + np.log(deviation)
    return np.trapezoid(np.exp(log_q) * (log_q - log_p), x).sum(axis=-1)


def _per_sample(values):
    return values.reshape(len(values), -1).sum(axis=1)


def negative_evidence_lower_bound(x, r, mean, log_variance, likelihood="bernoulli"):
    if likelihood == "bernoulli":
        log_p = x * np.log(sigmoid(r)) + (1 - x) * np.log(1 - sigmoid(r))
    else:
        log_p = np.log(np.exp(-((x - r) ** 2) / 2) / math.sqrt(2 * math.pi))
    return gaussian_kl(mean, log_variance) - _per_sample(log_p)


def sparsity_penalty(activations, rho=0.05):
    units = activations.reshape(-1, activations.shape[-1])
    total = 0.0
    for j in range(units.shape[1]):
        mean = np.clip(units[:, j].mean(), 1e-7, 1 - 1e-7)
        total += rho * (np.log(rho) - np.log(mean))
        total += (1 - rho) * (np.log(1 - rho) - np.log(1 - mean))
    return total


def minimax_discriminator_loss(real, fake):
    return -np.log(sigmoid(real)) - np.log(1 - sigmoid(fake))


def minimax_generator_loss(fake):
    return np.log(1 - sigmoid(fake))


def non_saturating_generator_loss(fake):
    return -np.log(sigmoid(fake))


def least_squares_discriminator_loss(real, fake):
    return ((real - 1) ** 2 + fake**2) / 2


def least_squares_generator_loss(fake):
    return (fake - 1) ** 2 / 2


def wasserstein_critic_loss(real, fake):
    return fake - real


def wasserstein_generator_loss(fake):
    return -fake
