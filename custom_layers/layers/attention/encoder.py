"""Encoder block of a transformer."""

from typing import Any

import keras

from custom_layers._types import ActivationLike, InitializerLike, Shape, Tensor
from custom_layers.layers.attention._block import TransformerBlock

__all__ = ["TransformerEncoder"]


@keras.saving.register_keras_serializable("custom_layers")
class TransformerEncoder(TransformerBlock):
    """Lets each step of a sequence attend to all, then transforms each by itself.

    `a = norm(x + attention(x, x))`, `y = norm(a + dense(activation(dense(a))))`;
    with `normalize_first`, `a = x + attention(norm(x), norm(x))` and
    `y = a + dense(activation(dense(norm(a))))`.

    Args:
        intermediate_dim: Number of units between the two dense layers.
        num_heads: Number of attention heads, which share the features.
        dropout: Probability that an output of a part, or a key of the
            attention, is silenced in training.
        activation: Function of the units between the dense layers, or its name.
        layer_norm_epsilon: Number that keeps the normalization from dividing
            by zero.
        kernel_initializer: Initializer for each kernel.
        bias_initializer: Initializer for each bias.
        normalize_first: Whether a part's input is normalized and not the sum.

    Call arguments:
        inputs: Sequence.
        padding_mask: Which steps are real, `(batch, steps)`; by default the mask
            that the sequence carries.
        attention_mask: Which steps each may attend to, `(batch, steps, steps)`.

    Shapes:
        `(batch, steps, features)` to the same shape.

    Example:

    >>> import keras
    >>> x = keras.ops.ones((2, 5, 8))
    >>> tuple(TransformerEncoder(intermediate_dim=16, num_heads=2)(x).shape)
    (2, 5, 8)

    Reference:
        Vaswani et al., 2017, Attention is all you need; normalized first: Xiong
        et al., 2020, On layer normalization in the transformer architecture.
    """

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
        super().__init__(
            intermediate_dim,
            num_heads,
            dropout=dropout,
            activation=activation,
            layer_norm_epsilon=layer_norm_epsilon,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            normalize_first=normalize_first,
            **kwargs,
        )

    def build(self, inputs_shape: Shape) -> None:
        """Makes the parts for this number of features."""
        self._self_attention_layer = self._make_attention(
            "self_attention_layer", inputs_shape, inputs_shape
        )
        self._self_attention_layer_norm = self._make_norm(
            "self_attention_layer_norm", inputs_shape
        )
        self._self_attention_dropout = self._make_dropout("self_attention_dropout")
        self._make_feedforward(inputs_shape)

    def call(
        self,
        inputs: Tensor,
        padding_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        training: bool | None = None,
    ) -> Tensor:
        """Computes the sequence that stands for the inputs."""

        def attend(x: Tensor) -> Tensor:
            return self._self_attention_layer(
                x,
                x,
                value_mask=padding_mask,
                attention_mask=attention_mask,
                training=training,
            )

        x = self._around(
            attend,
            self._self_attention_layer_norm,
            self._self_attention_dropout,
            inputs,
            training,
        )
        return self._feed_forward_around(x, training)

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return inputs_shape
