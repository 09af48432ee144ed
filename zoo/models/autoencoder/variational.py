"""Variational autoencoder (Kingma and Welling, 2014).

Train with `zoo train vae`.
"""

import math

import keras
from keras import ops

from custom_layers import Dense, Flatten, GaussianSampling, Rescaling
from zoo.registry import Recipe, register

PAPER = "Kingma and Welling, 2014, Auto-encoding variational Bayes"

DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=100,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=60,
)


@register("vae", recipe=DIGITS, task="generation", paper=PAPER)
@register("vae.digits", recipe=DIGITS, task="generation", paper=PAPER, maximum=16.0)
@register(
    "vae.mnist",
    reported="log-likelihood -86.76 of binarized images by 5,000 importance samples, "
    "50 latents (Burda et al., 2016)",
    recipe=MNIST,
    task="generation",
    paper=PAPER,
    input_shape=(28, 28, 1),
    hidden_units=(512, 512),
    latents=20,
)
def vae(
    input_shape: tuple[int, ...] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    hidden_units: tuple[int, ...] = (128,),
    latents: int = 8,
    activation: str = "elu",
) -> keras.Model:
    r"""Variational autoencoder: raw pixels to logits of pixels, and the posterior.

    .. math::

        \mu, \log \sigma^2 = f(x / x_{max}), \quad
        z \sim \mathcal{N}(\mu, \sigma^2), \quad
        p(x | z) = \mathrm{Bernoulli}(g(z))

    The output concatenates the logits :math:`g(z)`, the mean :math:`\mu` and
    :math:`\log \sigma^2`, which the loss needs. `zoo.inference.autoencoders` has
    encoder and decoder as models of their own.

    Args:
        input_shape: Shape of one sample.
        maximum: Largest pixel value, which is scaled to 1.
        hidden_units: Width of each layer of the encoder, in reverse order of the
            decoder.
        latents: Dimension of the latent space.
        activation: Of the hidden layers.
    """
    image = keras.Input(input_shape, name="image")
    x = Flatten()(Rescaling(1 / maximum, dtype="float32")(image))
    for units in hidden_units:
        x = Dense(units, activation=activation)(x)
    mean = Dense(latents, name="mean")(x)
    log_variance = Dense(latents, name="log_variance")(x)
    code = GaussianSampling(name="code")(mean, log_variance)
    decoder = _decoder(latents, hidden_units, activation, math.prod(input_shape))
    outputs = [decoder(code), mean, log_variance]
    return keras.Model(image, ops.concatenate(outputs, axis=-1))


def _decoder(
    latents: int, hidden_units: tuple[int, ...], activation: str, pixels: int
) -> keras.Model:
    code = keras.Input((latents,), name="code")
    x = code
    for units in reversed(hidden_units):
        x = Dense(units, activation=activation)(x)
    return keras.Model(code, Dense(pixels, name="pixels")(x), name="decoder")
