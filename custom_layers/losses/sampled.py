"""Loss of negative sampling."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import check_same_shape

__all__ = ["NegativeSamplingLoss", "negative_sampling_loss"]


@keras.saving.register_keras_serializable("custom_layers")
def negative_sampling_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Logistic loss of positive samples against negative samples.

    .. math::

        L = -\sum_{i : y_i = 1} \log \sigma(s_i) - \sum_{i : y_i = 0} \log \sigma(-s_i)

    summed over the candidates.

    Args:
        y_true: Labels, 1 for a positive and 0 for a negative sample.
        y_pred: Logits `s`, such as dot products of word vectors.

    Shapes:
        Two of `(batch, ..., candidates)` to `(batch, ...)`.

    Example:

    >>> loss = negative_sampling_loss([[1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]])
    >>> [round(float(x), 4) for x in loss]
    [2.0794]

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed
        representations of words and phrases and their compositionality.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    return ops.sum(ops.softplus((1 - 2 * y_true) * y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class NegativeSamplingLoss(keras.losses.Loss):
    r"""Logistic loss of positive samples against negative samples.

    .. math::

        L = -\sum_{i : y_i = 1} \log \sigma(s_i) - \sum_{i : y_i = 0} \log \sigma(-s_i)

    reduced over the samples; see `negative_sampling_loss`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., candidates)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> loss = NegativeSamplingLoss()([[1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]])
    >>> round(float(loss), 4)
    2.0794

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed
        representations of words and phrases and their compositionality.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "negative_sampling_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return negative_sampling_loss(y_true, y_pred)
