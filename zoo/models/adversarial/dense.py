"""Generative adversarial networks of dense layers (Goodfellow et al., 2014).

Train with `zoo train gan`.
"""

import dataclasses
import math

import keras
from keras import ops

from custom_layers import (
    AdversarialScores,
    BatchNormalization,
    Dense,
    Flatten,
    LeakyReLU,
    ReLU,
    Rescaling,
)
from zoo.registry import Recipe, register

PAPER = "Goodfellow et al., 2014, Generative adversarial nets"

DIGITS = Recipe(
    dataset="digits",
    loss=("AdversarialLoss", {"game": "non_saturating"}),
    optimizer=(
        "Adam",
        {
            "learning_rate": 5e-4,
            "beta_1": 0.5,
            "beta_2": 0.99,
            "use_ema": True,
            "ema_momentum": 0.99,
        },
    ),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=150,
)
MNIST = dataclasses.replace(
    DIGITS,
    dataset="mnist",
    optimizer=("Adam", DIGITS.optimizer[1] | {"ema_momentum": 0.999}),
    batch_size=64,
    epochs=30,
)
_MINIMAX = ("AdversarialLoss", {"game": "minimax"})
MINIMAX_DIGITS = dataclasses.replace(DIGITS, loss=_MINIMAX)
MINIMAX_MNIST = dataclasses.replace(MNIST, loss=_MINIMAX)


@register("gan", recipe=DIGITS, task="adversarial", paper=PAPER)
@register("gan.digits", recipe=DIGITS, task="adversarial", paper=PAPER, maximum=16.0)
@register(
    "gan.mnist",
    recipe=MNIST,
    task="adversarial",
    paper=PAPER,
    input_shape=(28, 28, 1),
    hidden_units=(128, 256),
    latents=32,
)
@register("minimax_gan", recipe=MINIMAX_DIGITS, task="adversarial", paper=PAPER)
@register(
    "minimax_gan.digits",
    recipe=MINIMAX_DIGITS,
    task="adversarial",
    paper=PAPER,
    maximum=16.0,
)
@register(
    "minimax_gan.mnist",
    recipe=MINIMAX_MNIST,
    task="adversarial",
    paper=PAPER,
    input_shape=(28, 28, 1),
    hidden_units=(128, 256),
    latents=32,
)
def gan(
    input_shape: tuple[int, ...] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    num_classes: int = 1,
    hidden_units: tuple[int, ...] = (128, 128),
    latents: int = 16,
) -> keras.Model:
    r"""Dense GAN: raw pixels to the scores of both players.

    .. math::

        \hat{x} = \sigma(g(z)), \quad z \sim \mathcal{N}(0, I), \quad
        D(x) = d(x / x_{max})

    The layer `game` draws the codes :math:`z` and scores real and generated samples;
    the loss of the recipe says which game it is. `zoo.inference.generators` has the
    generator as a model of its own.

    Args:
        input_shape: Shape of one sample.
        maximum: Largest pixel value, which is scaled to 1.
        num_classes: Number of classes of the data, which this game does not use.
        hidden_units: Width of each layer of the generator, in reverse order of the
            discriminator.
        latents: Dimension of the codes.
    """
    code = keras.Input((latents,), name="code")
    x = code
    for units in hidden_units:
        x = ReLU()(BatchNormalization(momentum=0.9)(Dense(units, use_bias=False)(x)))
    x = Dense(math.prod(input_shape), activation="sigmoid", name="pixels")(x)
    generator = keras.Model(code, ops.reshape(x, (-1, *input_shape)), name="generator")

    sample = keras.Input(input_shape, name="sample")
    x = Flatten()(sample)
    for units in reversed(hidden_units):
        x = LeakyReLU(0.2)(Dense(units)(x))
    discriminator = keras.Model(sample, Dense(1, name="score")(x), name="discriminator")

    image = keras.Input(input_shape, name="image")
    scaled = Rescaling(1 / maximum, dtype="float32")(image)
    game = AdversarialScores(generator, discriminator, name="game")
    return keras.Model(image, game(scaled))
