"""Recurrent networks for sentences (Graves and Schmidhuber, 2005).

Train with `zoo train text_bilstm`.
"""

import keras

from custom_layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
    SimpleRNN,
    SpatialDropout1D,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Graves and Schmidhuber, 2005, Framewise phoneme classification with bidirectional "
    "LSTM networks"
)

TOY = Recipe(dataset="toy_polarity", encoding={"length": 16}, epochs=15)
POLARITY = Recipe(
    dataset="sentence_polarity",
    # Rare words are left out, so that the embedding of unknown ones is trained.
    encoding={"vocabulary_size": 8_000, "length": 56},
    optimizer=("Adam", {"learning_rate": 2e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=50,
    epochs=4,
)
ON_TOY = {"recipe": TOY, "also": {"regression": TOY}, "input": "tokens", "paper": PAPER}
ON_POLARITY = {
    "recipe": POLARITY,
    "input": "tokens",
    "paper": PAPER,
    "vocabulary_size": 8_000,
    "units": 100,
    "embedding_dropout": 0.5,
    "word_dropout": 0.3,
}
_CELLS = {"simple": SimpleRNN, "lstm": LSTM, "gru": GRU}


@register("text_rnn", **ON_TOY)
@register("text_rnn.sentence_polarity", **ON_POLARITY)
@register("text_lstm", cell="lstm", **ON_TOY)
@register("text_lstm.sentence_polarity", cell="lstm", **ON_POLARITY)
@register("text_gru", cell="gru", **ON_TOY)
@register("text_gru.sentence_polarity", cell="gru", **ON_POLARITY)
@register("text_bilstm", cell="lstm", bidirectional=True, **ON_TOY)
@register(
    "text_bilstm.sentence_polarity", cell="lstm", bidirectional=True, **ON_POLARITY
)
def text_rnn(
    vocabulary_size: int = 20_000,
    num_classes: int = 2,
    *,
    cell: str = "simple",
    embedding_size: int = 128,
    units: int = 64,
    bidirectional: bool = False,
    embedding_dropout: float = 0.3,
    word_dropout: float = 0.0,
    dropout: float = 0.5,
) -> keras.Model:
    r"""Recurrent network with max pooling over time: token ids to logits.

    .. math::

        s_t = \mathrm{cell}(e(x_t), s_{t-1}), \quad h_k = \max_t s_{t, k}, \quad
        \text{logits} = V h + c

    Max pooling over all states, unlike the last state alone, keeps what stands early
    in a sentence.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        num_classes: Number of logits.
        cell: `simple`, `lstm` or `gru`.
        embedding_size: Dimension of the word embeddings.
        units: Dimension of the state.
        bidirectional: Whether a second network reads from the end.
        embedding_dropout: Fraction of the embedding dimensions to drop during training,
            the same ones for all words of a sentence.
        word_dropout: Fraction of the words to drop during training, all dimensions of
            each.
        dropout: Fraction of `h` to drop during training.

    Raises:
        ArgumentError: If there is no such cell.
    """
    if cell not in _CELLS:
        raise ArgumentError(
            f"`cell` must be one of {', '.join(_CELLS)}. Received: {cell!r}"
        )
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = Embedding(vocabulary_size, embedding_size, name="embedding")(tokens)
    if word_dropout:
        x = Dropout(word_dropout, noise_shape=(None, None, 1))(x)
    x = SpatialDropout1D(embedding_dropout)(x)
    layer = _CELLS[cell](units, return_sequences=True)
    x = (Bidirectional(layer) if bidirectional else layer)(x)
    x = Dropout(dropout)(GlobalMaxPooling1D()(x))
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))
