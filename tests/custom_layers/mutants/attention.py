"""Broken layers: attention, positions and transformer blocks."""

from keras import ops

import custom_layers as cl

from .. import rows
from ..checks import functions, layers
from .listing import mutant, row_of


def _row_called_with(component, name):
    """The first row of a component whose call takes this argument."""
    return next(
        row
        for row in rows.LAYERS
        if row.component is component and name in row.call_arguments()
    )


CAUSAL = _row_called_with(cl.MultiHeadAttention, "use_causal_mask")
MASKED = _row_called_with(cl.MultiHeadAttention, "attention_mask")
GATED = row_of(cl.MultiHeadAttention, use_gate=True)
PENALIZED = row_of(cl.MultiHeadAttention, kernel_regularizer="l2")


@mutant(layers.check_oracle, CAUSAL)
@mutant(layers.check_namesake, CAUSAL)
class SeesTheFuture(cl.MultiHeadAttention):
    def _compute_causal_mask(self, query, value):
        return ops.ones_like(super()._compute_causal_mask(query, value))


@mutant(layers.check_oracle, CAUSAL)
class SeesNotItself(cl.MultiHeadAttention):
    def _compute_causal_mask(self, query, value):
        mask = super()._compute_causal_mask(query, value)
        return ops.concatenate([mask[:, :1], mask[:, :-1]], axis=1)


@mutant(layers.check_oracle, MASKED)
class InvertsTheMask(cl.MultiHeadAttention):
    def _compute_attention_mask(self, query, value, **masks):
        return ops.logical_not(super()._compute_attention_mask(query, value, **masks))


@mutant(layers.check_oracle, row_of(cl.MultiHeadAttention))
class ScalesByTheWholeSize(cl.MultiHeadAttention):
    def _compute_attention(self, query, key, value, *args, **kwargs):
        query = query / self.num_heads**0.5
        return super()._compute_attention(query, key, value, *args, **kwargs)


@mutant(layers.check_oracle, row_of(cl.MultiHeadAttention))
class SwapsKeysAndValues(cl.MultiHeadAttention):
    def _compute_attention(self, query, key, value, *args, **kwargs):
        return super()._compute_attention(query, value, key, *args, **kwargs)


@mutant(
    layers.check_gradient, row_of(cl.MultiHeadAttention), "weight without a gradient"
)
@mutant(layers.check_namesake_gradient, row_of(cl.MultiHeadAttention), "gradient")
class LearnsNoQueries(cl.MultiHeadAttention):
    def _compute_attention(self, query, *args, **kwargs):
        query = ops.stop_gradient(query)
        return super()._compute_attention(query, *args, **kwargs)


@mutant(layers.check_oracle, GATED)
class LeavesTheGateOpen(cl.MultiHeadAttention):
    def build(self, query_shape, value_shape, key_shape=None):
        super().build(query_shape, value_shape, key_shape)
        self._gate_dense.activation = ops.ones_like


@mutant(layers.check_namesake, PENALIZED, "losses")
class ForgetsThePenaltyOfTheMaps(cl.MultiHeadAttention):
    def __init__(self, *args, activity_regularizer=None, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(layers.check_oracle, PENALIZED)
class LooksThroughAWiderWindow(cl.MultiHeadAttention):
    def __init__(self, *args, sliding_window=None, **kwargs):
        super().__init__(*args, sliding_window=sliding_window + 1, **kwargs)


@mutant(layers.check_oracle, row_of(cl.Attention, use_scale=True))
class ForgetsTheScale(cl.Attention):
    def call(self, inputs, *args, **kwargs):
        self.scale.assign(1.0)
        return super().call(inputs, *args, **kwargs)


@mutant(layers.check_oracle, row_of(cl.Attention, score_mode="concat"))
class MultipliesInsteadOfAdding(cl.Attention):
    def __init__(self, score_mode, **kwargs):
        super().__init__(**kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        self.concat_score_weight = self.add_weight((), name="concat_score_weight")


@mutant(layers.check_oracle, row_of(cl.SinePositionEncoding))
class CountsFromOne(cl.SinePositionEncoding):
    def call(self, inputs, start_index=0, positions=None):
        return super().call(inputs, start_index + 1, positions)


@mutant(layers.check_oracle, row_of(cl.PositionEmbedding, sequence_length=9))
class IgnoresTheStart(cl.PositionEmbedding):
    def call(self, inputs, start_index=0, positions=None):
        return super().call(inputs, 0, positions)


@mutant(layers.check_oracle, row_of(cl.TransformerEncoder, normalize_first=True))
class NormalizesLast(cl.TransformerEncoder):
    def __init__(self, *args, normalize_first=False, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(layers.check_oracle, row_of(cl.TransformerEncoder))
class ForgetsTheResidual(cl.TransformerEncoder):
    def _around(self, part, norm, dropout, x, training):
        return norm(part(x))


@mutant(layers.check_oracle, row_of(cl.TransformerDecoder))
class ReadsAhead(cl.TransformerDecoder):
    def call(self, decoder_sequence, encoder_sequence=None):
        return super().call(decoder_sequence, encoder_sequence, use_causal_mask=False)


@mutant(
    layers.check_oracle,
    _row_called_with(cl.TransformerDecoder, "encoder_padding_mask"),
)
class AttendsToPadding(cl.TransformerDecoder):
    def call(
        self,
        decoder_sequence,
        encoder_sequence=None,
        encoder_padding_mask=None,
        use_causal_mask=True,
    ):
        return super().call(
            decoder_sequence, encoder_sequence, use_causal_mask=use_causal_mask
        )


@mutant(
    functions.check_function_oracle,
    next(
        row
        for row in rows.FUNCTIONS
        if row.component is cl.scaled_dot_product_attention
    ),
)
def forgets_the_scale(query, key, value):
    return cl.scaled_dot_product_attention(query, key, value, scale=1.0)
