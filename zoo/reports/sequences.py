"""A sample sequence that a model reads step by step, and the axis of its steps."""

from typing import TYPE_CHECKING

import numpy as np

from zoo.reports.labels import token_label
from zoo.reports.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WORDS, _CHARACTERS = 16, 32  # that fit beside each other


def sample(subject: Subject) -> tuple[np.ndarray, list[str]]:
    """Returns the first test sample, and its tokens where it has any.

    A text is cut to what fits into a picture, without padding.

    Returns:
        A batch of one, and the tokens.
    """
    x = subject.data.test.x[:1]
    tokens = subject.tokens(0)
    if not tokens:
        return x, []
    tokens = tokens[: _CHARACTERS if subject.is_of_characters else _WORDS]
    return x[:, : len(tokens)], tokens


def mark_steps(axes: "Axes", tokens: list[str], *, vertical: bool = False) -> None:
    """Names the axis of the steps, and each step that is a token."""
    axis, name = (axes.yaxis, "y") if vertical else (axes.xaxis, "x")
    if not tokens:
        axis.set_label_text("step")
        return
    names = [token_label(token, 12) for token in tokens]
    is_long = max(map(len, names)) > 2
    axis.set_ticks(range(len(names)), names)
    axes.tick_params(name, rotation=90 if is_long and not vertical else 0, labelsize=9)
    axis.set_label_text("token")
