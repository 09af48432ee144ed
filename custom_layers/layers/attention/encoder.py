"""Transformer encoder block."""

from typing import Any

import keras

from custom_layers._types import ActivationLike, InitializerLike, Shape, Tensor
from custom_layers.layers.attention._block import TransformerBlock

__all__ = ["TransformerEncoder"]


@keras.saving.register_keras_serializable("custom_layers")
class TransformerEncoder(TransformerBlock):
    r"""Transformer encoder block: self-attention and a feed-forward network.

    .. math::

        a &= \mathrm{norm}(x + \mathrm{attention}(x, x)) \\
        y &= \mathrm{norm}(a + \mathrm{dense}(\phi(\mathrm{dense}(a))))

    with activation `phi`. With `normalize_first`, the input of a sublayer is
    normalized instead of the sum: `a = x + attention(norm(x), norm(x))`.

    Args:
        intermediate_dim: Hidden size of the feed-forward network.
        num_heads: Number of attention heads, among which the features are split.
        dropout: Dropout rate of the sublayers' outputs and of the attention
            weights.
        activation: Activation of the feed-forward network, or its name.
        layer_norm_epsilon: Epsilon of the layer normalizations.
        kernel_initializer: Initializer for each kernel.
        bias_initializer: Initializer for each bias.
        normalize_first: Whether to normalize the input of a sublayer (pre-norm)
            instead of the sum (post-norm).

    Call arguments:
        inputs: Input sequence `x`.
        padding_mask: Mask of the steps that are not padding, `(batch, steps)`; by
            default the mask that the sequence carries.
        attention_mask: Mask of the self-attention, `(batch, steps, steps)`.

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
        """Creates the sublayers."""
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
        """Computes the outputs."""

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
