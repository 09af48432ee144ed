"""Analogy questions: which word is to `c` as `b` is to `a`?"""

from itertools import permutations
from pathlib import Path

import numpy as np

from zoo.datasets.vocabulary import SPECIAL, Vocabulary
from zoo.errors import DatasetError

_TOGETHER = 1_000  # questions, whose similarities to all words are computed at once
Question = tuple[str, str, str, str]


def read_questions(path: Path) -> list[Question]:
    """Reads a file of analogy questions, as that of word2vec.

    A line has four words; those that begin with `:` name a section.

    Raises:
        DatasetError: If a line is not so.
    """
    questions = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(":"):
            continue
        if len(words) != 4:
            raise DatasetError(
                f"{path}, line {number}: four words are expected. Received: "
                f"{line[:60]!r}"
            )
        questions.append(tuple(words))
    return questions


def questions_of_forms(path: Path) -> list[Question]:
    """Makes questions of all two pairs of a section: `dog dogs cat cats`.

    Args:
        path: A file of lines of two words, sections of which begin with `:`.
    """
    sections: list[list[list[str]]] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(":"):
            sections.append([])
        elif line:
            sections[-1].append(line.split())
    return [(*one, *other) for each in sections for one, other in permutations(each, 2)]


def score_questions(
    vectors: np.ndarray, vocabulary: Vocabulary, questions: list[Question]
) -> tuple[float | None, float]:
    r"""Returns the share of right answers, and the share of unknown questions.

    The answer is the word, none of the three, nearest to :math:`b - a + c`:

    .. math::

        \arg\max_w \cos(v_w, u_b - u_a + u_c), \qquad u = v / \lVert v \rVert

    Questions with a word that is not in the vocabulary are left out.

    Args:
        vectors: A vector for each token of the vocabulary.
        vocabulary: Words, in lower case.
        questions: Words `a`, `b`, `c`, and the answer.

    Example:

    >>> vocabulary = Vocabulary(("", "[UNK]", "dog", "dogs", "cat", "cats"))
    >>> vectors = np.array([[0, 0], [0, 0], [3, 1], [3, 2], [1, 3], [1, 4]])
    >>> questions = [("dog", "dogs", "cat", "cats"), ("dog", "dogs", "cow", "cows")]
    >>> score_questions(vectors, vocabulary, questions)
    (1.0, 0.5)

    Reference:
        Mikolov, Yih and Zweig, 2013, Linguistic regularities in continuous space word
        representations.
    """
    words = [[word.lower() for word in question] for question in questions]
    ids = vocabulary.encode([word for question in words for word in question])
    ids = ids.reshape(-1, 4)
    known = ids[(ids >= SPECIAL).all(axis=1)]
    missing = 1.0 - len(known) / max(1, len(ids))
    if not len(known):
        return None, missing
    length = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    unit = (vectors / length).astype("float32")
    right = 0
    for start in range(0, len(known), _TOGETHER):
        some = known[start : start + _TOGETHER]
        a, b, c = (unit[some[:, k]] for k in range(3))
        similarities = (b - a + c) @ unit.T
        similarities[:, :SPECIAL] = -np.inf
        np.put_along_axis(similarities, some[:, :3], -np.inf, axis=1)
        right += int((similarities.argmax(axis=1) == some[:, 3]).sum())
    return right / len(known), missing
