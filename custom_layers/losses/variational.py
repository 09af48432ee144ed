"""Losses of variational autoencoders."""

import math

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import check_same_shape

__all__ = [
    "EvidenceLowerBound",
    "evidence_lower_bound_loss",
    "gaussian_kl",
    "negative_evidence_lower_bound",
]


@keras.saving.register_keras_serializable("custom_layers")
def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    r"""KL divergence of a diagonal Gaussian from the standard Gaussian, in nats.

    .. math::

        \mathrm{KL}(\mathcal{N}(\mu, v) \,\Vert\, \mathcal{N}(0, 1))
            = \frac{1}{2} \sum_j \mu_j^2 + v_j - 1 - \log v_j

    Args:
        mean: Means `mu`.
        log_variance: Natural logarithms of the variances `v`.

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
    reconstruction: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    likelihood: str = "bernoulli",
) -> Tensor:
    r"""Negative evidence lower bound of a latent variable model, in nats.

    .. math::

        L = -\log p(x \mid z)
            + \mathrm{KL}(\mathcal{N}(\mu, v) \,\Vert\, \mathcal{N}(0, 1))

    where `r` is the reconstruction from a sample `z` of the posterior, and

    .. math::

        \log p(x \mid z) &= \sum_i x_i \log \sigma(r_i) + (1 - x_i) \log \sigma(-r_i) \\
        \log p(x \mid z) &= -\frac{1}{2} \sum_i (x_i - r_i)^2 + \log(2 \pi)

    for the likelihoods `"bernoulli"` and `"gaussian"`. It takes several outputs:
    a model calls it where it computes its loss; `EvidenceLowerBound` takes one.

    Args:
        y_true: The data `x`; for `"bernoulli"` in [0, 1].
        reconstruction: Logits of the data for `"bernoulli"`; means of the data, of
            unit variance, for `"gaussian"`.
        mean: Means of the latents, from the encoder.
        log_variance: Natural logarithms of the variances of the latents.
        likelihood: `"bernoulli"` or `"gaussian"`.

    Shapes:
        Data and reconstruction `(batch, ...)`, mean and log variance
        `(batch, ..., latents)`, to `(batch,)`.

    Example:

    >>> zeros = ops.zeros((1, 2))
    >>> loss = negative_evidence_lower_bound([[0.0, 1.0]], zeros, zeros, zeros)
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """
    if likelihood not in ("bernoulli", "gaussian"):
        raise ValueError(
            '`likelihood` must be "bernoulli" (the reconstruction holds logits) or '
            f'"gaussian" (it holds means). Received: likelihood={likelihood}'
        )
    r = ops.convert_to_tensor(reconstruction)
    x = ops.cast(y_true, r.dtype)
    check_same_shape(x, r)
    if likelihood == "bernoulli":
        negative_log_p = ops.binary_crossentropy(x, r, from_logits=True)
    else:
        negative_log_p = 0.5 * (ops.square(x - r) + math.log(2 * math.pi))
    divergence = gaussian_kl(mean, log_variance)
    return ops.add(_per_sample(negative_log_p), _per_sample(divergence))


def _per_sample(terms: Tensor) -> Tensor:
    return ops.sum(terms, axis=tuple(range(1, len(terms.shape))))


@keras.saving.register_keras_serializable("custom_layers")
def evidence_lower_bound_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Negative evidence lower bound of a Bernoulli model, in nats a sample.

    .. math::

        L = -\log p(x \mid z)
            + \mathrm{KL}(\mathcal{N}(\mu, v) \,\Vert\, \mathcal{N}(0, 1))

    It is `negative_evidence_lower_bound` of a model with one output, in which
    logits of the data, means and log variances stand side by side.

    Args:
        y_true: The data `x`, in [0, 1]: probabilities that a value is 1.
        y_pred: Logits of the data, then means and natural logarithms of the
            variances of the latents.

    Shapes:
        `(batch, ...)` of `n` values a sample and `(batch, n + 2 * latents)` to
        `(batch,)`.

    Example:

    >>> loss = evidence_lower_bound_loss([[0.0, 1.0]], ops.zeros((1, 2 + 2 * 3)))
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    values = math.prod(y_true.shape[1:])
    latents = (y_pred.shape[-1] - values) // 2
    # The gradient of a split is a concatenation, that of a slice a padding and a sum.
    logits, mean, log_variance = ops.split(y_pred, [values, values + latents], axis=-1)
    data = ops.reshape(y_true, (-1, values))
    return negative_evidence_lower_bound(data, logits, mean, log_variance)


@keras.saving.register_keras_serializable("custom_layers")
class EvidenceLowerBound(keras.losses.Loss):
    r"""Negative evidence lower bound of a Bernoulli model, in nats a sample.

    .. math::

        L = -\log p(x \mid z)
            + \mathrm{KL}(\mathcal{N}(\mu, v) \,\Vert\, \mathcal{N}(0, 1))

    reduced over the samples; see `evidence_lower_bound_loss`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, ...)` of `n` values a sample and `(batch, n + 2 * latents)` to a
        scalar; without a reduction to `(batch,)`.

    Example:

    >>> loss = EvidenceLowerBound()([[0.0, 1.0]], ops.zeros((1, 2 + 2 * 3)))
    >>> round(float(loss), 4)
    1.3863

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "evidence_lower_bound",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return evidence_lower_bound_loss(y_true, y_pred)
