"""Map of the embedding space."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from custom_layers import Embedding
from zoo.reports.drawing import name_components, new_figure, plane
from zoo.reports.labels import token_label
from zoo.reports.subject import Subject

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
    points, shares = plane(tables[0][chosen])
    figure = new_figure(TITLE, subject.title, 5.4)
    axes = figure.subplots()
    axes.scatter(*points.T, s=6, color="lightgrey")
    axes.margins(0.1)
    name_components(axes, shares)
    place_names(figure, points, [token_label(vocabulary.tokens[i]) for i in chosen])
    return figure


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


def place_names(figure: Figure, points: np.ndarray, names: list[str]) -> None:
    """Writes names at points, the first before the others, where none is covered.

    Args:
        figure: With axes in their final place.
        points: Of shape `(names, 2)`.
        names: The most important first.
    """
    axes = figure.axes[0]
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    taken = []
    for (x, y), name in zip(points, names, strict=True):
        text = axes.text(x, y, name, fontsize=9, ha="center", va="center")
        box = text.get_window_extent()
        if any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)
