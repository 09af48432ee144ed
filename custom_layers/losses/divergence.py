"""Kullback-Leibler divergence."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss

__all__ = ["KLDivergence", "kl_divergence"]


@keras.saving.register_keras_serializable("custom_layers")
def kl_divergence(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Kullback-Leibler divergence of the predicted from the target distribution.

    .. math::

        L = \sum_k y_k \log \frac{y_k}{p_k}

    Probabilities are clipped to `[epsilon, 1]`, with Keras' epsilon.

    Args:
        y_true: Target distribution `y`.
        y_pred: Predicted distribution `p`.

    Shapes:
        Two of `(batch, ..., classes)` to `(batch, ...)`.

    Example:

    >>> loss = kl_divergence([[0.0, 1.0]], [[0.5, 0.5]])
    >>> [round(float(x), 4) for x in loss]
    [0.6931]

    Reference:
        Kullback and Leibler, 1951, On information and sufficiency.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    y_true = ops.clip(y_true, keras.config.epsilon(), 1)
    y_pred = ops.clip(y_pred, keras.config.epsilon(), 1)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class KLDivergence(FunctionLoss):
    r"""Kullback-Leibler divergence of the predicted from the target distribution.

    .. math::

        L = \sum_k y_k \log \frac{y_k}{p_k}

    reduced over the samples; see `kl_divergence`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., classes)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> round(float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931

    Reference:
        Kullback and Leibler, 1951, On information and sufficiency.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)
