"""Losses of self-supervised learning."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["ContrastiveLoss", "OutputLoss", "contrastive_loss", "output_loss"]


@keras.saving.register_keras_serializable("custom_layers")
def contrastive_loss(
    y_true: Tensor, y_pred: Tensor, temperature: float = 0.5
) -> Tensor:
    r"""Cross-entropy of finding the other view of a sample among all views (NT-Xent).

    .. math::

        L_i = -\frac{1}{2} \sum_{v = i, i'} \log
            \frac{e^{s_{v v'} / \tau}}{\sum_{u \ne v} e^{s_{v u} / \tau}}, \quad
        s_{v u} = \frac{z_v \cdot z_u}{\lVert z_v \rVert \, \lVert z_u \rVert}

    where :math:`z_i` and :math:`z_{i'}` are the projections of the two views of sample
    `i`, :math:`v'` is the other view of the sample of :math:`v`, and the sum is over
    all views of the batch.

    Args:
        y_true: Targets, which have no effect.
        y_pred: Projections of both views of each sample, side by side.
        temperature: Temperature :math:`\tau`.

    Shapes:
        `(batch, ...)` and `(batch, 2 * units)` to `(batch,)`.

    Example:

    >>> views = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    >>> [round(float(x), 4) for x in contrastive_loss([0, 0], views, 1.0)]
    [0.5514, 0.5514]

    Reference:
        Chen et al., 2020, A simple framework for contrastive learning of visual
        representations.
    """
    views = ops.convert_to_tensor(y_pred)
    both = ops.concatenate(ops.split(views, 2, axis=-1), axis=0)
    squares = ops.sum(ops.square(both), axis=-1, keepdims=True)
    # The square root has no slope at 0, where all numbers of a view are 0.
    norms = ops.sqrt(ops.where(squares > 0, squares, 1.0))
    both = both / ops.maximum(norms, 1e-7)
    similarities = ops.matmul(both, ops.transpose(both)) / temperature
    places = ops.arange(ops.shape(both)[0])
    itself = ops.equal(ops.expand_dims(places, 0), ops.expand_dims(places, 1))
    others = ops.where(itself, -1e9, similarities)
    first, second = ops.split(both, 2, axis=0)
    wanted = ops.sum(first * second, axis=-1) / temperature
    sums = ops.split(ops.logsumexp(others, axis=-1), 2)
    return (sums[0] + sums[1]) / 2 - wanted


@keras.saving.register_keras_serializable("custom_layers")
class ContrastiveLoss(keras.losses.Loss):
    r"""Cross-entropy of finding the other view of a sample among all views (NT-Xent).

    .. math::

        L_i = -\frac{1}{2} \sum_{v = i, i'} \log
            \frac{e^{s_{v v'} / \tau}}{\sum_{u \ne v} e^{s_{v u} / \tau}}

    reduced over the samples; see `contrastive_loss`.

    Args:
        temperature: Temperature :math:`\tau`.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, ...)` and `(batch, 2 * units)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> views = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    >>> round(float(ContrastiveLoss(1.0)([0, 0], views)), 4)
    0.5514

    Reference:
        Chen et al., 2020, A simple framework for contrastive learning of visual
        representations.
    """

    def __init__(
        self,
        temperature: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "contrastive_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if not temperature > 0:
            raise ValueError(f"`temperature` must be above 0. Received: {temperature}")
        self.temperature = temperature

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return contrastive_loss(y_true, y_pred, self.temperature)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"temperature": self.temperature}


@keras.saving.register_keras_serializable("custom_layers")
def output_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""The sum of a model's outputs, for a model that computes losses itself.

    .. math::

        L = \sum_k \hat{y}_k

    Args:
        y_true: Targets, which have no effect.
        y_pred: Losses.

    Shapes:
        `(batch, ...)` and `(batch, losses)` to `(batch,)`.

    Example:

    >>> [float(x) for x in output_loss([0], [[1.0, 2.0]])]
    [3.0]
    """
    return ops.sum(ops.convert_to_tensor(y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class OutputLoss(keras.losses.Loss):
    r"""The sum of a model's outputs, for a model that computes losses itself.

    .. math::

        L = \sum_k \hat{y}_k

    reduced over the samples; see `output_loss`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, ...)` and `(batch, losses)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> float(OutputLoss()([0, 0], [[1.0], [2.0]]))
    1.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "output_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return output_loss(y_true, y_pred)
