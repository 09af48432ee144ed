"""Map of the embedding space."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from custom_layers import Embedding
from zoo.reports.labels import token_label
from zoo.reports.subject import Subject
from zoo.reports.word_map import draw_map

TITLE = "Embeddings of the most frequent tokens"
READING = (
    "Each token stands where its embedding lies on the two directions in which "
    "embeddings vary most: tokens that the model uses alike lie together; a dot is a "
    "token whose name would cover another one."
)
ORDER = 100
SHOWN = 120
_SPECIAL = 2  # padding and the unknown token


def draw(subject: Subject) -> Figure | None:
    """Draws the first embedding of the model, projected on a plane by PCA."""
    tables = [
        np.asarray(layer.embeddings)
        for layer in subject.model.layers
        if isinstance(layer, Embedding)
    ]
    if not tables or subject.data.vocabulary is None:
        return None
    vocabulary = subject.data.vocabulary
    is_of_characters = subject.is_of_characters
    chosen = shown(vocabulary.tokens, is_of_characters=is_of_characters)
    if len(chosen) < 3:
        return None
    names = [token_label(vocabulary.tokens[i]) for i in chosen]
    return draw_map(TITLE, subject.title, names, tables[0][chosen])


def shown(tokens: Sequence[str], *, is_of_characters: bool) -> list[int]:
    """Returns the ids of the most frequent tokens, without padding and unknown ones.

    Of words, those with a letter or a digit; the suffixes that stand for unknown words
    are none.

    Example:

    >>> shown(["", "[UNK]", ",", "##aing", "film"], is_of_characters=False)
    [4]
    >>> shown(["", "[UNK]", ",", "e"], is_of_characters=True)
    [2, 3]
    """
    ids = [
        i
        for i, token in enumerate(tokens)
        if i >= _SPECIAL and (is_of_characters or _is_word(token))
    ]
    return ids[:SHOWN]


def _is_word(token: str) -> bool:
    return any(map(str.isalnum, token)) and not token.startswith("##")
