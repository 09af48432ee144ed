"""Generative adversarial networks of convolutions (Radford et al., 2016).

Train with `zoo train dcgan`.
"""

import dataclasses
import math
from typing import Any

import keras
from keras import ops

from custom_layers import (
    AdversarialScores,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Embedding,
    Flatten,
    LeakyReLU,
    ReLU,
    Rescaling,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Radford, Metz and Chintala, 2016, Unsupervised representation learning with deep "
    "convolutional generative adversarial networks"
)
LEAST_SQUARES = "Mao et al., 2017, Least squares generative adversarial networks"
WASSERSTEIN = "Gulrajani et al., 2017, Improved training of Wasserstein GANs"
CONDITIONAL = (
    "Mirza and Osindero, 2014, Conditional generative adversarial nets; Miyato and "
    "Koyama, 2018, cGANs with projection discriminator"
)

DIGITS = Recipe(
    dataset="digits",
    loss=("AdversarialLoss", {"game": "non_saturating"}),
    optimizer=(
        "Adam",
        {
            "learning_rate": 1e-3,
            "beta_1": 0.5,
            "beta_2": 0.99,
            "use_ema": True,
            "ema_momentum": 0.99,
        },
    ),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=100,
)
_LONG_AVERAGE = ("Adam", DIGITS.optimizer[1] | {"ema_momentum": 0.999})
MNIST = dataclasses.replace(
    DIGITS, dataset="mnist", optimizer=_LONG_AVERAGE, batch_size=64, epochs=16
)
SHAPES = dataclasses.replace(DIGITS, dataset="shapes", epochs=60)


def _of(game: str, recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, loss=("AdversarialLoss", {"game": game}))


_MNIST_SIZES = {"input_shape": (28, 28, 1), "filters": (64, 32), "latents": 32}
_SHAPES_SIZES = {"input_shape": (64, 64, 1), "filters": (64, 32, 16, 16)}


@register("dcgan", recipe=DIGITS, task="adversarial", paper=PAPER)
@register("dcgan.digits", recipe=DIGITS, task="adversarial", paper=PAPER, maximum=16.0)
@register("dcgan.mnist", recipe=MNIST, task="adversarial", paper=PAPER, **_MNIST_SIZES)
@register(
    "dcgan.shapes", recipe=SHAPES, task="adversarial", paper=PAPER, **_SHAPES_SIZES
)
@register(
    "lsgan",
    recipe=_of("least_squares", DIGITS),
    task="adversarial",
    paper=LEAST_SQUARES,
)
@register(
    "lsgan.digits",
    recipe=_of("least_squares", DIGITS),
    task="adversarial",
    paper=LEAST_SQUARES,
    maximum=16.0,
)
@register(
    "lsgan.mnist",
    recipe=_of("least_squares", MNIST),
    task="adversarial",
    paper=LEAST_SQUARES,
    **_MNIST_SIZES,
)
@register(
    "wgan_gp",
    recipe=_of("wasserstein", DIGITS),
    task="adversarial",
    paper=WASSERSTEIN,
    penalized=True,
)
@register(
    "wgan_gp.digits",
    recipe=_of("wasserstein", DIGITS),
    task="adversarial",
    paper=WASSERSTEIN,
    maximum=16.0,
    penalized=True,
)
@register(
    "wgan_gp.mnist",
    recipe=_of("wasserstein", MNIST),
    task="adversarial",
    paper=WASSERSTEIN,
    penalized=True,
    **_MNIST_SIZES,
)
@register(
    "conditional_gan",
    recipe=DIGITS,
    task="adversarial",
    paper=CONDITIONAL,
    conditional=True,
)
@register(
    "conditional_gan.digits",
    recipe=DIGITS,
    task="adversarial",
    paper=CONDITIONAL,
    maximum=16.0,
    conditional=True,
)
@register(
    "conditional_gan.mnist",
    recipe=MNIST,
    task="adversarial",
    paper=CONDITIONAL,
    conditional=True,
    **_MNIST_SIZES,
)
def dcgan(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    num_classes: int = 10,
    filters: tuple[int, ...] = (64, 32),
    latents: int = 16,
    conditional: bool = False,
    penalized: bool = False,
) -> keras.Model:
    r"""Convolutional GAN: raw pixels to the scores of both players.

    .. math::

        \hat{x} = \sigma(g(z, c)), \quad z \sim \mathcal{N}(0, I), \quad
        D_c(x) = d(x / x_{max})_c

    Each convolution of the discriminator :math:`d` halves height and width, rounded up;
    each transposed convolution of the generator :math:`g` reverses one of them. In a
    conditional game the generator takes a class :math:`c`, and the discriminator
    gives a sample a score for each class; there is a single score otherwise. The layer
    `game` draws codes and classes, and the loss of the recipe says which game it is.
    `zoo.inference.generators` has the generator as a model of its own.

    Args:
        input_shape: `(height, width, channels)`, of any size.
        maximum: Largest pixel value, which is scaled to 1.
        num_classes: Number of classes of the data, for a conditional game.
        filters: Number of filters of each layer of the generator, in reverse order of
            the discriminator; the last one's are those of the pixels' layer's input.
        latents: Dimension of the codes.
        conditional: Whether the generator is conditioned on the class.
        penalized: Whether there is a gradient penalty, as the Wasserstein game needs.

    Raises:
        ArgumentError: If samples are no images, or there is no convolution.
    """
    if len(input_shape) != 3 or not filters:
        raise ArgumentError(
            "dcgan takes images and one convolution or more: `input_shape` must be "
            f"(height, width, channels). Received: input_shape={tuple(input_shape)}, "
            f"filters={tuple(filters)}"
        )
    discriminator, shapes = _discriminator(
        input_shape, filters, num_classes if conditional else 1
    )
    classes = num_classes if conditional else None
    generator = _generator(latents, shapes, classes)
    image = keras.Input(input_shape, name="image")
    scaled = Rescaling(1 / maximum, dtype="float32")(image)
    game = AdversarialScores(generator, discriminator, penalized, name="game")
    return keras.Model(image, game(scaled))


