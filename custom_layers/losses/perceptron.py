"""The loss of Rosenblatt's perceptron."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import same_rank
from custom_layers.losses._signs import signed_labels

__all__ = ["PerceptronCriterion", "perceptron_criterion"]


@keras.saving.register_keras_serializable("custom_layers")
def perceptron_criterion(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """How far scores lie on the wrong side of zero, on the mean.

    `loss = mean_i max(0, -y_true[i] y_pred[i])`. A step down its gradient is the
    perceptron's rule: a mistake moves the weights by `y x`, anything else leaves
    them. A score of zero counts as a mistake, so that weights leave zero.

    Args:
        y_true: Targets, -1 or 1; 0 and 1 are taken for -1 and 1.
        y_pred: Scores.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(perceptron_criterion([[1, -1]], [[2.0, 0.5]])).tolist()
    [0.25]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    correctness = signed_labels(ops.cast(y_true, y_pred.dtype)) * y_pred
    return ops.mean(ops.where(correctness <= 0, -correctness, 0.0), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class PerceptronCriterion(keras.losses.Loss):
    """How far scores lie on the wrong side of zero.

    `loss = mean_i max(0, -y_true[i] y_pred[i])`, reduced over the
    samples; see `perceptron_criterion`

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a number; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(PerceptronCriterion()([[1.0, -1.0]], [[2.0, 0.5]]))
    0.25


    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information
        storage and organization in the brain.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "perceptron_criterion",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return perceptron_criterion(*same_rank(y_true, y_pred))
