"""Losses of generative adversarial networks: of discriminator and generator.

Scores are the logits of the discriminator (or the outputs of the critic) for real
and for generated samples. Each function returns a loss for each score; a training
step takes their mean. `AdversarialLoss` is both losses of a model whose output are
the scores of the layer `AdversarialScores`.
"""

from collections.abc import Callable

import keras
from keras import ops

from custom_layers._gradients import gradient
from custom_layers._types import Seed, Tensor

__all__ = [
    "AdversarialLoss",
    "adversarial_loss",
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


_GAMES: dict[str, tuple[Callable, Callable]] = {
    "minimax": (minimax_discriminator_loss, minimax_generator_loss),
    "non_saturating": (minimax_discriminator_loss, non_saturating_generator_loss),
    "least_squares": (least_squares_discriminator_loss, least_squares_generator_loss),
    "wasserstein": (wasserstein_critic_loss, wasserstein_generator_loss),
}


@keras.saving.register_keras_serializable("custom_layers")
def adversarial_loss(
    y_true: Tensor,
    y_pred: Tensor,
    game: str = "non_saturating",
    penalty_weight: float = 10.0,
) -> Tensor:
    r"""Losses of discriminator and generator together, of scores side by side.

    .. math::

        L = L_D(D_y(x), D(\bar{G}(z))) + L_G(\bar{D}(G(z))) + \lambda p

    The scores are those of `AdversarialScores`, where a bar marks a player that gets no
    gradient: so each player descends its own loss.

    Args:
        y_true: Class ids :math:`y` of the real samples; of no effect where each has a
            single score.
        y_pred: Scores of each real sample for each class, then the score of a
            generated one twice, and the gradient penalty :math:`p`.
        game: `"minimax"`, `"non_saturating"`, `"least_squares"` or `"wasserstein"`.
        penalty_weight: Weight :math:`\lambda` of the penalty.

    Shapes:
        `(batch,)` and `(batch, classes + 3)` to `(batch,)`.

    Example:

    >>> loss = adversarial_loss([0], [[0.0, 0.0, 0.0, 0.0]])
    >>> [round(float(x), 4) for x in loss]
    [2.0794]

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets.
    """
    if game not in _GAMES:
        raise ValueError(f"`game` must be one of {list(_GAMES)}. Received: {game!r}")
    scores = ops.convert_to_tensor(y_pred)
    classes = scores.shape[-1] - 3
    real, (fake, to_learn_from, penalty) = (
        scores[:, :classes],
        (scores[:, classes + i] for i in range(3)),
    )
    if classes > 1:
        ids = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        real = real * ops.one_hot(ids, classes, dtype=real.dtype)
    discriminator, generator = _GAMES[game]
    losses = discriminator(ops.sum(real, axis=-1), fake) + generator(to_learn_from)
    return losses + penalty_weight * penalty


@keras.saving.register_keras_serializable("custom_layers")
class AdversarialLoss(keras.losses.Loss):
    r"""Losses of discriminator and generator together, of scores side by side.

    .. math::

        L = L_D(D_y(x), D(\bar{G}(z))) + L_G(\bar{D}(G(z))) + \lambda p

    reduced over the samples; see `adversarial_loss`.

    Args:
        game: `"minimax"`, `"non_saturating"`, `"least_squares"` or `"wasserstein"`.
        penalty_weight: Weight of the gradient penalty.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch,)` and `(batch, classes + 3)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> loss = AdversarialLoss("least_squares")([0], [[1.0, 0.0, 1.0, 0.0]])
    >>> float(loss)
    0.0

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets.
    """

    def __init__(
        self,
        game: str = "non_saturating",
        penalty_weight: float = 10.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "adversarial_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if game not in _GAMES:
            raise ValueError(
                f"`game` must be one of {list(_GAMES)}. Received: {game!r}"
            )
        self.game = game
        self.penalty_weight = penalty_weight

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return adversarial_loss(y_true, y_pred, self.game, self.penalty_weight)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "game": self.game,
            "penalty_weight": self.penalty_weight,
        }
