"""Attention, positional encodings and transformer blocks."""

from custom_layers.layers.attention.attention_decoder import AttentionDecoder
from custom_layers.layers.attention.decoder import TransformerDecoder
from custom_layers.layers.attention.encoder import TransformerEncoder
from custom_layers.layers.attention.luong import Attention
from custom_layers.layers.attention.multi_head import MultiHeadAttention
from custom_layers.layers.attention.positional import (
    PositionEmbedding,
    SinePositionEncoding,
)
from custom_layers.layers.attention.rotary import RotaryEmbedding
from custom_layers.layers.attention.scaled_dot_product import (
    scaled_dot_product_attention,
)
from custom_layers.layers.attention.token_and_position import (
    TokenAndPositionEmbedding,
)

__all__ = [
    "Attention",
    "AttentionDecoder",
    "MultiHeadAttention",
    "PositionEmbedding",
    "RotaryEmbedding",
    "SinePositionEncoding",
    "TokenAndPositionEmbedding",
    "TransformerDecoder",
    "TransformerEncoder",
    "scaled_dot_product_attention",
]
