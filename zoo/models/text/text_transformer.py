"""Transformer encoder for sentences (Vaswani et al., 2017).

Train with `zoo train text_transformer`.
"""

import keras

from custom_layers import (
    Dense,
    Dropout,
    GlobalAveragePooling1D,
    TokenAndPositionEmbedding,
    TransformerEncoder,
)
from zoo.registry import Recipe, register

PAPER = "Vaswani et al., 2017, Attention is all you need"

TOY = Recipe(dataset="toy_polarity", encoding={"length": 16}, epochs=15)
POLARITY = Recipe(
    dataset="sentence_polarity",
    # Rare words are left out, so that the embedding of unknown ones is trained.
    encoding={"vocabulary_size": 8_000, "length": 56},
    optimizer=("Adam", {"learning_rate": 1e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=50,
    epochs=6,
    warmup_epochs=0.5,
)


@register(
    "text_transformer",
    recipe=TOY,
    also={"regression": TOY},
    input="tokens",
    paper=PAPER,
)
@register(
    "text_transformer.sentence_polarity",
    recipe=POLARITY,
    input="tokens",
    paper=PAPER,
    vocabulary_size=8_000,
    embedding_dropout=0.5,
    word_dropout=0.3,
    dropout=0.5,
)
def text_transformer(
    vocabulary_size: int = 20_000,
    num_classes: int = 2,
    *,
    embedding_size: int = 128,
    units: int = 128,
    depth: int = 1,
    heads: int = 4,
    embedding_dropout: float = 0.1,
    word_dropout: float = 0.0,
    dropout: float = 0.1,
) -> keras.Model:
    r"""Transformer encoder with average pooling: token ids to logits.

    .. math::

        h^0_t = \sqrt{n} e(x_t) + p_t, \quad h^{l + 1} = \mathrm{block}(h^l), \quad
        \text{logits} = V \frac{1}{T} \sum_t h^L_t + c

    for `n` features, sinusoidal positions `p` and `T` words; padding has no part in it.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        num_classes: Number of logits.
        embedding_size: Number of features.
        units: Hidden size of the feed-forward networks.
        depth: Number of blocks.
        heads: Number of attention heads.
        embedding_dropout: Fraction of the embeddings to drop during training.
        word_dropout: Fraction of the words to drop during training, all features of
            each.
        dropout: Dropout rate of the attention weights, the sublayers' outputs and the
            average.
    """
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = TokenAndPositionEmbedding(vocabulary_size, embedding_size, mask_zero=True)(
        tokens
    )
    if word_dropout:
        x = Dropout(word_dropout, noise_shape=(None, None, 1))(x)
    x = Dropout(embedding_dropout)(x)
    for _ in range(depth):
        x = TransformerEncoder(units, heads, dropout=dropout)(x)
    x = Dropout(dropout)(GlobalAveragePooling1D()(x))
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))
