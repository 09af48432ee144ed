"""Layer-wise pre-training of a deep network of dense layers (Vincent et al., 2010).

Train with `zoo train stacked_autoencoder`, then `zoo train deep_mlp --weights RUN`.
"""

import dataclasses

import keras
from keras import ops

from custom_layers import Dense, Flatten, GaussianNoise, Rescaling
from zoo.registry import Recipe, register

PAPER = (
    "Vincent et al., 2010, Stacked denoising autoencoders: learning useful "
    "representations in a deep network with a local denoising criterion"
)
DIGITS = Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=60,
)
MNIST = dataclasses.replace(DIGITS, dataset="mnist", batch_size=128, epochs=15)


def _encoder(
    input_shape: tuple[int, ...],
    maximum: float,
    hidden_units: tuple[int, ...],
    activation: str,
    noise: float | None = None,
) -> keras.Model:
    """Raw pixels to scaled pixels, and the activations of each layer.

    With noise, each layer sees a noisy copy of the one below and sends no gradient
    there. The weights are the same.
    """
    image = keras.Input(input_shape, name="pixels")
    codes = [Flatten()(Rescaling(1 / maximum, dtype="float32")(image))]
    for i, units in enumerate(hidden_units, 1):
        x = codes[-1]
        if noise is not None:
            x = GaussianNoise(noise)(ops.stop_gradient(x))
        codes.append(Dense(units, activation=activation, name=f"hidden_{i}")(x))
    return keras.Model(image, codes, name="encoder")


@register("stacked_autoencoder", recipe=DIGITS, task="self_supervised", paper=PAPER)
@register(
    "stacked_autoencoder.digits",
    recipe=DIGITS,
    task="self_supervised",
    paper=PAPER,
    maximum=16.0,
)
@register(
    "stacked_autoencoder.mnist",
    recipe=MNIST,
    task="self_supervised",
    paper=PAPER,
    input_shape=(28, 28, 1),
    hidden_units=(500, 500, 500),
)
def stacked_autoencoder(
    input_shape: tuple[int, ...] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    hidden_units: tuple[int, ...] = (128, 128, 128),
    activation: str = "sigmoid",
    noise: float = 0.3,
) -> keras.Model:
    r"""Denoising autoencoders, each on the layer below; the output is the loss.

    .. math::

        L = \sum_k \frac{1}{n_{k-1}} \lVert g_k(h_k) - \bar{h}_{k-1} \rVert^2, \quad
        h_k = f_k(\bar{h}_{k-1} + \epsilon), \quad h_0 = x / x_{max}

    The bar stops gradients: no layer learns for another, as in greedy layer-wise
    training. The layers learn at the same time here, each on codes that come to rest
    when those below do, where Vincent et al. train one after the other.

    Args:
        input_shape: Shape of one sample.
        maximum: Largest pixel value, which is scaled to 1.
        hidden_units: Width of each layer.
        activation: Of the layers.
        noise: Standard deviation of the Gaussian noise.
    """
    image = keras.Input(input_shape, name="image")
    codes = _encoder(input_shape, maximum, hidden_units, activation, noise)(image)
    losses = []
    for i, code in enumerate(codes[1:]):
        target = ops.stop_gradient(codes[i])
        # Pixels and activations of sigmoid units alike are between 0 and 1.
        decode = Dense(target.shape[-1], activation="sigmoid", name=f"decoded_{i}")
        losses.append(ops.mean(ops.square(decode(code) - target), axis=-1))
    return keras.Model(image, ops.stack(losses, axis=-1))


@register("deep_mlp", recipe=DIGITS, paper=PAPER)
@register("deep_mlp.digits", recipe=DIGITS, paper=PAPER, maximum=16.0)
@register(
    "deep_mlp.mnist",
    recipe=MNIST,
    paper=PAPER,
    input_shape=(28, 28, 1),
    hidden_units=(500, 500, 500),
)
def deep_mlp(
    input_shape: tuple[int, ...] = (8, 8, 1),
    num_classes: int = 10,
    *,
    maximum: float = 255.0,
    hidden_units: tuple[int, ...] = (128, 128, 128),
    activation: str = "sigmoid",
) -> keras.Model:
    """Deep network of sigmoid layers: raw pixels to logits.

    `--weights RUN` of a `stacked_autoencoder` takes its layers from there.

    Args:
        input_shape: Shape of one sample.
        num_classes: Number of classes.
        maximum: Largest pixel value, which is scaled to 1.
        hidden_units: Width of each layer.
        activation: Of the layers.
    """
    image = keras.Input(input_shape, name="image")
    codes = _encoder(input_shape, maximum, hidden_units, activation)(image)
    return keras.Model(image, Dense(num_classes, name="logits")(codes[-1]))
