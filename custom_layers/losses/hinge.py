"""Losses that ask of the right answer to win by a margin."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.fast import classification as _tensorflow_classes
from custom_layers.fast import losses as _tensorflow
from custom_layers.losses._pairs import same_rank
from custom_layers.losses._signs import signed_labels

__all__ = [
    "CategoricalHinge",
    "Hinge",
    "SquaredHinge",
    "categorical_hinge",
    "hinge",
    "squared_hinge",
]


@keras.saving.register_keras_serializable("custom_layers")
def hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """How far scores stay short of a margin of one, on the mean.

    `loss = mean_i max(0, 1 - y_true[i] y_pred[i])`

    Args:
        y_true: Targets, -1 or 1; 0 and 1 are taken for -1 and 1.
        y_pred: Scores.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(hinge([[1.0, -1.0]], [[0.5, 0.5]])).tolist()
    [1.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = signed_labels(ops.cast(y_true, y_pred.dtype))
    if _tensorflow.serves(y_true, y_pred):
        return _tensorflow.hinge(y_true, y_pred)
    return ops.mean(ops.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def squared_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """The square of what the scores lack of a margin of one, on the mean.

    `loss = mean_i max(0, 1 - y_true[i] y_pred[i])^2`

    Args:
        y_true: Targets, -1 or 1; 0 and 1 are taken for -1 and 1.
        y_pred: Scores.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(squared_hinge([[1.0, -1.0]], [[0.5, 0.5]])).tolist()
    [1.25]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = signed_labels(ops.cast(y_true, y_pred.dtype))
    if _tensorflow.serves(y_true, y_pred):
        return _tensorflow.squared_hinge(y_true, y_pred)
    return ops.mean(ops.square(ops.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """How far the right class stays short of a margin over the best other.

    `loss = max(0, 1 + max_k (1 - y_true[k]) y_pred[k] - sum_k y_true[k] y_pred[k])`

    Args:
        y_true: Targets, 1 for the right class and 0 for the others.
        y_pred: Scores of the classes.

    Shapes:
        Two of `(batch, ..., classes)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]])).tolist()
    [0.5]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if _tensorflow.serves(y_true, y_pred):
        return _tensorflow_classes.categorical_hinge(y_true, y_pred)
    right = ops.sum(y_true * y_pred, axis=-1)
    best_other = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(best_other - right + 1.0, 0.0)


@keras.saving.register_keras_serializable("custom_layers")
class Hinge(keras.losses.Loss):
    """How far scores stay short of a margin of one.

    `loss = mean_i max(0, 1 - y_true[i] y_pred[i])`, reduced over the samples; see
    `hinge`

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a number; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(Hinge()([[1.0, -1.0]], [[0.5, 0.5]]))
    1.0


    Reference:
        Cortes and Vapnik, 1995, Support-vector networks.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return hinge(*same_rank(y_true, y_pred))


@keras.saving.register_keras_serializable("custom_layers")
class SquaredHinge(keras.losses.Loss):
    """The square of what the scores lack of a margin of one.

    `loss = mean_i max(0, 1 - y_true[i] y_pred[i])^2`, reduced over the samples; see
    `squared_hinge`

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a number; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(SquaredHinge()([[1.0, -1.0]], [[0.5, 0.5]]))
    1.25


    Reference:
        Cortes and Vapnik, 1995, Support-vector networks.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return squared_hinge(*same_rank(y_true, y_pred))


@keras.saving.register_keras_serializable("custom_layers")
class CategoricalHinge(keras.losses.Loss):
    """How far the right class stays short of a margin over the best other.

    `loss = max(0, 1 + max_k (1 - y_true[k]) y_pred[k] - sum_k y_true[k] y_pred[k])`,
    reduced over the samples; see `categorical_hinge`

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., classes)` to a number; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
    0.5


    Reference:
        Crammer and Singer, 2001, On the algorithmic implementation of multiclass
        kernel-based vector machines.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return categorical_hinge(*same_rank(y_true, y_pred))
