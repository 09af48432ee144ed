"""The metrics of autoencoders, by hand."""

import dataclasses

import keras
import numpy as np
import pytest

import zoo
from custom_layers import Dense, GaussianNoise
from custom_layers.losses import SparsityPenalty
from zoo import tasks
from zoo.datasets import Split
from zoo.tasks.reconstruction_metrics import pca_error, reconstruction_scores


@pytest.fixture(scope="module")
def digits():
    return tasks.get("reconstruction").encode(zoo.load_dataset("digits"), {})


def identity(width, *, noise=0.0, **code):
    """Rebuilds its input from a code that is the input."""
    image = keras.Input((width,), name="image")
    x = GaussianNoise(noise)(image) if noise else image
    code = Dense(width, kernel_initializer="identity", name="code", **code)(x)
    return keras.Model(image, Dense(width, kernel_initializer="identity")(code))


def flat(data):
    splits = {n: Split(x, y.reshape(len(y), -1)) for n, (x, y) in data.splits.items()}
    return dataclasses.replace(data, **splits)


def test_principal_components_by_the_singular_values(digits):
    train, test = (s.y.reshape(len(s.y), -1) for s in (digits.train, digits.test))
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:8]
    rebuilt = mean + (test - mean) @ directions.T @ directions
    expected = np.square(test - rebuilt).mean()
    assert pca_error(digits, 8) == pytest.approx(expected, rel=1e-4)
    assert pca_error(digits, 64) < 1e-8  # nothing is lost


def test_what_does_not_apply_is_left_out(digits):
    model = zoo.create_model("autoencoder", maximum=16.0)
    assert reconstruction_scores(model, digits).keys() == {"pca_mse"}


def test_noise_that_stays_is_measured(digits):
    metrics = reconstruction_scores(identity(64, noise=0.5), flat(digits))
    assert metrics["noisy_mse"] == pytest.approx(0.25, rel=0.02)
    assert metrics["denoised_mse"] == pytest.approx(metrics["noisy_mse"], rel=1e-5)


def test_the_mean_of_a_sparse_code_is_measured(digits):
    data = flat(digits)
    data = dataclasses.replace(
        data, **{n: Split(y, y) for n, (_, y) in data.splits.items()}
    )
    model = identity(64, activity_regularizer=SparsityPenalty(0.1))
    metrics = reconstruction_scores(model, data)
    assert metrics["mean_activation"] == pytest.approx(data.test.y.mean(), rel=1e-4)


@pytest.mark.slow
def test_a_trained_run_tells_them(tmp_path):
    run = zoo.train("denoising_autoencoder", epochs=1, output=tmp_path)
    assert run.metrics.keys() == {"loss", "mse", "pca_mse", "denoised_mse", "noisy_mse"}
