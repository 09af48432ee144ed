"""Transformer decoder block."""

from typing import Any

import keras

from custom_layers._types import (
    ActivationLike,
    InitializerLike,
    KnownShape,
    Shape,
    Tensor,
)
from custom_layers.layers.attention._block import TransformerBlock
from custom_layers.layers.attention._self_attention import SelfAttention

__all__ = ["TransformerDecoder"]


@keras.saving.register_keras_serializable("custom_layers")
class TransformerDecoder(TransformerBlock):
    r"""Transformer decoder block: causal self-attention, cross-attention, feed-forward.

    .. math::

        a &= \mathrm{norm}(x + \mathrm{attention}(x, x)) \\
        b &= \mathrm{norm}(a + \mathrm{attention}(a, \mathrm{encoded})) \\
        y &= \mathrm{norm}(b + \mathrm{dense}(\phi(\mathrm{dense}(b))))

    with causal self-attention and activation `phi`. With `normalize_first`, the
    input of a sublayer is normalized instead of the sum. Without an encoded
    sequence, `b = a`: the block of a decoder-only language model.

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
        sliding_window: Steps that self-attention reaches back, from the step itself
            on; `None` for all.
        rope_max_wavelength: Longest wavelength of the rotary embedding of
            self-attention, see `RotaryEmbedding`; `None` for none.

    Call arguments:
        decoder_sequence: Input sequence `x`.
        encoder_sequence: Encoded sequence, given in every call of a block or in
            none.
        decoder_padding_mask: Mask of the steps that are not padding,
            `(batch, steps)`; by default the mask that the sequence carries.
        decoder_attention_mask: Mask of the self-attention,
            `(batch, steps, steps)`.
        encoder_padding_mask: Mask of the encoded steps that are not padding; by
            default the mask that the encoded sequence carries.
        encoder_attention_mask: Mask of the cross-attention,
            `(batch, steps, encoded_steps)`.
        use_causal_mask: Whether self-attention is causal.
        self_attention_cache: Keys and values of the steps before, which makes `x` the
            next step alone; zeros before the first one. See `cache_shape`.
        self_attention_cache_update_index: Position of that step, `(batch,)`.

    Shapes:
        `(batch, steps, features)` and, if given, `(batch, encoded_steps, any)`
        to `(batch, steps, features)`; with a cache, `(batch, 1, features)` to the
        same shape and the next cache.

    Example:

    >>> import keras
    >>> x, encoded = keras.ops.ones((2, 5, 8)), keras.ops.ones((2, 3, 6))
    >>> tuple(TransformerDecoder(intermediate_dim=16, num_heads=2)(x, encoded).shape)
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
        sliding_window: int | None = None,
        rope_max_wavelength: float | None = None,
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
        self.sliding_window = sliding_window
        self.rope_max_wavelength = rope_max_wavelength

    def build(
        self,
        decoder_sequence_shape: Shape,
        encoder_sequence_shape: Shape | None = None,
    ) -> None:
        """Creates the sublayers."""
        shape = decoder_sequence_shape
        self._self_attention_layer = self._make_attention(
            "self_attention_layer",
            shape,
            shape,
            SelfAttention,
            sliding_window=self.sliding_window,
            rope_max_wavelength=self.rope_max_wavelength,
        )
        self._self_attention_layer_norm = self._make_norm(
            "self_attention_layer_norm", shape
        )
        self._self_attention_dropout = self._make_dropout("self_attention_dropout")
        self._cross_attention_layer: Any = None
        if encoder_sequence_shape is not None:
            self._cross_attention_layer = self._make_attention(
                "cross_attention_layer", shape, encoder_sequence_shape
            )
            self._cross_attention_layer_norm = self._make_norm(
                "cross_attention_layer_norm", shape
            )
            self._cross_attention_dropout = self._make_dropout(
                "cross_attention_dropout"
            )
        self._make_feedforward(shape)

    def call(
        self,
        decoder_sequence: Tensor,
        encoder_sequence: Tensor | None = None,
        decoder_padding_mask: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        encoder_padding_mask: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        use_causal_mask: bool = True,
        self_attention_cache: Tensor | None = None,
        self_attention_cache_update_index: Tensor | None = None,
        training: bool | None = None,
    ) -> Any:
        """Computes the outputs."""
        self._check_encoder_sequence(encoder_sequence)
        cache = self_attention_cache

        def attend(x: Tensor) -> Tensor:
            nonlocal cache
            if cache is not None:
                x, cache = self._self_attention_layer.step(
                    x, cache, self_attention_cache_update_index
                )
                return x
            return self._self_attention_layer(
                x,
                x,
                value_mask=decoder_padding_mask,
                attention_mask=decoder_attention_mask,
                use_causal_mask=use_causal_mask,
                training=training,
            )

        def attend_to_encoder(x: Tensor) -> Tensor:
            return self._cross_attention_layer(
                x,
                encoder_sequence,
                value_mask=encoder_padding_mask,
                attention_mask=encoder_attention_mask,
                training=training,
            )

        x = self._around(
            attend,
            self._self_attention_layer_norm,
            self._self_attention_dropout,
            decoder_sequence,
            training,
        )
        if encoder_sequence is not None:
            x = self._around(
                attend_to_encoder,
                self._cross_attention_layer_norm,
                self._cross_attention_dropout,
                x,
                training,
            )
        x = self._feed_forward_around(x, training)
        return x if cache is None else (x, cache)

    def cache_shape(self, length: int) -> KnownShape:
        """Returns the shape of a cache of `length` steps, without the batch."""
        return self._self_attention_layer.cache_shape(length)

    def _check_encoder_sequence(self, encoder_sequence: Tensor | None) -> None:
        if (encoder_sequence is None) != (self._cross_attention_layer is None):
            raise ValueError(
                "`encoder_sequence` must be given in every call of a block or in "
                "none, since its first call creates the weights. Received: "
                f"encoder_sequence={encoder_sequence}"
            )

    def compute_output_shape(
        self,
        decoder_sequence_shape: Shape,
        encoder_sequence_shape: Shape | None = None,
    ) -> Shape:
        """Returns the shape of the decoder's sequence."""
        return decoder_sequence_shape

    def compute_output_spec(
        self,
        decoder_sequence: Tensor,
        *args: Any,
        self_attention_cache: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        """Returns shape and dtype of the outputs, and of a cache."""
        y = keras.KerasTensor(decoder_sequence.shape, dtype=self.compute_dtype)
        if self_attention_cache is None:
            return y
        shape = self_attention_cache.shape
        return y, keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "sliding_window": self.sliding_window,
            "rope_max_wavelength": self.rope_max_wavelength,
        }
