"""Cross-entropy with class indices as targets."""

import keras
from keras import ops
from keras.src.backend import set_keras_mask  # has no public name

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._logits import clipped, logits_behind
from custom_layers.losses._pairs import shapes_agree

__all__ = ["SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"]


@keras.saving.register_keras_serializable("custom_layers")
def sparse_categorical_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    r"""Cross-entropy with class indices as targets.

    .. math::

        L = -\log p_y, \qquad \log p_k = z_k - \log \sum_j e^{z_j}

    with logits `z`; for probabilities, `z` is their logarithm. An index out of
    range gives NaN, or an error where the backend can raise one.

    Args:
        y_true: Class indices `y`.
        y_pred: Probabilities, or logits.
        from_logits: Whether `y_pred` holds logits.
        ignore_class: Class index to leave out of the loss and of its mean.
        axis: Axis of the classes, which must be the last one.

    Shapes:
        `(batch, ...)` or `(batch, ..., 1)` and `(batch, ..., classes)` to
        `(batch, ...)`.

    Example:

    >>> loss = sparse_categorical_crossentropy([1], [[0.0, 0.0]], from_logits=True)
    >>> [round(float(x), 4) for x in loss]
    [0.6931]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    y_true = class_indices(y_true, y_pred, axis)
    counted = None
    if ignore_class is not None:
        counted = ops.not_equal(y_true, ops.cast(ignore_class, y_true.dtype))
        y_true = ops.where(counted, y_true, 0)
        y_pred = ops.where(ops.expand_dims(counted, -1), y_pred, 0)
    y_pred, from_logits = logits_behind(y_pred, from_logits)
    losses = _sparse_categorical_crossentropy(
        ops.cast(y_true, "int32"), y_pred, from_logits
    )
    if counted is not None:
        losses = ops.where(counted, losses, 0)
        set_keras_mask(losses, counted)
    return losses


def class_indices(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Drops a last dimension of size one, and requires one index for each sample."""
    rank = len(y_pred.shape)
    if rank == 0 or axis not in (-1, rank - 1):
        raise ValueError(
            f"Only axis=-1 is currently supported. Received: axis={axis} for "
            f"y_pred.shape={tuple(y_pred.shape)}; move the classes to the last axis."
        )
    if len(y_true.shape) == rank and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if not shapes_agree(y_true.shape, y_pred.shape[:-1]):
        raise ValueError(
            "`y_true` and `y_pred` must have the same shape up to the last dimension, "
            f"the classes. Received: y_true.shape={tuple(y_true.shape)} and "
            f"y_pred.shape={tuple(y_pred.shape)}"
        )
    return y_true


@fast.path
def _sparse_categorical_crossentropy(
    index: Tensor, y_pred: Tensor, from_logits: bool
) -> Tensor:
    classes = ops.shape(y_pred)[-1]
    is_class = ops.logical_and(index >= 0, index < classes)
    logits = y_pred if from_logits else ops.log(clipped(y_pred))
    # A negative index would count from the end: make it one that is too large.
    index = ops.expand_dims(ops.where(index < 0, classes, index), -1)
    chosen = ops.squeeze(ops.take_along_axis(logits, index, axis=-1), -1)
    losses = ops.logsumexp(logits, axis=-1) - chosen
    return ops.where(is_class, losses, float("nan"))


@keras.saving.register_keras_serializable("custom_layers")
class SparseCategoricalCrossentropy(FunctionLoss):
    r"""Cross-entropy with class indices as targets.

    .. math::

        L = -\log p_y

    reduced over the samples; see `sparse_categorical_crossentropy`.

    Args:
        from_logits: Whether predictions are logits.
        ignore_class: Class index to leave out of the loss and of its mean.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        axis: Axis of the classes, which must be the last one; as in Keras it is
            not part of the configuration.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, ...)` or `(batch, ..., 1)` and `(batch, ..., classes)` to a
        scalar; without a reduction to `(batch, ...)`.

    Example:

    >>> loss = SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 0.0]])
    >>> round(float(loss), 4)
    0.6931

    Reference:
        Bridle, 1990, Probabilistic interpretation of feedforward
        classification network outputs.
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {
            "from_logits": self.from_logits,
            "ignore_class": self.ignore_class,
            "axis": self.axis,
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "from_logits": self.from_logits,
            "ignore_class": self.ignore_class,
        }
