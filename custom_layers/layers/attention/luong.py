"""Dot-product attention after Luong."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers import _noise
from custom_layers.layers.attention._core import attend, biased_softmax, hiding
from custom_layers.layers.attention._masks import both, causal_mask

__all__ = ["Attention"]

_SCORE_MODES = ("dot", "concat")
# As in Keras, what is subtracted from a masked score; half precision resolves 64.
_HIDDEN = -1e9


@keras.saving.register_keras_serializable("custom_layers")
class Attention(keras.layers.Layer):
    r"""Dot-product attention after Luong, or its additive variant.

    .. math::

        y &= \mathrm{softmax}(S) V \\
        S_{ij} &= s \, q_i \cdot k_j \quad \text{("dot")} \\
        S_{ij} &= w \sum_c \tanh(s (q_{ic} + k_{jc})) \quad \text{("concat")}

    with queries `q`, keys `k`, values `V`, and learned scalars `s` and `w`.

    Args:
        use_scale: Whether the scale `s` is learned; otherwise it is 1.
        score_mode: `"dot"` or `"concat"`.
        dropout: Dropout rate of the attention weights.
        seed: Integer seed of the random generator.

    Shapes:
        A list of `query` `(batch, queries, size)`, `value`
        `(batch, keys, channels)` and, unless it is the value, `key`
        `(batch, keys, size)` to `(batch, queries, channels)`. With
        `return_attention_scores`, also `(batch, queries, keys)`.

    Masks:
        A list of those of `query` `(batch, queries)` and `value` `(batch, keys)`. A
        masked value has weight zero, and a masked query has zeros for output.

    Example:

    >>> query, value = ops.ones((2, 3, 4)), ops.ones((2, 5, 4))
    >>> tuple(Attention()([query, value]).shape)
    (2, 3, 4)

    Reference:
        Luong, Pham and Manning, 2015, Effective approaches to attention-based
        neural machine translation.
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in _SCORE_MODES:
            raise ValueError(
                "Invalid value for argument score_mode. Expected one of "
                f"{{'dot', 'concat'}}. Received: score_mode={score_mode}"
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        if dropout > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: list[Shape]) -> None:
        """Creates the scalars of the scores."""
        _check_inputs(input_shape, None)
        self.scale = None
        self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                (), "ones", name="concat_score_weight"
            )

    def call(
        self,
        inputs: list[Tensor],
        mask: list[Tensor | None] | None = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Computes the outputs and, optionally, the attention weights."""
        _check_inputs(inputs, mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) == 3 else value
        query_mask, value_mask = mask[:2] if mask else (None, None)
        if self._needs_weights(training, return_attention_scores):
            scores = self._calculate_scores(query, key)
            allowed = self._calculate_score_mask(scores, value_mask, use_causal_mask)
            weights = biased_softmax(scores, hiding(allowed, _HIDDEN))
            if training and self.dropout > 0:
                weights = weights * _noise.kept(
                    ops.shape(weights), self.dropout, weights.dtype, self.seed_generator
                )
            outputs = ops.matmul(weights, value)
        else:
            weights = None
            steps = ops.shape(query)[-2], ops.shape(key)[-2]
            allowed = _allowed(value_mask, use_causal_mask, *steps)
            bias = hiding(allowed, _HIDDEN)
            outputs = attend(query, key, value, bias, self.scale)
        if query_mask is not None:
            outputs = ops.where(ops.expand_dims(query_mask, -1), outputs, 0)
        return (outputs, weights) if return_attention_scores else outputs

    def _needs_weights(self, training: bool, return_attention_scores: bool) -> bool:
        drops = training and self.dropout > 0
        return drops or return_attention_scores or self.score_mode == "concat"

    def _calculate_scores(self, query: Tensor, key: Tensor) -> Tensor:
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -1, -2))
            return scores if self.scale is None else scores * self.scale
        sums = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        if self.scale is not None:
            sums = sums * self.scale
        return self.concat_score_weight * ops.sum(ops.tanh(sums), axis=-1)

    def _calculate_score_mask(
        self, scores: Tensor, v_mask: Tensor | None, use_causal_mask: bool
    ) -> Tensor | None:
        return _allowed(v_mask, use_causal_mask, *ops.shape(scores)[-2:])

    def compute_mask(self, inputs: list[Tensor], mask: Any = None) -> Tensor | None:
        """Returns the mask of the query."""
        _check_inputs(inputs, mask)
        if mask is None or mask[0] is None:
            return None
        return ops.convert_to_tensor(mask[0])

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(
        self,
        inputs: list[Tensor],
        mask: list[Tensor | None] | None = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Returns shape and dtype of the outputs."""
        _check_inputs(inputs, mask)
        shapes = [x.shape for x in inputs]
        outputs = keras.KerasTensor(
            self.compute_output_shape(shapes), dtype=self.compute_dtype
        )
        if not return_attention_scores:
            return outputs
        weights = (*shapes[0][:-1], shapes[-1][-2])
        return outputs, keras.KerasTensor(weights, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


def _allowed(
    value_mask: Tensor | None, is_causal: bool, queries: Tensor, keys: Tensor
) -> Tensor | None:
    mask = None
    if value_mask is not None:
        mask = ops.cast(value_mask, "bool")
        mask = ops.expand_dims(mask, -2) if len(mask.shape) == 2 else mask
    if is_causal:
        mask = both(mask, ops.expand_dims(causal_mask(queries, keys), 0))
    return mask


def _check_inputs(inputs: Any, mask: Any) -> None:
    if not isinstance(inputs, list):
        raise ValueError(
            "Attention layer must be called on a list of inputs, namely "
            f"[query, value] or [query, value, key]. Received: inputs={inputs}."
        )
    if len(inputs) not in (2, 3):
        raise ValueError(
            "Attention layer accepts inputs list of length 2 or 3, namely "
            f"[query, value] or [query, value, key]. Received length: {len(inputs)}."
        )
    if mask is None:
        return
    if not isinstance(mask, list):
        raise ValueError(
            "Attention layer mask must be a list, namely [query_mask, value_mask]. "
            f"Received: mask={mask}."
        )
    if len(mask) not in (2, 3):
        raise ValueError(
            "Attention layer accepts mask list of length 2 or 3, namely "
            f"[query_mask, value_mask]. Received length: {len(mask)}."
        )
