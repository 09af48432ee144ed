"""Losses of generative adversarial networks: of discriminator and generator.

Scores are the logits of the discriminator (or the outputs of the critic) for real
and for generated samples. Each function returns a loss for each score; a training
step takes their mean.
"""

from collections.abc import Callable

import keras
from keras import ops

from custom_layers._gradients import gradient
from custom_layers._types import Seed, Tensor

__all__ = [
    "gradient_penalty",
    "least_squares_discriminator_loss",
    "least_squares_generator_loss",
    "minimax_discriminator_loss",
    "minimax_generator_loss",
    "non_saturating_generator_loss",
    "wasserstein_critic_loss",
    "wasserstein_generator_loss",
]


@keras.saving.register_keras_serializable("custom_layers")
def minimax_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    r"""Binary cross-entropy of the discriminator between real and generated samples.

    .. math::

        L = -\log \sigma(D(x)) - \log(1 - \sigma(D(G(z))))

    for the logits `D(x)` of real and `D(G(z))` of generated samples. The
    non-saturating game has the same discriminator loss.

    Args:
        real_scores: Logits of real samples.
        fake_scores: Logits of generated samples.

    Shapes:
        Two of one shape to the same shape.

    Example:

    >>> loss = minimax_discriminator_loss([0.0], [0.0])
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets.
    """
    real, fake = _scores(real_scores, fake_scores)
    return ops.softplus(-real) + ops.softplus(fake)


@keras.saving.register_keras_serializable("custom_layers")
def minimax_generator_loss(fake_scores: Tensor) -> Tensor:
    r"""Generator loss of the minimax game.

    .. math::

        L = \log(1 - \sigma(D(G(z))))

    Its gradient vanishes where the discriminator confidently rejects a sample.

    Args:
        fake_scores: Logits of generated samples.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [round(float(x), 4) for x in minimax_generator_loss([0.0])]
    [-0.6931]

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets.
    """
    return -ops.softplus(ops.convert_to_tensor(fake_scores))


@keras.saving.register_keras_serializable("custom_layers")
def non_saturating_generator_loss(fake_scores: Tensor) -> Tensor:
    r"""Non-saturating generator loss.

    .. math::

        L = -\log \sigma(D(G(z)))

    Its gradient is large where the discriminator confidently rejects a sample.

    Args:
        fake_scores: Logits of generated samples.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [round(float(x), 4) for x in non_saturating_generator_loss([0.0])]
    [0.6931]

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets, section 3.
    """
    return ops.softplus(-ops.convert_to_tensor(fake_scores))


@keras.saving.register_keras_serializable("custom_layers")
def least_squares_discriminator_loss(
    real_scores: Tensor, fake_scores: Tensor
) -> Tensor:
    r"""Discriminator loss of least squares GANs, with targets 1 (real) and 0 (fake).

    .. math::

        L = \frac{1}{2} (D(x) - 1)^2 + \frac{1}{2} D(G(z))^2

    Args:
        real_scores: Scores of real samples.
        fake_scores: Scores of generated samples.

    Shapes:
        Two of one shape to the same shape.

    Example:

    >>> [float(x) for x in least_squares_discriminator_loss([2.0], [2.0])]
    [2.5]

    Reference:
        Mao et al., 2017, Least squares generative adversarial networks.
    """
    real, fake = _scores(real_scores, fake_scores)
    return 0.5 * (ops.square(real - 1) + ops.square(fake))


@keras.saving.register_keras_serializable("custom_layers")
def least_squares_generator_loss(fake_scores: Tensor) -> Tensor:
    r"""Generator loss of least squares GANs.

    .. math::

        L = \frac{1}{2} (D(G(z)) - 1)^2

    Args:
        fake_scores: Scores of generated samples.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(x) for x in least_squares_generator_loss([3.0])]
    [2.0]

    Reference:
        Mao et al., 2017, Least squares generative adversarial networks.
    """
    return 0.5 * ops.square(ops.convert_to_tensor(fake_scores) - 1)


@keras.saving.register_keras_serializable("custom_layers")
def wasserstein_critic_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Critic loss of Wasserstein GANs: the negative estimate of the distance.

    .. math::

        L = D(G(z)) - D(x)

    The critic has to be 1-Lipschitz; see `gradient_penalty`.

    Args:
        real_scores: Scores of real samples.
        fake_scores: Scores of generated samples.

    Shapes:
        Two of one shape to the same shape.

    Example:

    >>> [float(x) for x in wasserstein_critic_loss([3.0], [1.0])]
    [-2.0]

    Reference:
        Arjovsky, Chintala and Bottou, 2017, Wasserstein GAN.
    """
    real, fake = _scores(real_scores, fake_scores)
    return fake - real


@keras.saving.register_keras_serializable("custom_layers")
def wasserstein_generator_loss(fake_scores: Tensor) -> Tensor:
    """Generator loss of Wasserstein GANs.

    .. math::

        L = -D(G(z))

    Args:
        fake_scores: Scores of generated samples.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(x) for x in wasserstein_generator_loss([3.0])]
    [-3.0]

    Reference:
        Arjovsky, Chintala and Bottou, 2017, Wasserstein GAN.
    """
    return -ops.convert_to_tensor(fake_scores)


def _scores(real_scores: Tensor, fake_scores: Tensor) -> tuple[Tensor, Tensor]:
    real = ops.convert_to_tensor(real_scores)
    fake = ops.convert_to_tensor(fake_scores, dtype=real.dtype)
    return real, fake


@keras.saving.register_keras_serializable("custom_layers")
def gradient_penalty(
    real: Tensor,
    fake: Tensor,
    critic: Callable[[Tensor], Tensor],
    seed: Seed = None,
) -> Tensor:
    r"""Gradient penalty of Wasserstein GANs.

    .. math::

        L = (\lVert \nabla_{\hat x} D(\hat x) \rVert_2 - 1)^2, \qquad
        \hat x = u x + (1 - u) G(z), \quad u \sim \mathcal{U}[0, 1]

    with one `u` for each sample. It is added to `wasserstein_critic_loss` with a
    weight, 10 in the paper.

    Args:
        real: Real samples.
        fake: Generated samples.
        critic: Function from samples to scores, each of its own sample only: no
            batch normalization. On JAX it is pure, as in
            `lambda x: model.stateless_call(weights, states, x)[0]`.
        seed: Integer or `keras.random.SeedGenerator` for `u`.

    Shapes:
        Two of `(batch, ...)` to `(batch,)`.

    Example:

    >>> samples = ops.ones((2, 1))
    >>> penalty = gradient_penalty(samples, samples, lambda x: 3.0 * x)
    >>> [float(x) for x in penalty]
    [4.0, 4.0]

    Reference:
        Gulrajani et al., 2017, Improved training of Wasserstein GANs.
    """
    real, fake = _scores(real, fake)
    u_shape = (ops.shape(real)[0],) + (1,) * (len(real.shape) - 1)
    u = ops.cast(keras.random.uniform(u_shape, seed=seed), real.dtype)
    mixed = u * real + (1 - u) * fake
    slopes: Tensor = gradient(lambda x: critic(*x), [mixed])[0]
    squared = ops.sum(ops.square(slopes), axis=tuple(range(1, len(slopes.shape))))
    # The square root has no finite derivative at zero, where a critic may be flat.
    is_flat = ops.equal(squared, 0)
    norms = ops.where(is_flat, 0.0, ops.sqrt(ops.where(is_flat, 1.0, squared)))
    return ops.square(norms - 1)
