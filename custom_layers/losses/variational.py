"""What variational autoencoders minimise."""

import math

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = [
    "NegativeEvidenceLowerBound",
    "gaussian_kl",
    "negative_evidence_lower_bound",
]


@keras.saving.register_keras_serializable("custom_layers")
def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence of a Gaussian with independent parts from the standard Gaussian.

    `KL(N(mean, v) || N(0, 1)) = 1/2 sum_j mean[j]^2 + v[j] - 1 - log v[j]`, in nats

    Args:
        mean: Means.
        log_variance: Natural logarithms `log v` of the variances.

    Shapes:
        Two of `(batch, ..., latents)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(gaussian_kl([[1.0, 2.0]], [[0.0, 0.0]])).tolist()
    [2.5]

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes, appendix B.
    """
    mean = ops.convert_to_tensor(mean)
    log_variance = ops.convert_to_tensor(log_variance, dtype=mean.dtype)
    excess = ops.expm1(log_variance) - log_variance
    return 0.5 * ops.sum(ops.square(mean) + excess, axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def negative_evidence_lower_bound(
    y_true: Tensor,
    y_pred: tuple[Tensor, Tensor, Tensor],
    likelihood: str = "bernoulli",
) -> Tensor:
    """Upper bound of the surprise `-log p(x)` of a latent-variable model.

    `loss = -log p(x | z) + KL(N(mean, v) || N(0, 1))`, in nats, where `r` is the
    reconstruction from the sample `z` and

        log p(x | z) = sum_i x[i] log sigmoid(r[i]) + (1 - x[i]) log sigmoid(-r[i])
        log p(x | z) = -1/2 sum_i (x[i] - r[i])^2 + log(2 pi)

    for the likelihoods `"bernoulli"` and `"gaussian"`.

    Args:
        y_true: The data `x`; for `"bernoulli"` in [0, 1].
        y_pred: `(reconstruction, mean, log_variance)`: logits or means of the
            data, and what the encoder says of `z`.
        likelihood: `"bernoulli"`, whose reconstructions are logits, or
            `"gaussian"`, whose reconstructions are means, with variance one.

    Shapes:
        Data and reconstruction `(batch, ...)`, mean and log variance
        `(batch, ..., latents)`, to `(batch,)`.

    Example:

    >>> nothing = ops.zeros((1, 2))
    >>> loss = negative_evidence_lower_bound([[0.0, 1.0]], (nothing, nothing, nothing))
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """
    _check_likelihood(likelihood)
    reconstruction, mean, log_variance = y_pred
    r = ops.convert_to_tensor(reconstruction)
    x = ops.convert_to_tensor(y_true, dtype=r.dtype)
    if likelihood == "bernoulli":
        surprise = ops.softplus(r) - x * r
    else:
        surprise = 0.5 * (ops.square(x - r) + math.log(2 * math.pi))
    return _per_sample(surprise) + _per_sample(gaussian_kl(mean, log_variance))


def _per_sample(terms: Tensor) -> Tensor:
    return ops.sum(terms, axis=tuple(range(1, len(terms.shape))))


def _check_likelihood(likelihood: str) -> None:
    if likelihood not in ("bernoulli", "gaussian"):
        raise ValueError(
            '`likelihood` must be "bernoulli" (reconstructions are logits) or '
            f'"gaussian" (reconstructions are means). Received: likelihood={likelihood}'
        )


@keras.saving.register_keras_serializable("custom_layers")
class NegativeEvidenceLowerBound(keras.losses.Loss):
    """Upper bound of the surprise of a latent-variable model.

    `loss = -log p(x | z) + KL(N(mean, v) || N(0, 1))`, reduced over the samples;
    see `negative_evidence_lower_bound`. The predictions are the tuple
    `(reconstruction, mean, log_variance)`: a model calls this loss itself (in
    `compute_loss`), since `compile` gives each output a loss of its own.

    Args:
        likelihood: `"bernoulli"`, whose reconstructions are logits, or
            `"gaussian"`, whose reconstructions are means, with variance one.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Data `(batch, ...)` and predictions `((batch, ...), (batch, ..., latents),
        (batch, ..., latents))` to a number; without a reduction to `(batch,)`.

    Example:

    >>> nothing = ops.zeros((1, 2))
    >>> loss = NegativeEvidenceLowerBound()
    >>> round(float(loss([[0.0, 1.0]], (nothing, nothing, nothing))), 4)
    1.3863

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """

    def __init__(
        self,
        likelihood: str = "bernoulli",
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "negative_evidence_lower_bound",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        _check_likelihood(likelihood)
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.likelihood = likelihood

    def call(self, y_true: Tensor, y_pred: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Computes the loss of each sample."""
        return negative_evidence_lower_bound(y_true, y_pred, self.likelihood)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"likelihood": self.likelihood}
