"""How well a code tells a sample: against linear codes, through noise, and sparsely."""

import keras
import numpy as np

from custom_layers import GaussianNoise
from custom_layers.losses import SparsityPenalty
from zoo.datasets import Dataset

_PCA_SAMPLES = 20_000  # more hardly move the directions


def rebuilding_scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """Returns the figures of the test split that apply to an autoencoder.

    - `pca_mse`: error of principal components, as many as the code has numbers.
    - `denoised_mse`: error of what is rebuilt from noisy samples, and `noisy_mse`, that
      of the noisy samples; where the model is trained to take noise away.
    - `mean_activation` of the units of the code, where that is held down.

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
    """Mean squared error of the best linear code, of principal components.

    Pearson, 1901, On lines and planes of closest fit to systems of points in space.
    """
    from sklearn.decomposition import PCA

    train, test = (
        split.y.reshape(len(split.y), -1) for split in (data.train, data.test)
    )
    train = train[:_PCA_SAMPLES]
    pca = PCA(min(components, *train.shape), random_state=0).fit(train)
    rebuilt = pca.inverse_transform(pca.transform(test))
    return float(np.square(test - rebuilt).mean())


def _denoising(
    model: keras.Model, noise: GaussianNoise, data: Dataset
) -> dict[str, float]:
    clean = data.test.y.reshape(len(data.test.y), *noise.output.shape[1:])
    draws = np.random.default_rng(0).normal(0, noise.stddev, clean.shape)
    noisy = (clean + draws).astype("float32")
    rebuilt = keras.Model(noise.output, model.output).predict(
        noisy, batch_size=256, verbose=0
    )
    return {
        "denoised_mse": float(np.square(rebuilt - data.test.y).mean()),
        "noisy_mse": float(np.square(noisy - clean).mean()),
    }
