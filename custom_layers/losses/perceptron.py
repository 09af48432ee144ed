"""Losses of the perceptron."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import same_rank
from custom_layers.losses._signs import signed_labels
from custom_layers.losses.sparse_classification import class_indices

__all__ = [
    "PerceptronCriterion",
    "SparsePerceptronCriterion",
    "perceptron_criterion",
    "sparse_perceptron_criterion",
]


@keras.saving.register_keras_serializable("custom_layers")
def perceptron_criterion(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Perceptron criterion: the mean distance of scores on the wrong side of zero.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, -y_i s_i)

    A gradient step is the perceptron learning rule: a misclassified sample moves
    the weights by `y x`, a correct one leaves them. A score of zero counts as
    misclassified, so that training leaves zero weights.

    Args:
        y_true: Labels `y`, -1 or 1; 0 and 1 are taken as -1 and 1.
        y_pred: Scores `s`.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(perceptron_criterion([[1, -1]], [[2.0, 0.5]])).tolist()
    [0.25]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    signs = signed_labels(ops.cast(y_true, y_pred.dtype))
    return ops.mean(_errors(signs, y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class PerceptronCriterion(keras.losses.Loss):
    r"""Perceptron criterion: the mean distance of scores on the wrong side of zero.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, -y_i s_i)

    reduced over the samples; see `perceptron_criterion`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a scalar; without a reduction to
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


@keras.saving.register_keras_serializable("custom_layers")
def sparse_perceptron_criterion(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Perceptron criterion of each class against the rest, from class indices.

    .. math::

        L = \sum_k \max(0, -y_k s_k), \qquad
        y_k = 1 \text{ for the class of the sample, else } -1

    A step down its gradient is Rosenblatt's rule for the neuron of each class.

    Args:
        y_true: Class indices.
        y_pred: Scores `s` of the classes.

    Shapes:
        `(batch, ...)` or `(batch, ..., 1)` and `(batch, ..., classes)` to
        `(batch, ...)`.

    Example:

    >>> loss = sparse_perceptron_criterion([0], [[2.0, 0.5, -1.0]])
    >>> ops.convert_to_numpy(loss).tolist()
    [0.5]

    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information
        storage and organization in the brain.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    indices = ops.cast(class_indices(y_true, y_pred), "int32")
    one_hot = ops.one_hot(indices, y_pred.shape[-1], dtype=y_pred.dtype)
    return ops.sum(_errors(2 * one_hot - 1, y_pred), axis=-1)


def _errors(signs: Tensor, scores: Tensor) -> Tensor:
    correctness = signs * scores
    return ops.where(correctness <= 0, -correctness, 0.0)


@keras.saving.register_keras_serializable("custom_layers")
class SparsePerceptronCriterion(keras.losses.Loss):
    r"""Perceptron criterion of each class against the rest, from class indices.

    .. math::

        L = \sum_k \max(0, -y_k s_k), \qquad
        y_k = 1 \text{ for the class of the sample, else } -1

    reduced over the samples; see `sparse_perceptron_criterion`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, ...)` or `(batch, ..., 1)` and `(batch, ..., classes)` to a
        scalar; without a reduction to `(batch, ...)`.

    Example:

    >>> float(SparsePerceptronCriterion()([0], [[2.0, 0.5, -1.0]]))
    0.5

    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information
        storage and organization in the brain.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "sparse_perceptron_criterion",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return sparse_perceptron_criterion(y_true, y_pred)
