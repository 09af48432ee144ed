"""Rows of the embedding."""

from functools import partial

import keras

import custom_layers as cl

from ..oracles import embedding as oracle
from ..table import LayerRow


def _words(rng, shape):
    return rng.integers(0, 6, size=shape).astype("int32")


_EMBEDDING = partial(
    LayerRow,
    cl.Embedding,
    keras.layers.Embedding,
    oracle.embedding,
    draw=_words,
    out_of_scope=frozenset({"lora_rank", "lora_alpha", "quantization_config"}),
)

LAYERS = [
    _EMBEDDING({"input_dim": 6, "output_dim": 4}, shape=(3, 5)),
    _EMBEDDING({"input_dim": 6, "output_dim": 4, "mask_zero": True}, shape=(3, 5)),
    _EMBEDDING(
        {
            "input_dim": 6,
            "output_dim": 3,
            "embeddings_initializer": "he_normal",
            "embeddings_regularizer": "l2",
            "embeddings_constraint": "max_norm",
            "activity_regularizer": "l2",
        },
        shape=(3, 2, 5),
    ),
]