def _discriminator(
    input_shape: tuple[int, int, int], filters: tuple[int, ...], scores: int
) -> tuple[keras.Model, list[tuple[int, int, int]]]:
    """Returns the discriminator, and the shapes of what each convolution takes."""
    sample = keras.Input(input_shape, name="sample")
    x, shapes = sample, [input_shape]
    for maps in reversed(filters):
        x = LeakyReLU(0.2)(Conv2D(maps, 4, strides=2, padding="same")(x))
        shapes.append(x.shape[1:])
    x = Dense(scores, name="score")(Flatten()(x))
    return keras.Model(sample, x, name="discriminator"), shapes


def _generator(
    latents: int, shapes: list[tuple[int, int, int]], classes: int | None
) -> keras.Model:
    code = keras.Input((latents,), name="code")
    inputs, x = [code], code
    if classes is not None:
        class_id = keras.Input((), dtype="int32", name="class_id")
        inputs.append(class_id)
        x = ops.concatenate([code, Embedding(classes, latents)(class_id)], axis=-1)
    x = Dense(math.prod(shapes[-1]), use_bias=False)(x)
    x = ops.reshape(ReLU()(BatchNormalization(momentum=0.9)(x)), (-1, *shapes[-1]))
    for height, width, maps in reversed(shapes[1:-1]):
        x = _enlarging(height, width, maps, use_bias=False)(x)
        x = ReLU()(BatchNormalization(momentum=0.9)(x))
    x = _enlarging(*shapes[0], activation="sigmoid", name="pixels")(x)
    return keras.Model(inputs if classes else code, x, name="generator")


def _enlarging(height: int, width: int, maps: int, **options: Any) -> Conv2DTranspose:
    return Conv2DTranspose(
        maps,
        5,
        strides=2,
        padding="same",
        # Twice the size, but one less where the size that was halved is odd.
        output_padding=(1 - height % 2, 1 - width % 2),
        **options,
    )
