"""The bound that variational autoencoders are trained and published by."""

import keras
import numpy as np
import pytest

import zoo
from custom_layers.losses import EvidenceLowerBound
from zoo import tasks


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
