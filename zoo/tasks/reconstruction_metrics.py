"""Metrics of autoencoders: against principal components, denoising, and sparsity."""

import keras
import numpy as np

from custom_layers import GaussianNoise
from custom_layers.losses import SparsityPenalty
from zoo.datasets import Dataset

_PCA_SAMPLES = 20_000  # more hardly change the components


def reconstruction_scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """Returns the metrics on the test split that apply to an autoencoder.

    - `pca_mse`: reconstruction error of principal components, as many as the code has
      units.
    - `denoised_mse`: error of the reconstructions of noisy samples, and `noisy_mse`,
      that of the noisy samples; of a denoising autoencoder.
    - `mean_activation` of the units of the code, where they have a sparsity penalty.

    Args:
        model: An autoencoder with a layer called `code`.
        data: Prepared for reconstruction or generation.
    """
    layers = {type(layer): layer for layer in model.layers}
    code = model.get_layer("code")
    figures = {"pca_mse": pca_error(data, code.output.shape[-1])}
    if GaussianNoise in layers:
        figures |= _denoising(model, layers[GaussianNoise], data)
    if isinstance(getattr(code, "activity_regularizer", None), SparsityPenalty):
        encoder = keras.Model(model.input, code.output)
        codes = encoder.predict(data.test.x, batch_size=256, verbose=0)
        figures["mean_activation"] = float(codes.mean())
    return figures


def pca_error(data: Dataset, components: int) -> float:
    """Mean squared reconstruction error of principal components, the best linear code.

    Pearson, 1901, On lines and planes of closest fit to systems of points in space.
    """
    from sklearn.decomposition import PCA

    train, test = (
        split.y.reshape(len(split.y), -1) for split in (data.train, data.test)
    )
    train = train[:_PCA_SAMPLES]
    pca = PCA(min(components, *train.shape), random_state=0).fit(train)
    reconstructed = pca.inverse_transform(pca.transform(test))
    return float(np.square(test - reconstructed).mean())


def _denoising(
    model: keras.Model, noise: GaussianNoise, data: Dataset
) -> dict[str, float]:
    clean = data.test.y.reshape(len(data.test.y), *noise.output.shape[1:])
    draws = np.random.default_rng(0).normal(0, noise.stddev, clean.shape)
    noisy = (clean + draws).astype("float32")
    reconstructed = keras.Model(noise.output, model.output).predict(
        noisy, batch_size=256, verbose=0
    )
    return {
        "denoised_mse": float(np.square(reconstructed - data.test.y).mean()),
        "noisy_mse": float(np.square(noisy - clean).mean()),
    }
