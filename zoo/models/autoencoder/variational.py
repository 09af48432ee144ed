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
    reported="an ELBO of -86.8 nats at best (Burda et al., 2016)",
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
    """Learns a distribution of codes, and of pixels given a code: raw pixels to logits.

    `mean, log v = f(x / maximum)`, `z ~ N(mean, v)`, `p(x | z) = Bernoulli(g(z))`

    Out come the logits `g(z)`, the mean and `log v` side by side, for the loss. The
    layer `code` and the model `decoder` are the two parts: see
    `zoo.inference.autoencoders`.

    Args:
        input_shape: Shape of one sample.
        maximum: The value that counts as 1.
        hidden_units: Width of each layer before the code, and backwards behind it.
        latents: Width of the code.
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
    answers = [decoder(code), mean, log_variance]
    return keras.Model(image, ops.concatenate(answers, axis=-1))


def _decoder(
    latents: int, hidden_units: tuple[int, ...], activation: str, pixels: int
) -> keras.Model:
    code = keras.Input((latents,), name="code")
    x = code
    for units in reversed(hidden_units):
        x = Dense(units, activation=activation)(x)
    return keras.Model(code, Dense(pixels, name="pixels")(x), name="decoder")
