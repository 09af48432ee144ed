"""Scaled dot-product attention."""

import math

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.layers.attention._core import attend, hiding, without_blind
from custom_layers.layers.attention._masks import both, causal_mask

__all__ = ["scaled_dot_product_attention"]


@keras.saving.register_keras_serializable("custom_layers")
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    r"""Scaled dot-product attention.

    .. math::

        y = \mathrm{softmax}(s Q K^\top + M) V

    with scale `s`, and `M = 0` where the mask is true and minus infinity elsewhere.
    A query whose keys are all masked gets the mean of all values.

    Args:
        query: Queries `Q`.
        key: Keys `K`.
        value: Values `V`.
        mask: `True` where a query may attend to a key; broadcasts to the scores
            `(batch, ..., queries, keys)`.
        is_causal: Whether later keys are masked.
        scale: Scale `s` of the scores; by default `1 / sqrt(size)`.

    Shapes:
        `(batch, ..., queries, size)`, `(batch, ..., keys, size)` and
        `(batch, ..., keys, channels)` to `(batch, ..., queries, channels)`.

    Example:

    >>> x = ops.ones((2, 3, 4))
    >>> tuple(scaled_dot_product_attention(x, x, x, is_causal=True).shape)
    (2, 3, 4)

    Reference:
        Vaswani et al., 2017, Attention is all you need.
    """
    query, key, value = (ops.convert_to_tensor(x) for x in (query, key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    query = query * scale
    if mask is not None:
        mask = ops.cast(mask, "bool")
        if is_causal:
            mask = both(mask, _causal(query, key))
        return attend(without_blind(query, mask), key, value, hiding(mask))
    return attend(query, key, value, hiding(_causal(query, key) if is_causal else None))


def _causal(query: Tensor, key: Tensor) -> Tensor:
    return causal_mask(ops.shape(query)[-2], ops.shape(key)[-2])
