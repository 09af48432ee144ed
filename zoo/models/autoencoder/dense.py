"""Deep, denoising and sparse autoencoders of dense layers.

Train with `zoo train autoencoder`.
"""

import math

import keras
from keras import ops

from custom_layers import Dense, Flatten, GaussianNoise, Rescaling
from custom_layers.losses import SparsityPenalty
from zoo.registry import Recipe, register

DEEP = (
    "Hinton and Salakhutdinov, 2006, Reducing the dimensionality of data with neural "
    "networks"
)
DENOISING = "Vincent et al., 2010, Stacked denoising autoencoders"
SPARSE = "Ng, 2011, Sparse autoencoder"

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
    epochs=30,
)


@register("autoencoder", recipe=DIGITS, task="reconstruction", paper=DEEP)
@register(
    "autoencoder.digits",
    recipe=DIGITS,
    task="reconstruction",
    paper=DEEP,
    maximum=16.0,
)
@register(
    "autoencoder.mnist",
    recipe=MNIST,
    task="reconstruction",
    paper=DEEP,
    input_shape=(28, 28, 1),
    code_units=30,
)
@register(
    "denoising_autoencoder",
    recipe=DIGITS,
    task="reconstruction",
    paper=DENOISING,
    code_units=8,
    noise=0.5,
)
@register(
    "denoising_autoencoder.digits",
    recipe=DIGITS,
    task="reconstruction",
    paper=DENOISING,
    maximum=16.0,
    code_units=8,
    noise=0.5,
)
@register(
    "denoising_autoencoder.mnist",
    recipe=MNIST,
    task="reconstruction",
    paper=DENOISING,
    input_shape=(28, 28, 1),
    hidden_units=(512,),
    code_units=64,
    noise=0.5,
)
@register(
    "sparse_autoencoder",
    recipe=DIGITS,
    task="reconstruction",
    paper=SPARSE,
    sparsity=0.2,
)
@register(
    "sparse_autoencoder.digits",
    recipe=DIGITS,
    task="reconstruction",
    paper=SPARSE,
    maximum=16.0,
    sparsity=0.2,
)
@register(
    "sparse_autoencoder.mnist",
    recipe=MNIST,
    task="reconstruction",
    paper=SPARSE,
    input_shape=(28, 28, 1),
    hidden_units=(512,),
    code_units=64,
    sparsity=0.1,
)
def autoencoder(
    input_shape: tuple[int, ...] = (8, 8, 1),
    maximum: float = 255.0,
    *,
    hidden_units: tuple[int, ...] = (256, 128),
    code_units: int = 16,
    activation: str = "elu",
    noise: float = 0.0,
    sparsity: float = 0.0,
    sparsity_weight: float = 0.01,
) -> keras.Model:
    """Squeezes a sample through a code: raw pixels to pixels between 0 and 1.

    `code = f(x / maximum + noise)`, `reconstruction = sigmoid(g(code))`

    where `f` and `g` are stacks of dense layers, one the mirror image of the other. A
    sparse code is one of sigmoids that are seldom near 1.

    Args:
        input_shape: Shape of one sample.
        maximum: The value that counts as 1.
        hidden_units: Width of each layer before the code, and backwards behind it.
        code_units: Width of the code.
        activation: Of the hidden layers.
        noise: Deviation of the noise on the samples in training.
        sparsity: How active a unit of the code shall be in the mean, between 0 and 1;
            0 for a linear code that is not held back.
        sparsity_weight: Weight of the divergence from that in the loss.
    """
    image = keras.Input(input_shape, name="image")
    x = Flatten()(Rescaling(1 / maximum, dtype="float32")(image))
    if noise:
        x = GaussianNoise(noise)(x)
    for units in hidden_units:
        x = Dense(units, activation=activation)(x)
    if sparsity:
        penalty = SparsityPenalty(sparsity, sparsity_weight)
        options = {"activation": "sigmoid", "activity_regularizer": penalty}
    else:
        options = {}
    x = Dense(code_units, name="code", **options)(x)
    for units in reversed(hidden_units):
        x = Dense(units, activation=activation)(x)
    x = Dense(math.prod(input_shape), activation="sigmoid", name="pixels")(x)
    return keras.Model(image, ops.reshape(x, (-1, *input_shape)))
