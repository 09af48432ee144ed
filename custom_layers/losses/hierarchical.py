"""Loss of hierarchical softmax."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import check_same_shape

__all__ = ["HierarchicalSoftmaxLoss", "hierarchical_softmax_loss"]


@keras.saving.register_keras_serializable("custom_layers")
def hierarchical_softmax_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Negative log-likelihood of a leaf of a binary tree.

    .. math::

        L = -\sum_j \log \sigma((1 - 2 c_j) s_j)

    summed over the inner nodes on the path from the root to the leaf, with the
    codes `c` and logits `s`. `huffman_codes` builds the tree.

    Args:
        y_true: Codes: 0 or 1 for the branch at each node of the path, and -1 for
            padding behind its end.
        y_pred: Logits of the nodes of the path.

    Shapes:
        Two of `(batch, ..., nodes)` to `(batch, ...)`.

    Example:

    >>> loss = hierarchical_softmax_loss([[0, 1, -1]], [[0.0, 0.0, 5.0]])
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Morin and Bengio, 2005, Hierarchical probabilistic neural network
        language model; Mikolov, Chen, Corrado and Dean, 2013, Efficient
        estimation of word representations in vector space.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    # The branch 0 is the likelier one, the larger the logit.
    terms = ops.binary_crossentropy(1 - y_true, y_pred, from_logits=True)
    return ops.sum(ops.where(y_true < 0, 0.0, terms), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class HierarchicalSoftmaxLoss(keras.losses.Loss):
    r"""Negative log-likelihood of a leaf of a binary tree.

    .. math::

        L = -\sum_j \log \sigma((1 - 2 c_j) s_j)

    reduced over the samples; see `hierarchical_softmax_loss`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., nodes)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> loss = HierarchicalSoftmaxLoss()([[0, 1, -1]], [[0.0, 0.0, 5.0]])
    >>> round(float(loss), 4)
    1.3863

    Reference:
        Morin and Bengio, 2005, Hierarchical probabilistic neural network
        language model; Mikolov, Chen, Corrado and Dean, 2013, Efficient
        estimation of word representations in vector space.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hierarchical_softmax_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return hierarchical_softmax_loss(y_true, y_pred)
