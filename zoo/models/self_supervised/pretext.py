"""Pretext tasks on images: rotation, contrast, and masked patches.

Train with `zoo train rotation`, `zoo train simclr` or `zoo train masked_autoencoder`.
"""

import dataclasses
import math

import keras
from keras import ops

from custom_layers import (
    Dense,
    Dropout,
    RandomContrast,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from zoo.errors import ArgumentError
from zoo.models.cnn.augmentation import augmented
from zoo.models.self_supervised.encoders import encoder
from zoo.registry import Recipe, register

ROTATION = (
    "Gidaris, Singh and Komodakis, 2018, Unsupervised representation learning by "
    "predicting image rotations"
)
CONTRAST = (
    "Chen et al., 2020, A simple framework for contrastive learning of visual "
    "representations"
)
MASKED = (
    "He et al., 2022, Masked autoencoders are scalable vision learners; Pathak et al., "
    "2016, Context encoders, for convolutions"
)
DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=60,
)
MNIST = dataclasses.replace(DIGITS, dataset="mnist", batch_size=256, epochs=10)
CIFAR10 = dataclasses.replace(MNIST, dataset="cifar10", epochs=20)


def _contrasting(recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, loss=("ContrastiveLoss", {"temperature": 0.2}))


@register("rotation", recipe=DIGITS, task="self_supervised", paper=ROTATION)
@register(
    "rotation.digits",
    recipe=DIGITS,
    task="self_supervised",
    paper=ROTATION,
    maximum=16.0,
)
@register(
    "rotation.mnist",
    recipe=MNIST,
    task="self_supervised",
    paper=ROTATION,
    input_shape=(28, 28, 1),
)
@register(
    "rotation.cifar10",
    recipe=CIFAR10,
    task="self_supervised",
    paper=ROTATION,
    input_shape=(32, 32, 3),
)
def rotation(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    filters: tuple[int, ...] = (32, 64, 64),
) -> keras.Model:
    r"""Predicts by how many quarter turns an image is turned; the output is the loss.

    .. math::

        L = -\frac{1}{4} \sum_{k=0}^3 \log p(k \mid R^k x)

    for the rotation :math:`R` by 90 degrees: each image stands in all four ways.

    Args:
        input_shape: `(height, width, channels)`, as high as wide.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution of the encoder.

    Raises:
        ArgumentError: If images are not square.
    """
    if input_shape[0] != input_shape[1]:
        raise ArgumentError(
            "rotation turns square images; `input_shape` must be (size, size, "
            f"channels). Received: {tuple(input_shape)}"
        )
    image = keras.Input(input_shape, name="image")
    features, turns = encoder(input_shape, maximum, filters), Dense(4, name="turns")
    x, losses = image, []
    for k in range(4):
        logits = turns(features(x))
        losses.append(ops.logsumexp(logits, axis=-1) - logits[:, k])
        x = ops.flip(ops.transpose(x, (0, 2, 1, 3)), axis=1)
    return keras.Model(image, ops.mean(ops.stack(losses, axis=-1), -1, keepdims=True))


