"""Cross-entropies that give easy samples a small weight."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._logits import clipped
from custom_layers.losses._pairs import check_same_shape

__all__ = ["BinaryFocalCrossentropy", "binary_focal_crossentropy"]


def focal_terms(y_true: Tensor, logits: Tensor, alpha: float, gamma: float) -> Tensor:
    """Returns the balanced focal loss of each logit, exact for those of any magnitude.

    Args:
        y_true: Labels, 0 or 1.
        logits: Of the same shape.
        alpha: Weight of the label 1; that of 0 is `1 - alpha`.
        gamma: Exponent of the probability of the other label.
    """
    # Of the label, and of the other one.
    signed = (2 * y_true - 1) * logits
    weight = alpha * y_true + (1 - alpha) * (1 - y_true)
    return weight * ops.sigmoid(-signed) ** gamma * ops.softplus(-signed)


@keras.saving.register_keras_serializable("custom_layers")
def binary_focal_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    r"""Binary cross-entropy with little weight for what is predicted well.

    .. math::

        L = -\frac{1}{n} \sum_i w_i (1 - q_i)^\gamma
            \big(t_i \log p_i + (1 - t_i) \log(1 - p_i)\big), \qquad
        q = t p + (1 - t)(1 - p)

    with :math:`w = t \alpha + (1 - t)(1 - \alpha)` where classes are balanced, and 1
    elsewhere, and labels :math:`t = (1 - \beta) y + \beta / 2` after label smoothing.

    Args:
        y_true: Labels `y`, 0 or 1.
        y_pred: Probabilities `p`, or their logits.
        apply_class_balancing: Whether the labels have different weights.
        alpha: Weight of the label 1, if so; that of 0 is `1 - alpha`.
        gamma: Exponent of the focal factor; 0 makes it the binary cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Label smoothing :math:`\beta`, in [0, 1].
        axis: Axis of the mean.

    Shapes:
        Two of `(batch, ..., labels)` to `(batch, ...)`.

    Example:

    >>> loss = binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])
    >>> [round(float(x), 4) for x in loss]
    [0.1733]

    Reference:
        Lin, Goyal, Girshick, He and Dollar, 2017, Focal loss for dense object
        detection.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    yes = ops.sigmoid(y_pred) if from_logits else y_pred
    if from_logits:
        # As log(1 - sigmoid(x)) = -x - softplus(-x).
        logarithms = (y_true - 1) * y_pred - ops.softplus(-y_pred)
    else:
        known = clipped(yes)
        logarithms = y_true * ops.log(known) + (1 - y_true) * ops.log(1 - known)
    right = y_true * yes + (1 - y_true) * (1 - yes)
    terms = -ops.power(1.0 - right, gamma) * logarithms
    if apply_class_balancing:
        terms = terms * (y_true * alpha + (1 - y_true) * (1 - alpha))
    return ops.mean(terms, axis=axis)


@keras.saving.register_keras_serializable("custom_layers")
class BinaryFocalCrossentropy(FunctionLoss):
    r"""Binary cross-entropy with little weight for what is predicted well.

    .. math::

        L = -\frac{1}{n} \sum_i w_i (1 - q_i)^\gamma
            \big(t_i \log p_i + (1 - t_i) \log(1 - p_i)\big), \qquad
        q = t p + (1 - t)(1 - p)

    reduced over the samples; see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: Whether the labels have different weights.
        alpha: Weight of the label 1, if so; that of 0 is `1 - alpha`.
        gamma: Exponent of the focal factor; 0 makes it the binary cross-entropy.
        from_logits: Whether predictions are logits.
        label_smoothing: Label smoothing, in [0, 1].
        axis: Axis of the mean.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., labels)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> round(float(BinaryFocalCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
    0.1733

    Reference:
        Lin, Goyal, Girshick, He and Dollar, 2017, Focal loss for dense object
        detection.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(binary_focal_crossentropy, reduction, name, dtype)
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {
            "apply_class_balancing": self.apply_class_balancing,
            "alpha": self.alpha,
            "gamma": self.gamma,
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": self.axis,
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.options()
