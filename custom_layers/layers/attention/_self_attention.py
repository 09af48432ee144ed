"""Self-attention of a decoder: rotary positions, and a cache for single steps."""

from typing import Any

from keras import ops

from custom_layers._types import KnownShape, Tensor
from custom_layers.layers.attention.multi_head import MultiHeadAttention
from custom_layers.layers.attention.rotary import RotaryEmbedding


class SelfAttention(MultiHeadAttention):
    """Multi-head self-attention, of a whole sequence or of its next step.

    Args:
        rope_max_wavelength: Longest wavelength of the rotary embedding of queries and
            keys; none if None.
    """

    def __init__(
        self, *args: Any, rope_max_wavelength: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rotary = None
        if rope_max_wavelength is not None:
            self.rotary = RotaryEmbedding(rope_max_wavelength, dtype=self.dtype_policy)

    def _compute_attention(
        self, query: Tensor, key: Tensor, value: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor | None]:
        if self.rotary is not None:
            query, key = self.rotary(query), self.rotary(key)
        return super()._compute_attention(query, key, value, *args, **kwargs)

    def step(self, x: Tensor, cache: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Computes the outputs of one step, and the cache with its key and value.

        The cache is a ring: step `t` is in slot `t % length`, and the query attends to
        the last `length` steps.

        Shapes:
            `(batch, 1, features)`, `(batch, 2, length, heads, size)` and `(batch,)`.
        """
        query, key, value = (
            dense(x)
            for dense in (self._query_dense, self._key_dense, self._value_dense)
        )
        place = ops.expand_dims(ops.cast(position, "int32"), -1)
        if self.rotary is not None:
            query, key = (self.rotary(each, positions=place) for each in (query, key))
        length = cache.shape[2]
        slots = ops.arange(length)
        is_here = ops.equal(slots, ops.mod(place, length))[:, None, :, None, None]
        cache = ops.where(is_here, ops.stack([key, value], axis=1), cache)
        allowed = ops.expand_dims(slots <= place, 1)
        outputs, _ = super()._compute_attention(
            query, cache[:, 0], cache[:, 1], allowed, training=False
        )
        return self._output_dense(outputs), cache

    def cache_shape(self, length: int) -> KnownShape:
        """Returns the shape of a cache of so many steps, without the batch."""
        return (2, length, self.num_heads, self.key_dim)
