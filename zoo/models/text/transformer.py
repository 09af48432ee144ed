"""Language model of characters by a decoder-only transformer (Radford et al., 2018).

Train with `zoo train transformer`, then generate text with `zoo generate RUN`.

The instances on tiny_shakespeare have the size and the training of nanoGPT's example
for a CPU: 4 layers, 128 wide, windows of 64 characters, 2,000 steps of 12 windows.
"""

from typing import Any

import keras

from custom_layers import (
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    TokenAndPositionEmbedding,
    TransformerDecoder,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Radford, Narasimhan, Salimans and Sutskever, 2018, Improving language "
    "understanding by generative pre-training"
)
ROTARY_PAPER = (
    "Su, Lu, Pan, Murtadha, Wen and Liu, 2021, RoFormer: enhanced transformer with "
    "rotary position embedding"
)

SHARED: dict[str, Any] = {"task": "language_modelling", "input": "tokens"}
_POSITIONS = ("learned", "rotary")

TOPICS = Recipe(
    dataset="python_topics",
    encoding={"length": 64},
    optimizer=("AdamW", {"learning_rate": 2e-3, "weight_decay": 0.1}),
    schedule=("CosineDecay", {"alpha": 0.1}),
    batch_size=12,
    epochs=3,
    warmup_epochs=0.1,
)
# The windows overlap, so that one epoch has as many steps as nanoGPT's example.
SHAKESPEARE = Recipe(
    dataset="tiny_shakespeare",
    encoding={"length": 64, "stride": 42},
    optimizer=(
        "AdamW",
        {
            "learning_rate": 1e-3,
            "weight_decay": 0.1,
            "beta_2": 0.99,
            "global_clipnorm": 1.0,
        },
    ),
    schedule=("CosineDecay", {"alpha": 0.1}),
    batch_size=12,
    epochs=1,
    warmup_epochs=0.05,
)
ON_SHAKESPEARE = {"recipe": SHAKESPEARE, "vocabulary_size": 67, **SHARED}


@register("transformer", recipe=TOPICS, paper=PAPER, **SHARED)
@register("transformer.tiny_shakespeare", paper=PAPER, **ON_SHAKESPEARE)
@register(
    "transformer_rotary",
    recipe=TOPICS,
    paper=ROTARY_PAPER,
    positions="rotary",
    **SHARED,
)
@register(
    "transformer_rotary.tiny_shakespeare",
    paper=ROTARY_PAPER,
    positions="rotary",
    **ON_SHAKESPEARE,
)
def transformer(
    vocabulary_size: int = 100,
    length: int = 64,
    *,
    positions: str = "learned",
    embedding_size: int = 128,
    depth: int = 4,
    heads: int = 4,
    dropout: float = 0.0,
) -> keras.Model:
    r"""Character-level transformer: token ids to logits of the next character.

    .. math::

        a &= x + \mathrm{attention}(\mathrm{norm}(x)) \\
        y &= a + W_2 \, \mathrm{gelu}(W_1 \, \mathrm{norm}(a))

    in each block, where attention reaches back to the characters before.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown characters.
        length: Context length, in characters.
        positions: `learned` embeddings of as many positions as the context has, or
            `rotary` ones; attention reaches back over the last `length` characters of
            a text of any length then.
        embedding_size: Number of features.
        depth: Number of blocks.
        heads: Number of attention heads.
        dropout: Dropout rate of the embeddings, the attention weights and the
            sublayers' outputs.
    """
    if positions not in _POSITIONS:
        raise ArgumentError(
            f"`positions` must be one of {', '.join(_POSITIONS)}. Received: "
            f"{positions!r}"
        )
    is_rotary = positions == "rotary"
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    if is_rotary:
        x = Embedding(vocabulary_size, embedding_size)(tokens)
    else:
        x = TokenAndPositionEmbedding(vocabulary_size, embedding_size, length)(tokens)
    x = Dropout(dropout)(x)
    for _ in range(depth):
        x = TransformerDecoder(
            4 * embedding_size,
            heads,
            dropout=dropout,
            activation="gelu",
            normalize_first=True,
            sliding_window=length if is_rotary else None,
            rope_max_wavelength=10_000 if is_rotary else None,
        )(x)
    x = LayerNormalization()(x)
    return keras.Model(tokens, Dense(vocabulary_size, name="logits")(x))
