"""Sequence labelling with a bidirectional LSTM (Graves and Schmidhuber, 2005).

Train with `zoo train tagger`.
"""

import keras

from custom_layers import LSTM, Bidirectional, Dense, Dropout, Embedding
from zoo.registry import Recipe, register

PAPER = (
    "Graves and Schmidhuber, 2005, Framewise phoneme classification with bidirectional "
    "LSTM networks"
)

TOY = Recipe(dataset="toy_tags", encoding={"length": 12}, batch_size=32, epochs=8)
BROWN = Recipe(
    dataset="brown_tagged",
    encoding={"vocabulary_size": 30_000, "length": 40, "suffix": 3},
    optimizer=("Adam", {"learning_rate": 2e-3}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=4,
)


@register("tagger", recipe=TOY, task="tagging", input="tokens", paper=PAPER)
@register(
    "tagger.brown_tagged", recipe=BROWN, task="tagging", input="tokens", paper=PAPER
)
def tagger(
    vocabulary_size: int = 30_000,
    num_classes: int = 12,
    *,
    embedding_size: int = 128,
    units: int = 128,
    dropout: float = 0.3,
) -> keras.Model:
    r"""Bidirectional LSTM: token ids to logits of the tag of each token.

    .. math::

        \text{logits}_t = W [\overrightarrow{h}_t; \overleftarrow{h}_t] + b

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown tokens.
        num_classes: Number of tags.
        embedding_size: Dimension of the token embeddings.
        units: Of each LSTM.
        dropout: Fraction of embeddings and states to drop during training.
    """
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = Embedding(vocabulary_size, embedding_size, mask_zero=True)(tokens)
    x = Dropout(dropout)(x)
    x = Bidirectional(LSTM(units, return_sequences=True))(x)
    x = Dropout(dropout)(x)
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))
