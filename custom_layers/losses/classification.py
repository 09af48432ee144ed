"""Cross-entropies with probabilities as targets."""

import warnings

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._logits import clipped, logits_behind
from custom_layers.losses._pairs import check_same_shape

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
]


@keras.saving.register_keras_serializable("custom_layers")
def binary_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    r"""Binary cross-entropy, averaged along an axis.

    .. math::

        L = -\frac{1}{n} \sum_i t_i \log p_i + (1 - t_i) \log(1 - p_i), \qquad
        t = (1 - \alpha) y + \frac{\alpha}{2}

    with label smoothing `alpha`. Logits are computed with as softplus, without
    loss of digits.

    Args:
        y_true: Labels `y`, 0 or 1, or probabilities.
        y_pred: Probabilities `p`, or their logits.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Label smoothing `alpha`, in [0, 1].
        axis: Axis of the mean.

    Shapes:
        Two of `(batch, ..., labels)` to `(batch, ...)`.

    Example:

    >>> loss = binary_crossentropy([[1.0, 0.0]], [[0.0, 0.0]], from_logits=True)
    >>> [round(float(x), 4) for x in loss]
    [0.6931]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    y_pred, from_logits = logits_behind(y_pred, from_logits)
    if from_logits:
        # Exact for logits of any magnitude.
        is_yes = y_pred >= 0
        rarer = ops.log1p(ops.exp(ops.where(is_yes, -y_pred, y_pred)))
        losses = ops.where(is_yes, y_pred, 0.0) - y_true * y_pred + rarer
    else:
        yes = clipped(y_pred)
        losses = -(y_true * ops.log(yes) + (1 - y_true) * ops.log(1 - yes))
    return ops.mean(losses, axis=axis)


@keras.saving.register_keras_serializable("custom_layers")
def categorical_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    r"""Cross-entropy between the target and the predicted distribution of classes.

    .. math::

        L = -\sum_k t_k \log p_k, \qquad t_k = (1 - \alpha) y_k + \frac{\alpha}{K}

    with label smoothing `alpha` over `K` classes. The probabilities `p` are the
    softmax of logits; given probabilities are normalized to sum to one.

    Args:
        y_true: Target distribution `y`, such as one-hot labels.
        y_pred: Probabilities, or logits.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Label smoothing `alpha`, in [0, 1].
        axis: Axis of the classes.

    Shapes:
        Two of `(batch, ..., classes)` to `(batch, ...)`.

    Example:

    >>> loss = categorical_crossentropy([[0.0, 1.0]], [[0.0, 0.0]], from_logits=True)
    >>> [round(float(x), 4) for x in loss]
    [0.6931]
    """
    if isinstance(axis, bool):
        raise ValueError(
            "`axis` must be of type `int`, the axis of the classes. "
            f"Received: axis={axis} of type {type(axis).__name__}"
        )
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    _warn_of_single_class(y_pred)
    if label_smoothing:
        # Keras counts the classes along the last axis, whatever `axis` is.
        uniform = label_smoothing / ops.cast(ops.shape(y_true)[-1], y_pred.dtype)
        y_true = y_true * (1.0 - label_smoothing) + uniform
    y_pred, from_logits = logits_behind(y_pred, from_logits)
    if from_logits:
        return _categorical_crossentropy_of_logits(y_true, y_pred, axis)
    y_pred = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    return -ops.sum(y_true * ops.log(clipped(y_pred)), axis=axis)


@fast.path
def _categorical_crossentropy_of_logits(
    y_true: Tensor, logits: Tensor, axis: int
) -> Tensor:
    surprise = -y_true * ops.log_softmax(logits, axis=axis)
    # Of a class that is impossible and that nobody expects.
    return ops.sum(ops.where(ops.equal(y_true, 0), 0.0, surprise), axis=axis)


def _warn_of_single_class(y_pred: Tensor) -> None:
    if y_pred.shape and y_pred.shape[-1] == 1:
        warnings.warn(
            "`y_pred` has one class, whose probability is always one; consider "
            "`binary_crossentropy` for two classes. "
            f"Received: y_pred.shape={tuple(y_pred.shape)}",
            SyntaxWarning,
            stacklevel=3,
        )


@keras.saving.register_keras_serializable("custom_layers")
class BinaryCrossentropy(FunctionLoss):
    r"""Binary cross-entropy.

    .. math::

        L = -\frac{1}{n} \sum_i t_i \log p_i + (1 - t_i) \log(1 - p_i), \qquad
        t = (1 - \alpha) y + \frac{\alpha}{2}

    reduced over the samples; see `binary_crossentropy`.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: Label smoothing `alpha`, in [0, 1].
        axis: Axis of the mean.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., labels)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> loss = BinaryCrossentropy(from_logits=True)([[1.0, 0.0]], [[0.0, 0.0]])
    >>> round(float(loss), 4)
    0.6931

    Reference:
        Good, 1952, Rational decisions.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(binary_crossentropy, reduction, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": self.axis,
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.options()


@keras.saving.register_keras_serializable("custom_layers")
class CategoricalCrossentropy(FunctionLoss):
    r"""Cross-entropy between the target and the predicted distribution of classes.

    .. math::

        L = -\sum_k t_k \log p_k, \qquad t_k = (1 - \alpha) y_k + \frac{\alpha}{K}

    reduced over the samples; see `categorical_crossentropy`.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: Label smoothing `alpha`, in [0, 1].
        axis: Axis of the classes.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., classes)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> loss = CategoricalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]])
    >>> round(float(loss), 4)
    0.6931

    Reference:
        Bridle, 1990, Probabilistic interpretation of feedforward
        classification network outputs.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(categorical_crossentropy, reduction, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": self.axis,
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.options()
