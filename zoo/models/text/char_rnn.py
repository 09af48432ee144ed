"""Language model of characters (Graves, 2013), with LSTM or GRU.

Train with `zoo train char_rnn`, then generate text with `zoo generate RUN`.
"""

from typing import Any

import keras

from custom_layers import GRU, LSTM, Dense, Dropout, Embedding
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = "Graves, 2013, Generating sequences with recurrent neural networks"

SHARED: dict[str, Any] = {
    "task": "language_modelling",
    "input": "tokens",
    "paper": PAPER,
}
_CELLS = {"lstm": LSTM, "gru": GRU}

TOPICS = Recipe(
    dataset="python_topics",
    encoding={"length": 100},
    optimizer=("Adam", {"learning_rate": 4e-3}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=3,
)
SHAKESPEARE = Recipe(
    dataset="tiny_shakespeare",
    encoding={"length": 100},
    optimizer=("Adam", {"learning_rate": 4e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=12,
)


@register("char_rnn", recipe=TOPICS, **SHARED)
@register("char_rnn.tiny_shakespeare", recipe=SHAKESPEARE, vocabulary_size=67, **SHARED)
@register("char_gru", recipe=TOPICS, cell="gru", **SHARED)
@register(
    "char_gru.tiny_shakespeare",
    recipe=SHAKESPEARE,
    vocabulary_size=67,
    cell="gru",
    **SHARED,
)
def char_rnn(
    vocabulary_size: int = 100,
    *,
    cell: str = "lstm",
    embedding_size: int = 64,
    units: tuple[int, ...] = (256,),
    dropout: float = 0.1,
) -> keras.Model:
    r"""Character-level language model: token ids to logits of the next character.

    .. math::

        h_t = \mathrm{cell}(e(x_t), h_{t-1}), \quad \text{logits}_t = W h_t + b

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown characters.
        cell: `lstm` or `gru`.
        embedding_size: Dimension of the character embeddings.
        units: Of each recurrent layer.
        dropout: Fraction of the states to drop during training.
    """
    if cell not in _CELLS:
        raise ArgumentError(
            f"`cell` must be one of {', '.join(_CELLS)}. Received: {cell!r}"
        )
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = Embedding(vocabulary_size, embedding_size)(tokens)
    for width in units:
        x = _CELLS[cell](width, return_sequences=True)(x)
        x = Dropout(dropout)(x)
    return keras.Model(tokens, Dense(vocabulary_size, name="logits")(x))
