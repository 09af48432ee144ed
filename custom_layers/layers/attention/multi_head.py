"""Multi-head attention."""

import math
from typing import Any

import keras
from keras import ops
from keras.src.backend import get_keras_mask  # has no public name

from custom_layers import initializers, regularizers
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers import _noise
from custom_layers.layers.attention import _heads
from custom_layers.layers.attention._arguments import (
    as_axes,
    as_sizes,
    check_shapes,
    check_size,
)
from custom_layers.layers.attention._core import (
    attend,
    attention_weights,
    hiding,
    without_blind,
)
from custom_layers.layers.attention._masks import both, causal_mask, window_mask
from custom_layers.layers.attention._projection import Projection
from custom_layers.layers.regularization import Dropout

__all__ = ["MultiHeadAttention"]


@keras.saving.register_keras_serializable("custom_layers")
class MultiHeadAttention(keras.layers.Layer):
    r"""Multi-head attention: attention in several representation subspaces.

    .. math::

        \mathrm{head}_h &= \mathrm{softmax}\left(\frac{Q_h K_h^\top}
            {\sqrt{\mathrm{key\_dim}}}\right) V_h \\
        Q_h &= \mathrm{query} \, W^Q_h + b^Q_h, \quad
        K_h = \mathrm{key} \, W^K_h + b^K_h, \quad
        V_h = \mathrm{value} \, W^V_h + b^V_h \\
        y &= \sum_h \mathrm{head}_h W^O_h + b^O

    Args:
        num_heads: Number of attention heads.
        key_dim: Size of a head's queries and keys.
        value_dim: Size of a head's values; `None` for `key_dim`.
        dropout: Dropout rate of the attention weights.
        use_bias: Whether the four projections add a bias.
        output_shape: Sizes of the last output axes; `None` for the query's
            number of features.
        attention_axes: Axes to attend over; `None` for all between batch and
            features.
        sliding_window: Distance from which on keys are masked.
        flash_attention: `True` fails where Keras has no such kernel; the
            numbers are the same with every value.
        kernel_initializer: Initializer for the kernels.
        bias_initializer: Initializer for the biases.
        kernel_regularizer: Regularizer for each kernel.
        bias_regularizer: Regularizer for each bias.
        activity_regularizer: Regularizer for the output of each projection.
        kernel_constraint: Constraint applied to each kernel after each update.
        bias_constraint: Constraint applied to each bias after each update.
        use_gate: Whether to multiply each head's output by a gate,
            `sigmoid(query @ gate_kernel[h] + gate_bias[h])`.
        seed: Integer seed of the random generator.

    Shapes:
        `query` `(batch, queries, features)`, `value` `(batch, keys, channels)`
        and `key`, by default the value, `(batch, keys, any)` to
        `(batch, queries, features)` or `(batch, queries, *output_shape)`. With
        `return_attention_scores`, also `(batch, heads, queries, keys)`. There
        may be more axes than one between batch and features.

    Masks:
        `attention_mask` `(batch, queries, keys)` or with the heads after the
        batch, `value_mask` and `key_mask` `(batch, keys)`, the mask that the
        query carries, and with `use_causal_mask` one of later keys: a query
        attends to the keys that all masks allow.

    Example:

    >>> x = ops.ones((2, 3, 8))
    >>> tuple(MultiHeadAttention(2, key_dim=4)(x, x, use_causal_mask=True).shape)
    (2, 3, 8)

    Reference:
        Vaswani et al., 2017, Attention is all you need.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | tuple[int, ...] | None = None,
        attention_axes: int | tuple[int, ...] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        for name, size in (("num_heads", num_heads), ("key_dim", key_dim)):
            check_size(name, size)
        if value_dim is not None:
            check_size("value_dim", value_dim)
        if sliding_window is not None:
            check_size("sliding_window", sliding_window)
        super().__init__(**kwargs)
        self.supports_masking = True
        self._num_heads = num_heads
        self._key_dim = key_dim
        self._value_dim = value_dim or key_dim
        self._dropout = dropout
        self._use_bias = use_bias
        self._use_gate = use_gate
        self._output_shape = as_sizes(output_shape)
        self._attention_axes = as_axes(attention_axes)
        self._sliding_window = sliding_window
        self._flash_attention = (
            flash_attention or keras.config.is_flash_attention_enabled()
        )
        self._kernel_initializer = initializers.get(kernel_initializer)
        self._bias_initializer = initializers.get(bias_initializer)
        self._kernel_regularizer = regularizers.get(kernel_regularizer)
        self._bias_regularizer = regularizers.get(bias_regularizer)
        # On each projection, and so not on this layer's own output.
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self._kernel_constraint = keras.constraints.get(kernel_constraint)
        self._bias_constraint = keras.constraints.get(bias_constraint)
        self.seed = seed
        if self._flash_attention and dropout > 0:
            raise ValueError(
                "Dropout is not supported when flash attention is enabled. "
                f"Set one of them to its default. Received: dropout={dropout}"
            )

    @property
    def num_heads(self) -> int:
        """Number of heads."""
        return self._num_heads

    @property
    def key_dim(self) -> int:
        """Size of a head's queries and keys."""
        return self._key_dim

    @property
    def value_dim(self) -> int:
        """Size of a head's values."""
        return self._value_dim

    @property
    def dropout(self) -> float:
        """Dropout rate of the attention weights."""
        return self._dropout

    @property
    def use_bias(self) -> bool:
        """Whether the projections add a bias."""
        return self._use_bias

    @property
    def attention_axes(self) -> tuple[int, ...] | None:
        """Axes to attend over."""
        return self._attention_axes

    @property
    def query_dense(self) -> Projection:
        """Projection of the queries."""
        return self._query_dense

    @property
    def key_dense(self) -> Projection:
        """Projection of the keys."""
        return self._key_dense

    @property
    def value_dense(self) -> Projection:
        """Projection of the values."""
        return self._value_dense

    @property
    def output_dense(self) -> Projection:
        """Projection of the heads' outputs."""
        return self._output_dense

    def build(
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> None:
        """Creates the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        check_shapes(value_shape, key_shape)
        queries = (self._num_heads, self._key_dim)
        values = (self._num_heads, self._value_dim)
        self._query_dense = self._projection("query", queries, query_shape)
        self._key_dense = self._projection("key", queries, key_shape)
        if self._use_gate:
            self._gate_dense = self._projection(
                "gate", values, query_shape, activation="sigmoid"
            )
        self._value_dense = self._projection("value", values, value_shape)
        self._dropout_layer = Dropout(
            self._dropout, dtype=self.dtype_policy, seed=self.seed
        )
        self._output_dense = self._projection(
            "attention_output",
            self._output_shape or (query_shape[-1],),
            (*query_shape[:-1], *values),
            contracted=2,
        )

    def _projection(
        self, name: str, sizes: tuple, input_shape: Shape, **options: Any
    ) -> Projection:
        projection = Projection(
            sizes,
            name=name,
            activation=options.pop("activation", None),
            use_bias=self._use_bias,
            kernel_initializer=self._kernel_initializer,
            bias_initializer=self._bias_initializer,
            kernel_regularizer=self._kernel_regularizer,
            bias_regularizer=self._bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self._kernel_constraint,
            bias_constraint=self._bias_constraint,
            dtype=self.dtype_policy,
            **options,
        )
        projection.build(input_shape)
        return projection

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Computes the outputs and, optionally, the attention weights."""
        key = value if key is None else key
        mask = self._compute_attention_mask(
            query,
            value,
            # As in Keras, only the mask that the query carries is used.
            query_mask=get_keras_mask(query),
            value_mask=value_mask,
            key_mask=key_mask,
            attention_mask=attention_mask,
            use_causal_mask=use_causal_mask,
        )
        outputs, scores = self._compute_attention(
            self._query_dense(query),
            self._key_dense(key),
            self._value_dense(value),
            mask,
            training,
            return_attention_scores,
        )
        if self._use_gate:
            outputs = ops.multiply(outputs, self._gate_dense(query))
        outputs = self._output_dense(outputs)
        return (outputs, scores) if return_attention_scores else outputs

    def _compute_attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Computes the attention of all heads; subclasses may override it.

        Queries, keys and values are `(batch, ..., heads, size)`, and so are the
        outputs. The scores may be `None` where they are not requested.
        """
        self._check_flash_attention(return_attention_scores)
        if use_causal_mask:
            attention_mask = both(
                None if attention_mask is None else ops.cast(attention_mask, "bool"),
                self._compute_causal_mask(query, value),
            )
        axes = self._axes_of(len(query.shape) - 1)
        mask = _heads.fold_mask(attention_mask, axes, query, key)
        q, k, v = (_heads.heads_first(x, axes) for x in (query, key, value))
        q = without_blind(q / math.sqrt(self._key_dim), mask)
        bias = hiding(mask)
        scores = None
        if return_attention_scores or (training and self._dropout > 0):
            weights = without_blind(attention_weights(q, k, bias), mask)
            scores = _heads.unfold_scores(weights, axes, query, key)
            outputs = ops.matmul(self._drop(weights, training), v)
        else:
            outputs = attend(q, k, v, bias)
            # As in Keras, a query whose keys are all masked gets the mean of all
            # values here, and zeros in a layer that returns the weights.
            if self._dropout > 0 or len(query.shape) != 4:
                outputs = without_blind(outputs, mask)
        return _heads.heads_last(outputs, axes, query), scores

    def _drop(self, weights: Tensor, training: bool | None) -> Tensor:
        if not training or self._dropout == 0:
            return weights
        seed = self._dropout_layer.seed_generator
        return weights * _noise.kept(
            ops.shape(weights), self._dropout, weights.dtype, seed
        )

    def _check_flash_attention(self, return_attention_scores: bool) -> None:
        if not self._flash_attention:
            return
        if return_attention_scores:
            raise ValueError(
                "Returning attention scores is not supported when flash attention "
                "is enabled. Please disable flash attention to access attention "
                "scores. Received: return_attention_scores=True"
            )
        if keras.backend.backend() == "tensorflow":
            raise ValueError(
                "Flash attention is not supported in tensorflow backend. Leave "
                f"`flash_attention` out. Received: {self._flash_attention}"
            )

    def _axes_of(self, rank: int) -> tuple[int, ...]:
        """Returns the attention axes of inputs of this rank, as non-negative."""
        if self._attention_axes is None:
            return tuple(range(1, rank - 1))
        return tuple(axis % rank for axis in self._attention_axes)

    def _compute_attention_mask(
        self,
        query: Tensor,
        value: Tensor,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        use_causal_mask: bool = False,
    ) -> Tensor | None:
        mask = None
        for part, axis in ((query_mask, -1), (value_mask, -2), (key_mask, -2)):
            if part is not None:
                mask = both(mask, ops.expand_dims(ops.cast(part, "bool"), axis))
        if use_causal_mask:
            mask = both(mask, self._compute_causal_mask(query, value))
        if self._sliding_window is not None:
            window = window_mask(*_steps(query, value), self._sliding_window)
            mask = both(mask, ops.expand_dims(window, 0))
        if attention_mask is not None:
            mask = both(ops.cast(attention_mask, "bool"), mask)
        return mask

    def _compute_causal_mask(self, query: Tensor, value: Tensor) -> Tensor:
        return ops.expand_dims(causal_mask(*_steps(query, value)), 0)

    def compute_output_shape(
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> Shape:
        """Returns the shape of the outputs."""
        check_shapes(value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *(self._output_shape or query_shape[-1:]))

    def compute_output_spec(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Returns shape and dtype of the outputs."""
        keys = value.shape if key is None else key.shape
        shape = self.compute_output_shape(query.shape, value.shape, keys)
        outputs = keras.KerasTensor(shape, dtype=self.compute_dtype)
        if not return_attention_scores:
            return outputs
        axes = self._axes_of(len(query.shape))
        shape = (
            *(n for i, n in enumerate(query.shape[:-1]) if i not in axes),
            self._num_heads,
            *(sizes[axis] for sizes in (query.shape, keys) for axis in axes),
        )
        return outputs, keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        regularizer = regularizers.serialize
        constraint = keras.constraints.serialize
        return super().get_config() | {
            "num_heads": self._num_heads,
            "key_dim": self._key_dim,
            "value_dim": self._value_dim,
            "dropout": self._dropout,
            "use_bias": self._use_bias,
            "use_gate": self._use_gate,
            "output_shape": self._output_shape,
            "attention_axes": self._attention_axes,
            "sliding_window": self._sliding_window,
            "kernel_initializer": initializers.serialize(self._kernel_initializer),
            "bias_initializer": initializers.serialize(self._bias_initializer),
            "kernel_regularizer": regularizer(self._kernel_regularizer),
            "bias_regularizer": regularizer(self._bias_regularizer),
            "activity_regularizer": regularizer(self._activity_regularizer),
            "kernel_constraint": constraint(self._kernel_constraint),
            "bias_constraint": constraint(self._bias_constraint),
            "seed": self.seed,
        }


def _steps(query: Tensor, value: Tensor) -> tuple[Any, Any]:
    return ops.shape(query)[1], ops.shape(value)[1]
