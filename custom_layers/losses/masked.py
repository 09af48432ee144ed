"""Cross-entropies whose targets mark padding, which is left out."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._pairs import check_same_shape
from custom_layers.losses.sparse_classification import sparse_categorical_crossentropy

__all__ = [
    "MaskedBinaryCrossentropy",
    "TokenCrossentropy",
    "masked_binary_crossentropy",
    "token_crossentropy",
]


@keras.saving.register_keras_serializable("custom_layers")
def masked_binary_crossentropy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Sum of binary cross-entropies of logits, masked where a target is negative.

    .. math::

        L = -\sum_{j : y_j = 1} \log \sigma(s_j) - \sum_{j : y_j = 0} \log \sigma(-s_j)

    This is the loss of negative sampling where `y` is 1 for the positive and 0 for
    the negative samples, and of hierarchical softmax where `y = 1 - code` along the
    path to a leaf, padded to the longest path.

    Args:
        y_true: Labels 1 and 0; negative where there is nothing to predict.
        y_pred: Logits `s`.

    Shapes:
        Two of `(batch, ..., decisions)` to `(batch, ...)`.

    Example:

    >>> loss = masked_binary_crossentropy([[1, 0, -1]], [[0.0, 0.0, 5.0]])
    >>> [round(float(x), 4) for x in loss]
    [1.3863]

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed
        representations of words and phrases and their compositionality.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    check_same_shape(y_true, y_pred)
    terms = ops.softplus((1 - 2 * y_true) * y_pred)
    return ops.sum(ops.where(y_true < 0, 0.0, terms), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class MaskedBinaryCrossentropy(keras.losses.Loss):
    r"""Sum of binary cross-entropies of logits, masked where a target is negative.

    .. math::

        L = -\sum_{j : y_j = 1} \log \sigma(s_j) - \sum_{j : y_j = 0} \log \sigma(-s_j)

    reduced over the samples; see `masked_binary_crossentropy`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., decisions)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> loss = MaskedBinaryCrossentropy()([[1, 0, -1]], [[0.0, 0.0, 5.0]])
    >>> round(float(loss), 4)
    1.3863

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed
        representations of words and phrases and their compositionality.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "masked_binary_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return masked_binary_crossentropy(y_true, y_pred)


@keras.saving.register_keras_serializable("custom_layers")
def token_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    ignore_class: int = -1,
    token_weight: Tensor | None = None,
) -> Tensor:
    r"""Cross-entropy of the tokens of a sequence, padding left out.

    .. math::

        L = -\frac{1}{T} \sum_{t : y_t \ne \mathrm{ignore}}
            w_t \log \mathrm{softmax}(z_t)_{y_t}

    It is divided by the `T` positions of a sequence, padded or not, and not by the
    number of tokens in the batch: so replicas that share a batch sum up to the
    same loss.

    Args:
        y_true: Class of each token.
        y_pred: Logits `z` of the classes of each token.
        ignore_class: Class of the padding.
        token_weight: Weight `w` of each token; 1 without it.

    Shapes:
        `(batch, time)` and `(batch, time, classes)` to `(batch,)`.

    Example:

    >>> loss = token_crossentropy([[0, 1, -1, -1]], ops.zeros((1, 4, 3)))
    >>> [round(float(x), 4) for x in loss]
    [0.5493]
    """
    y_true = ops.convert_to_tensor(y_true)
    is_token = ops.not_equal(y_true, ops.cast(ignore_class, y_true.dtype))
    classes = ops.where(is_token, y_true, ops.zeros_like(y_true))
    values = sparse_categorical_crossentropy(classes, y_pred, from_logits=True)
    if token_weight is not None:
        values = values * ops.cast(token_weight, values.dtype)
    return ops.mean(ops.where(is_token, values, ops.zeros_like(values)), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class TokenCrossentropy(keras.losses.Loss):
    r"""Cross-entropy of the tokens of a sequence, padding left out.

    .. math::

        L = -\frac{1}{T} \sum_{t : y_t \ne \mathrm{ignore}}
            \log \mathrm{softmax}(z_t)_{y_t}

    reduced over the samples; see `token_crossentropy`. A mask that Keras attached
    to the predictions is not used: `ignore_class` marks the padding.

    Args:
        ignore_class: Class of the padding.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, time)` and `(batch, time, classes)` to a scalar; without a
        reduction to `(batch,)`. A `sample_weight` is `(batch,)`, or `(batch, time)`
        with a weight for each token.

    Example:

    >>> loss = TokenCrossentropy()([[0, 1, -1, -1]], ops.zeros((1, 4, 3)))
    >>> round(float(loss), 4)
    0.5493
    """

    def __init__(
        self,
        ignore_class: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "token_crossentropy",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.ignore_class = ignore_class

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> Tensor:
        """Computes the loss of a batch."""
        # Without the mask that Keras attached to the logits: it would divide by it.
        unmasked = ops.add(y_pred, 0.0)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight)
        if sample_weight is not None and sample_weight.shape[1:] not in ((), (1,)):
            return super().__call__((y_true, sample_weight), unmasked)
        return super().__call__(y_true, unmasked, sample_weight)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample; classes may come with token weights."""
        y_true, weight = y_true if isinstance(y_true, tuple) else (y_true, None)
        return token_crossentropy(y_true, y_pred, self.ignore_class, weight)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"ignore_class": self.ignore_class}
