"""Convolutional network for sentences (Kim, 2014), without pretrained vectors.

Train with `zoo train text_cnn`.
"""

import keras
from keras import ops

from custom_layers import Conv1D, Dense, Dropout, Embedding, GlobalMaxPooling1D
from zoo.registry import Recipe, register

PAPER = "Kim, 2014, Convolutional neural networks for sentence classification"

TOY = Recipe(
    dataset="toy_polarity", encoding={"length": 16, "longest": 1_000}, epochs=5
)
POLARITY = Recipe(
    dataset="sentence_polarity",
    # Rare words are left out, so that the embedding of unknown ones is trained.
    encoding={"vocabulary_size": 8_000, "length": 56},
    optimizer=("Adam", {"learning_rate": 1e-3}),
    monitor="val_loss",
    batch_size=50,
    epochs=3,
)


@register(
    "text_cnn",
    recipe=TOY,
    also={"regression": TOY, "multi_label": TOY},
    input="tokens",
    paper=PAPER,
)
@register(
    "text_cnn.sentence_polarity",
    reported="76.1 % without pretrained vectors (Kim, 2014)",
    recipe=POLARITY,
    input="tokens",
    paper=PAPER,
    vocabulary_size=8_000,
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
    r"""Convolutions over word embeddings, max-pooled over time: token ids to logits.

    .. math::

        f_{k, i} = \mathrm{relu}(W_k \cdot e_{i:i+n} + b_k), \quad
        h_k = \max_i f_{k, i}, \quad \text{logits} = V h + c

    with the embeddings :math:`e` of the words in each window of :math:`n`.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        num_classes: Number of logits.
        embedding_size: Dimension of the word embeddings.
        filters: Number of filters of each kernel size.
        kernel_sizes: Window lengths of the convolutions, in words.
        dropout: Fraction of the pooled features to drop during training.
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
