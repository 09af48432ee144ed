"""Convolutional network for sentences (Kim, 2014), without pretrained vectors.

Train with `zoo train text_cnn`.
"""

import keras
from keras import ops

from custom_layers import Conv1D, Dense, Dropout, Embedding, GlobalMaxPooling1D
from zoo.registry import Recipe, register

PAPER = "Kim, 2014, Convolutional neural networks for sentence classification"

TOY = Recipe(dataset="toy_polarity", encoding={"length": 16}, epochs=5)
POLARITY = Recipe(
    dataset="sentence_polarity",
    encoding={"vocabulary_size": 20_000, "length": 56},
    optimizer=("Adam", {"learning_rate": 1e-3}),
    batch_size=50,
    epochs=4,
)


@register("text_cnn", recipe=TOY, input="tokens", paper=PAPER)
@register(
    "text_cnn.sentence_polarity",
    reported="76.1 % without pretrained vectors (Kim, 2014)",
    recipe=POLARITY,
    input="tokens",
    paper=PAPER,
    vocabulary_size=17_210,
)
def text_cnn(
    vocabulary_size: int = 20_000,
    num_classes: int = 2,
    *,
    embedding_size: int = 128,
    filters: int = 100,
    kernel_sizes: tuple[int, ...] = (3, 4, 5),
    dropout: float = 0.5,
) -> keras.Model:
    """Looks for phrases anywhere in a sentence: numbers of words to logits.

    `f[k, i] = relu(W_k e[i:i+n] + b_k)`, `h_k = max_i f[k, i]`, `logits = V h + c`

    with the embeddings `e` of the words, for each window of `n` words.

    Args:
        vocabulary_size: Words that are told apart, with padding and unknown ones.
        num_classes: Number of logits.
        embedding_size: Numbers that stand for a word.
        filters: Phrases to look for, of each length.
        kernel_sizes: Lengths of the phrases in words.
        dropout: Share of the phrases that is dropped in training.
    """
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = Embedding(vocabulary_size, embedding_size, name="embedding")(tokens)
    found = [
        # Padded, so that a sentence may be shorter than a phrase.
        GlobalMaxPooling1D(name=f"longest_{size}")(
            Conv1D(filters, size, padding="same", activation="relu")(x)
        )
        for size in kernel_sizes
    ]
    x = Dropout(dropout)(ops.concatenate(found, axis=-1))
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))
