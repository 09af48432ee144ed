"""Base class of the transformer blocks."""

from collections.abc import Callable
from typing import Any

import keras

from custom_layers import activations, initializers
from custom_layers._types import ActivationLike, InitializerLike, Shape, Tensor
from custom_layers.layers.attention._arguments import check_size
from custom_layers.layers.attention._projection import copied
from custom_layers.layers.attention.multi_head import MultiHeadAttention
from custom_layers.layers.dense import Dense
from custom_layers.layers.layer_normalization import LayerNormalization
from custom_layers.layers.regularization import Dropout


class TransformerBlock(keras.layers.Layer):
    """Base class of encoder and decoder blocks, which creates their sublayers."""

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        activation: ActivationLike = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_size("intermediate_dim", intermediate_dim)
        check_size("num_heads", num_heads)
        self.intermediate_dim = intermediate_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.activation = activations.get(activation)
        self.layer_norm_epsilon = layer_norm_epsilon
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.normalize_first = normalize_first
        self.supports_masking = True

    def _make_attention(
        self,
        name: str,
        query_shape: Shape,
        value_shape: Shape,
        kind: type[MultiHeadAttention] = MultiHeadAttention,
        **options: Any,
    ) -> Any:
        features = query_shape[-1]
        if features is None or features < self.num_heads:
            raise ValueError(
                "`num_heads` must not exceed the number of features, which are split "
                f"among the heads. Received: num_heads={self.num_heads} and an input "
                f"of shape {query_shape}"
            )
        attention = kind(
            self.num_heads,
            features // self.num_heads,
            dropout=self.dropout,
            kernel_initializer=self.kernel_initializer,
            bias_initializer=self.bias_initializer,
            dtype=self.dtype_policy,
            name=name,
            **options,
        )
        attention.build(query_shape, value_shape)
        return attention

    def _make_norm(self, name: str, shape: Shape) -> LayerNormalization:
        norm = LayerNormalization(
            epsilon=self.layer_norm_epsilon, dtype=self.dtype_policy, name=name
        )
        norm.build(shape)
        return norm

    def _make_dropout(self, name: str) -> Dropout:
        return Dropout(self.dropout, dtype=self.dtype_policy, name=name)

    def _make_feedforward(self, shape: Shape) -> None:
        self._feedforward_intermediate_dense = self._make_dense(
            "feedforward_intermediate_dense",
            self.intermediate_dim,
            shape,
            self.activation,
        )
        self._feedforward_output_dense = self._make_dense(
            "feedforward_output_dense",
            shape[-1],
            (*shape[:-1], self.intermediate_dim),
        )
        self._feedforward_layer_norm = self._make_norm("feedforward_layer_norm", shape)
        self._feedforward_dropout = self._make_dropout("feedforward_dropout")

    def _make_dense(
        self, name: str, units: Any, shape: Shape, activation: ActivationLike = None
    ) -> Dense:
        dense = Dense(
            units,
            activation=activation,
            kernel_initializer=copied(self.kernel_initializer),
            bias_initializer=copied(self.bias_initializer),
            dtype=self.dtype_policy,
            name=name,
        )
        dense.build(shape)
        return dense

    def _feed_forward_around(self, x: Tensor, training: bool | None) -> Tensor:
        def transform(x: Tensor) -> Tensor:
            return self._feedforward_output_dense(
                self._feedforward_intermediate_dense(x)
            )

        return self._around(
            transform,
            self._feedforward_layer_norm,
            self._feedforward_dropout,
            x,
            training,
        )

    def _around(
        self,
        part: Callable[[Tensor], Tensor],
        norm: LayerNormalization,
        dropout: Dropout,
        x: Tensor,
        training: bool | None,
    ) -> Tensor:
        """Applies a sublayer with residual connection, normalized before or after."""
        if self.normalize_first:
            return x + dropout(part(norm(x)), training=training)
        return norm(x + dropout(part(x), training=training))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "intermediate_dim": self.intermediate_dim,
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "activation": activations.serialize(self.activation),
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "normalize_first": self.normalize_first,
        }