@register("simclr", recipe=_contrasting(DIGITS), task="self_supervised", paper=CONTRAST)
@register(
    "simclr.digits",
    recipe=_contrasting(DIGITS),
    task="self_supervised",
    paper=CONTRAST,
    maximum=16.0,
)
@register(
    "simclr.mnist",
    recipe=_contrasting(MNIST),
    task="self_supervised",
    paper=CONTRAST,
    input_shape=(28, 28, 1),
)
@register(
    "simclr.cifar10",
    recipe=_contrasting(CIFAR10),
    task="self_supervised",
    paper=CONTRAST,
    input_shape=(32, 32, 3),
)
def simclr(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    filters: tuple[int, ...] = (32, 64, 64),
    projection_units: int = 32,
    shift: float = 0.15,
    turn: float = 0.05,
    zoom: float = 0.15,
    contrast: float = 0.3,
) -> keras.Model:
    r"""Projects two random views of each image, for `ContrastiveLoss`.

    .. math::

        z = g(f(t(x))), \quad z' = g(f(t'(x)))

    for the encoder :math:`f`, a projection :math:`g` that is thrown away later, and
    random augmentations :math:`t` and :math:`t'` in training.

    Args:
        input_shape: `(height, width, channels)`.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution of the encoder.
        projection_units: Dimension of the projections.
        shift: Largest translation, as a fraction of height and width.
        turn: Largest rotation, as a fraction of a full turn.
        zoom: Largest change of scale.
        contrast: Largest change of contrast.
    """
    image = keras.Input(input_shape, name="image")
    features = encoder(input_shape, maximum, filters)
    hidden = Dense(filters[-1], activation="elu", name="hidden")
    projection = Dense(projection_units, name="projection")
    layers = (
        RandomTranslation(shift, shift, fill_mode="constant"),
        RandomRotation(turn, fill_mode="constant"),
        RandomZoom(zoom, fill_mode="constant"),
        RandomContrast(contrast),
    )
    views = [projection(hidden(features(augmented(image, *layers)))) for _ in range(2)]
    return keras.Model(image, ops.concatenate(views, axis=-1))


@register("masked_autoencoder", recipe=DIGITS, task="self_supervised", paper=MASKED)
@register(
    "masked_autoencoder.digits",
    recipe=DIGITS,
    task="self_supervised",
    paper=MASKED,
    maximum=16.0,
)
@register(
    "masked_autoencoder.mnist",
    recipe=MNIST,
    task="self_supervised",
    paper=MASKED,
    input_shape=(28, 28, 1),
    patch=4,
)
@register(
    "masked_autoencoder.cifar10",
    recipe=CIFAR10,
    task="self_supervised",
    paper=MASKED,
    input_shape=(32, 32, 3),
    patch=4,
)
def masked_autoencoder(
    input_shape: tuple[int, int, int] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    filters: tuple[int, ...] = (32, 64, 64),
    patch: int = 2,
    rate: float = 0.5,
    hidden_units: int = 128,
) -> keras.Model:
    r"""Reconstructs masked patches of an image; the output is the loss.

    .. math::

        L = \frac{\sum_i (1 - m_i) (\hat{x}_i - x_i)^2}{\sum_i (1 - m_i)}, \quad
        \hat{x} = g(f(m \odot x))

    with a random mask :math:`m` of square patches, and a decoder :math:`g` that is
    thrown away later. At inference nothing is masked, and the error is that of all
    pixels. He et al. leave masked patches out of a transformer; a convolution sees them
    black.

    Args:
        input_shape: `(height, width, channels)`.
        maximum: Largest pixel value, which is scaled to 1.
        filters: Number of filters of each convolution of the encoder.
        patch: Height and width of a patch.
        rate: Fraction of the patches to mask.
        hidden_units: Width of the decoder's hidden layer.
    """
    height, width, channels = input_shape
    image = keras.Input(input_shape, name="image")
    # One value a patch, which dropout makes 0 in training.
    grid = Dropout(rate)(ops.ones_like(image[:, ::patch, ::patch, :1]), training=False)
    shown = ops.cast(ops.greater(grid, 0), "float32")
    for axis in (1, 2):
        shown = ops.repeat(shown, patch, axis=axis)
    shown = shown[:, :height, :width]
    features = encoder(input_shape, maximum, filters)(image * shown)
    x = Dense(hidden_units, activation="elu", name="hidden")(features)
    x = Dense(math.prod(input_shape), activation="sigmoid", name="decoded")(x)
    errors = ops.square(ops.reshape(x, (-1, *input_shape)) - image / maximum)
    hidden = 1 - shown
    axes = (1, 2, 3)
    masked = channels * ops.sum(hidden, axis=axes, keepdims=True)
    of_masked = ops.sum(errors * hidden, axis=axes, keepdims=True)
    of_masked /= ops.maximum(masked, 1.0)
    of_all = ops.mean(errors, axis=axes, keepdims=True)
    loss = ops.where(ops.greater(masked, 0), of_masked, of_all)
    return keras.Model(image, ops.reshape(loss, (-1, 1)))
