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
    r"""Dense autoencoder: raw pixels to their reconstruction in (0, 1).

    .. math::

        c = f(x / x_{max} + \epsilon), \quad \hat{x} = \sigma(g(c))

    Encoder :math:`f` and decoder :math:`g` are mirrored stacks of dense layers.
    :math:`\epsilon` is the Gaussian noise of a denoising autoencoder; the code of a
    sparse one is made of sigmoid units with a low mean activation.

    Args:
        input_shape: Shape of one sample.
        maximum: Largest pixel value, which is scaled to 1.
        hidden_units: Width of each layer of the encoder, in reverse order of the
            decoder.
        code_units: Dimension of the code.
        activation: Of the hidden layers.
        noise: Standard deviation of the noise added to the input in training.
        sparsity: Target mean activation of each code unit, between 0 and 1; 0 for a
            linear code without a sparsity penalty.
        sparsity_weight: Weight of the KL divergence from that target in the loss.
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
