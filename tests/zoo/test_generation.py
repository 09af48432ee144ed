"""The bound that variational autoencoders are trained and published by."""

import dataclasses

import keras
import numpy as np
import pytest

import zoo
from custom_layers.losses import EvidenceLowerBound
from zoo import tasks
from zoo.datasets import Split
from zoo.tasks.likelihood import log_likelihood


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return zoo.create_model("vae", maximum=16.0, latents=3)


def test_the_bound_by_hand():
    generator = np.random.default_rng(0)
    x = generator.random((5, 2, 2))
    logits, mean, log_variance = (generator.normal(size=(5, n)) for n in (4, 3, 3))
    shares = 1 / (1 + np.exp(-logits))
    flat = x.reshape(5, 4)
    surprise = -(flat * np.log(shares) + (1 - flat) * np.log(1 - shares)).sum(axis=1)
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)
    answers = np.concatenate([logits, mean, log_variance], axis=1)
    found = float(EvidenceLowerBound()(x, answers))
    assert found == pytest.approx((surprise + kl).mean(), rel=1e-5)


def test_the_published_bound_draws_its_codes(model):
    task = tasks.get("generation")
    data = task.encode(zoo.load_dataset("digits"), {})
    model.get_layer("log_variance").bias.assign(np.full(3, 4.0))
    by_mean_code = -float(EvidenceLowerBound()(data.test.y, model(data.test.x)))
    drawn = task.more_scores(model, data)["elbo"]
    assert drawn < by_mean_code


@pytest.fixture(scope="module")
def one_latent():
    """A decoder that depends on one latent variable, and some data."""
    keras.utils.set_random_seed(0)
    model = zoo.create_model("vae", maximum=16.0, latents=1)
    hidden, pixels = model.get_layer("decoder").layers[1:]
    hidden.kernel.assign(3 * hidden.kernel)
    pixels.kernel.assign(3 * pixels.kernel)
    data = tasks.get("generation").encode(zoo.load_dataset("digits"), {})
    return model, dataclasses.replace(
        data, test=Split(data.test.x[:6], data.test.y[:6])
    )


def by_quadrature(model, data):
    """Mean log-likelihood of the binarized images, by a sum over a fine grid of z."""
    y = data.test.y.reshape(len(data.test.y), -1)
    binary = np.random.default_rng(0).random(y.shape) < y
    z = np.linspace(-8, 8, 4001, dtype="float32")
    logits = np.float64(model.get_layer("decoder").predict(z[:, np.newaxis], verbose=0))
    logs = logits @ binary.T - np.logaddexp(0, logits).sum(axis=1)[:, np.newaxis]
    prior = np.exp(-(np.float64(z) ** 2) / 2) / np.sqrt(2 * np.pi)
    likelihood = (np.exp(logs) * prior[:, np.newaxis]).sum(axis=0) * (z[1] - z[0])
    return np.log(likelihood).mean()


def test_importance_sampling_finds_the_likelihood(one_latent):
    model, data = one_latent
    exact = by_quadrature(model, data)
    found = [log_likelihood(model, data, n)["log_likelihood"] for n in (1, 5_000)]
    assert found[0] < exact - 0.1
    assert found[1] == pytest.approx(exact, abs=0.02)


def test_the_likelihood_is_the_same_each_time(one_latent):
    assert log_likelihood(*one_latent, 7) == log_likelihood(*one_latent, 7)
