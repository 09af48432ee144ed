"""Encoder-decoder models that translate: a GRU with attention, and a transformer.

Train with `zoo train translator`, then translate with `zoo translate RUN TEXT`.

One row of token ids goes in: the source, and behind it the translation without its last
token, which the decoder is trained to continue (teacher forcing).
"""

import keras
from keras import ops

from custom_layers import (
    GRU,
    Attention,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    TokenAndPositionEmbedding,
    TransformerDecoder,
    TransformerEncoder,
)
from zoo.registry import Recipe, register

GRU_PAPER = (
    "Luong, Pham and Manning, 2015, Effective approaches to attention-based neural "
    "machine translation"
)
TRANSFORMER_PAPER = "Vaswani et al., 2017, Attention is all you need"

DATES = Recipe(
    dataset="dates",
    encoding={"units": "characters"},
    optimizer=("Adam", {"learning_rate": 2e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=12,
)
DATES_BY_ATTENTION = Recipe(
    dataset="dates",
    encoding={"units": "characters"},
    optimizer=("Adam", {"learning_rate": 1e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=12,
    warmup_epochs=0.5,
)


@register(
    "translator",
    recipe=DATES,
    task="translation",
    input="tokens",
    paper=GRU_PAPER,
)
@register(
    "translator.dates",
    recipe=DATES,
    task="translation",
    input="tokens",
    paper=GRU_PAPER,
    vocabulary_size=52,
    source_length=27,
    target_length=11,
)
def translator(
    vocabulary_size: int = 1_000,
    source_length: int = 40,
    target_length: int = 40,
    *,
    embedding_size: int = 64,
    units: int = 128,
    dropout: float = 0.1,
) -> keras.Model:
    r"""GRU encoder and decoder with attention: token ids to logits of the translation.

    .. math::

        a_t = \mathrm{softmax}_s(h_t \cdot \bar h_s), \quad
        c_t = \sum_s a_{ts} \bar h_s, \quad
        \text{logits}_t = V \tanh(W [c_t; h_t])

    with the states `h` of the decoder and those of the bidirectional encoder.

    Args:
        vocabulary_size: Vocabulary size of source and target together, including
            padding, unknown tokens, start and end.
        source_length: Tokens of a source.
        target_length: Tokens of a translation, including its end.
        embedding_size: Dimension of the embeddings.
        units: Dimension of the decoder's state, an even number.
        dropout: Fraction of the embeddings and the attentional states to drop during
            training.
    """
    tokens = keras.Input((source_length + target_length,), dtype="int32", name="tokens")
    encoded = _recurrent_encoder(vocabulary_size, embedding_size, units, dropout)(
        tokens[:, :source_length]
    )
    x = Embedding(vocabulary_size, embedding_size, name="target_embedding")(
        tokens[:, source_length:]
    )
    x = Dropout(dropout)(x)
    x = GRU(units, return_sequences=True, name="decoder")(
        x, initial_state=encoded["state_0"]
    )
    context = Attention(name="attention")(
        [x, encoded["encoded"]], mask=[None, encoded["mask"]]
    )
    x = Dense(units, "tanh", name="attentional")(ops.concatenate([context, x], axis=-1))
    x = Dropout(dropout)(x)
    return keras.Model(tokens, Dense(vocabulary_size, name="logits")(x))


def _recurrent_encoder(
    vocabulary_size: int, embedding_size: int, units: int, dropout: float
) -> keras.Model:
    source = keras.Input((None,), dtype="int32", name="source")
    mask = ops.not_equal(source, 0)
    x = Dropout(dropout)(Embedding(vocabulary_size, embedding_size)(source))
    gru = GRU(units // 2, return_sequences=True, return_state=True)
    x, forward, backward = Bidirectional(gru)(x, mask=mask)
    state = Dense(units, "tanh")(ops.concatenate([forward, backward], axis=-1))
    outputs = {"encoded": x, "mask": mask, "state_0": state}
    return keras.Model(source, outputs, name="encoder")


@register(
    "transformer_translator",
    recipe=DATES_BY_ATTENTION,
    task="translation",
    input="tokens",
    paper=TRANSFORMER_PAPER,
)
def transformer_translator(
    vocabulary_size: int = 1_000,
    source_length: int = 40,
    target_length: int = 40,
    *,
    embedding_size: int = 64,
    depth: int = 2,
    heads: int = 4,
    dropout: float = 0.1,
) -> keras.Model:
    r"""Transformer encoder and decoder: token ids to logits of the translation.

    .. math::

        z^{l + 1} = \mathrm{encoder}_l(z^l), \quad
        h^{l + 1} = \mathrm{decoder}_l(h^l, z^L), \quad
        \text{logits}_t = V \, \mathrm{norm}(h^L_t)

    from embeddings and sinusoidal positions of the tokens.

    Args:
        vocabulary_size: Vocabulary size of source and target together, including
            padding, unknown tokens, start and end.
        source_length: Tokens of a source.
        target_length: Tokens of a translation, including its end.
        embedding_size: Number of features.
        depth: Number of blocks of the encoder, and of the decoder.
        heads: Number of attention heads.
        dropout: Dropout rate of the embeddings, the attention weights and the
            sublayers' outputs.
    """
    tokens = keras.Input((source_length + target_length,), dtype="int32", name="tokens")
    block = {
        "intermediate_dim": 4 * embedding_size,
        "num_heads": heads,
        "dropout": dropout,
        "normalize_first": True,
    }
    encoded = _encoder(vocabulary_size, embedding_size, depth, block)(
        tokens[:, :source_length]
    )
    x = TokenAndPositionEmbedding(
        vocabulary_size, embedding_size, name="target_embedding"
    )(tokens[:, source_length:])
    x = Dropout(dropout)(x)
    for _ in range(depth):
        x = TransformerDecoder(**block)(
            x, encoded["encoded"], encoder_padding_mask=encoded["mask"]
        )
    x = LayerNormalization(name="decoder_norm")(x)
    return keras.Model(tokens, Dense(vocabulary_size, name="logits")(x))


def _encoder(
    vocabulary_size: int, embedding_size: int, depth: int, block: dict
) -> keras.Model:
    source = keras.Input((None,), dtype="int32", name="source")
    mask = ops.not_equal(source, 0)
    x = TokenAndPositionEmbedding(vocabulary_size, embedding_size)(source)
    x = Dropout(block["dropout"])(x)
    for _ in range(depth):
        x = TransformerEncoder(**block)(x, padding_mask=mask)
    x = LayerNormalization()(x)
    return keras.Model(source, {"encoded": x, "mask": mask}, name="encoder")
