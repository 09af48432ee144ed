"""Rows of attention, positions and transformer blocks."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import attention
from ..table import PENALTIES, FunctionRow, LayerRow

_RNG = np.random.default_rng(29)


def _masks(name, *shape, **more):
    """A mask of any batch size that hides some keys, and never the first one."""

    def of(batch):
        mask = np.random.default_rng(31).random((batch, *shape)) > 0.4
        mask[..., 0] = True
        return {name: mask, **more}

    return of


def _small_weights(shapes, rng):
    """So that half precision errs less than the checks allow."""
    return [rng.normal(size=shape) * 0.4 for shape in shapes]


def _ids(rng, shape):
    return rng.integers(0, 7, shape)


def _cache(batch):
    """Keys and values of five steps, where the next step is another in each sample."""
    rng = np.random.default_rng(32)
    return {
        "self_attention_cache": rng.normal(size=(batch, 2, 5, 2, 3)),
        "self_attention_cache_update_index": 2 + np.arange(batch) % 5,
    }


_ATTENTION = partial(LayerRow, cl.Attention, keras.layers.Attention, listed=True)
_MULTI_HEAD = partial(
    LayerRow,
    cl.MultiHeadAttention,
    keras.layers.MultiHeadAttention,
    weights=_small_weights,
)
_CROSS = [(2, 5, 8), (2, 4, 6)]
_SELF = [(2, 5, 8), (2, 5, 8)]
_SMALL = {"num_heads": 2, "key_dim": 3}
_ENCODER = partial(LayerRow, cl.TransformerEncoder, None, weights=_small_weights)
_DECODER = partial(LayerRow, cl.TransformerDecoder, None, weights=_small_weights)
_BLOCK = {"intermediate_dim": 7, "num_heads": 2}


_TOKENS = partial(LayerRow, cl.TokenAndPositionEmbedding, None, shape=(2, 5), draw=_ids)
_VOCABULARY = {"vocabulary_size": 7, "embedding_dim": 4}


def _scaled(query, value, key, scale):
    return attention.luong(query, value, key, scale)


def _causal(query, value, use_causal_mask):
    return attention.luong(query, value, causal=use_causal_mask)


def _without_bias(query, value, *kernels):
    pairs = [(kernel, np.zeros(kernel.shape[1:])) for kernel in kernels[:3]]
    pairs.append((kernels[3], np.zeros(kernels[3].shape[2:])))
    return attention.multi_head(query, value, *(w for pair in pairs for w in pair))


def _with_key(query, value, key, *weights):
    return attention.multi_head(query, value, *weights, key=key, gate=True)


LAYERS = [
    _ATTENTION(attention.luong, shape=[(2, 5, 4), (2, 3, 4)]),
    _ATTENTION(_scaled, {"use_scale": True}, shape=[(2, 5, 4), (2, 3, 6), (2, 3, 4)]),
    _ATTENTION(
        _causal,
        {"dropout": 0.3, "seed": 1},
        shape=[(2, 5, 4), (2, 3, 4)],
        call={"use_causal_mask": True},
        random=True,
    ),
    _ATTENTION(
        attention.additive,
        {"use_scale": True, "score_mode": "concat"},
        shape=[(2, 5, 4), (2, 3, 4)],
    ),
    _MULTI_HEAD(attention.multi_head, _SMALL, shape=_CROSS),
    _MULTI_HEAD(
        attention.multi_head,
        _SMALL,
        shape=_SELF,
        call={"use_causal_mask": True},
    ),
    _MULTI_HEAD(
        attention.multi_head,
        _SMALL | {"value_dim": 5, "dropout": 0.3, "seed": 1},
        shape=_CROSS,
        call=_masks("value_mask", 4, use_causal_mask=True),
        random=True,
    ),
    _MULTI_HEAD(
        _with_key,
        _SMALL | {"use_gate": True},
        shape=[(2, 5, 8), (2, 4, 6), (2, 4, 7)],
    ),
    _MULTI_HEAD(
        _without_bias,
        _SMALL | {"use_bias": False, "output_shape": (3, 2)},
        shape=_CROSS,
    ),
    _MULTI_HEAD(
        attention.multi_head,
        _SMALL,
        shape=_SELF,
        call=_masks("attention_mask", 5, 5, return_attention_scores=True),
    ),
    _MULTI_HEAD(
        partial(attention.multi_head, window=2),
        _SMALL | {"sliding_window": 2, "kernel_initializer": "he_normal"} | PENALTIES,
        shape=_SELF,
    ),
    _MULTI_HEAD(
        attention.over_two_axes,
        _SMALL | {"attention_axes": (1, 2)},
        shape=[(2, 2, 3, 8), (2, 3, 1, 8)],
    ),
    _MULTI_HEAD(
        attention.over_rows,
        _SMALL | {"attention_axes": -2},
        shape=[(2, 3, 4, 8), (2, 3, 2, 8)],
    ),
    LayerRow(cl.SinePositionEncoding, None, attention.waves, shape=(2, 6, 5)),
    LayerRow(
        cl.SinePositionEncoding,
        None,
        partial(attention.waves, longest=50),
        {"max_wavelength": 50},
        shape=(2, 3, 4),
        call={"start_index": 7},
    ),
    LayerRow(
        cl.PositionEmbedding,
        None,
        attention.positions,
        {"sequence_length": 6},
        shape=(2, 4, 3),
    ),
    LayerRow(
        cl.PositionEmbedding,
        None,
        attention.positions,
        {"sequence_length": 9, "initializer": "he_normal"},
        shape=(2, 4, 3),
        call={"start_index": 5},
    ),
    LayerRow(cl.RotaryEmbedding, None, attention.rotary, shape=(2, 3, 6)),
    LayerRow(
        cl.RotaryEmbedding,
        None,
        partial(attention.rotary, longest=50),
        {"max_wavelength": 50},
        shape=(2, 3, 2, 4),
        call={"start_index": 7},
    ),
    _TOKENS(attention.tokens_and_positions, _VOCABULARY | {"sequence_length": 6}),
    _TOKENS(attention.tokens_and_positions, _VOCABULARY),
    _ENCODER(attention.encoder, _BLOCK, shape=(2, 4, 6)),
    _ENCODER(
        partial(attention.encoder, first=True, activation=np.tanh),
        _BLOCK | {"normalize_first": True, "activation": "tanh"},
        shape=(2, 4, 6),
        call=_masks("padding_mask", 4),
    ),
    _ENCODER(
        attention.encoder,
        _BLOCK | {"dropout": 0.2},
        shape=(2, 4, 6),
        call=_masks("attention_mask", 4, 4),
        random=True,
    ),
    _DECODER(attention.decoder, _BLOCK, shape=[(2, 4, 6), (2, 3, 5)]),
    _DECODER(
        partial(attention.decoder, first=True),
        _BLOCK | {"normalize_first": True},
        shape=[(2, 4, 6), (2, 3, 5)],
        call=_masks("encoder_padding_mask", 3, use_causal_mask=False),
    ),
    _DECODER(
        attention.language_decoder,
        _BLOCK | {"dropout": 0.2},
        shape=(2, 4, 6),
        call=_masks("decoder_padding_mask", 4),
        random=True,
    ),
    _DECODER(
        partial(attention.language_decoder, window=2, longest=20),
        _BLOCK | {"sliding_window": 2, "rope_max_wavelength": 20, "num_heads": 1},
        shape=(2, 4, 6),
    ),
    _DECODER(attention.next_step, _BLOCK, shape=(2, 1, 6), call=_cache),
    LayerRow(
        cl.AttentionDecoder,
        None,
        partial(attention.attention_decoder, length=3),
        {"vocabulary_size": 6, "length": 3, "embedding_dim": 4, "units": 5},
        shape=(2, 7, 3),
    ),
]

_SCALED = partial(
    FunctionRow, cl.scaled_dot_product_attention, None, attention.scaled_dot_product
)
_QUERY, _KEY, _VALUE = (
    _RNG.normal(size=shape) for shape in ((2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 2))
)

FUNCTIONS = [
    _SCALED(arguments=(_QUERY, _KEY, _VALUE)),
    _SCALED({"is_causal": True, "scale": 0.7}, arguments=(_QUERY, _KEY, _VALUE)),
    _SCALED(
        {"is_causal": True},
        arguments=(_QUERY, _KEY, _VALUE, _masks("mask", 1, 1, 6)(2)["mask"]),
    ),
]
