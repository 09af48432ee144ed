"""Word vectors beside what people say: similarity of pairs, and analogy questions."""

import dataclasses
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from zoo.datasets.charset import read_lines
from zoo.errors import DatasetError
from zoo.word_vectors.vectors import WordVectors

FORMS = Path(__file__).with_name("word_forms.txt")
_BLOCK = 256  # questions at once, each with a cosine for every word
Question = tuple[str, str, str, str]
Line = tuple[int, str]


class Figure(NamedTuple):
    """What word vectors reach on an evaluation set.

    Args:
        value: The figure; None where too few of its words have a vector.
        missing: Share of its pairs or questions with a word that has none.
    """

    value: float | None
    missing: float


@dataclasses.dataclass(frozen=True)
class SimilaritySet:
    """Pairs of words, and how similar people find them.

    Args:
        pairs: The words.
        scores: One for each pair, the higher the more similar.
    """

    pairs: tuple[tuple[str, str], ...]
    scores: tuple[float, ...]

    def evaluate(self, vectors: WordVectors) -> Figure:
        r"""Returns Spearman's rank correlation of cosines with the scores of people.

        .. math::

            \rho = \mathrm{corr}(\mathrm{rank}(\cos(u, v)), \mathrm{rank}(s))

        over the pairs whose words both have a vector that is not zero.

        Reference:
            Finkelstein et al., 2002, Placing search in context: the concept revisited.
        """
        from scipy.stats import spearmanr

        find = vectors.find_direction
        rows = [(find(a), find(b)) for a, b in self.pairs]
        known = [i for i, pair in enumerate(rows) if None not in pair]
        missing = (len(rows) - len(known)) / len(rows)
        if len(known) < 3:
            return Figure(None, missing)
        first, second = np.array([rows[i] for i in known], int).T
        cosines = np.sum(vectors.unit[first] * vectors.unit[second], axis=1)
        found = spearmanr(cosines, [self.scores[i] for i in known])
        return Figure(float(found.statistic), missing)


@dataclasses.dataclass(frozen=True)
class AnalogySet:
    """Questions "a is to b as c is to?" with their answers.

    Args:
        questions: `a`, `b`, `c` and the answer.
    """

    questions: tuple[Question, ...]

    def evaluate(self, vectors: WordVectors) -> Figure:
        r"""Returns the share of questions whose first answer is right (3CosAdd).

        .. math::

            \arg\max_w \cos(v_w, u_b - u_a + u_c), \qquad u = v / \lVert v \rVert

        with none of the three words as the answer, over the questions whose words all
        have a vector that is not zero.

        Reference:
            Mikolov, Yih and Zweig, 2013, Linguistic regularities in continuous space
            word representations.
        """
        find = vectors.find_direction
        rows = [[find(word) for word in each] for each in self.questions]
        known = [row for row in rows if None not in row]
        missing = (len(rows) - len(known)) / len(rows)
        if not known:
            return Figure(None, missing)
        right = sum(
            _right(vectors.unit, np.array(known[start : start + _BLOCK], int))
            for start in range(0, len(known), _BLOCK)
        )
        return Figure(right / len(known), missing)


EvaluationSet = SimilaritySet | AnalogySet


def _right(unit: np.ndarray, rows: np.ndarray) -> int:
    a, b, c, answer = rows.T
    cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
    np.put_along_axis(cosines, rows[:, :3], -np.inf, axis=1)
    return int(np.sum(cosines.argmax(axis=1) == answer))


def read_set(path: Path) -> EvaluationSet:
    """Reads an evaluation set.

    Args:
        path: A file of lines of two words and a number, with tabs between them
            (WordSim-353, SimLex-999), or of lines of four words, with or without lines
            of `:` and the name of a section (word2vec's `questions-words.txt`). Lines
            that begin with `#` are comments.

    Raises:
        DatasetError: If there is no such file, or it is none of these.
    """
    lines = [
        (number, line)
        for number, line in enumerate(read_lines(path), start=1)
        if line.strip() and not line.startswith(("#", ":"))
    ]
    if not lines:
        raise DatasetError(f"{path} is empty; it should hold pairs or questions.")
    if "\t" in lines[0][1]:
        return _pairs(path, lines)
    return AnalogySet(tuple(_question(path, *line) for line in lines))


def word_forms() -> AnalogySet:
    """Returns questions of English word forms: `dog dogs cat cats`.

    They come with the zoo, and are all two pairs of words of a section.
    """
    sections: list[list[list[str]]] = []
    for line in FORMS.read_text("utf-8").splitlines():
        if line.startswith(":"):
            sections.append([])
        elif line:
            sections[-1].append(line.split())
    return AnalogySet(
        tuple(
            (a, b, c, answer)
            for section in sections
            for (a, b), (c, answer) in permutations(section, 2)
        )
    )


def _pairs(path: Path, lines: Sequence[Line]) -> SimilaritySet:
    pairs, scores = [], []
    for number, line in lines:
        fields = [field.strip() for field in line.split("\t")]
        try:
            first, second, score = fields[0], fields[1], float(fields[2])
        except (IndexError, ValueError) as error:
            raise DatasetError(
                f"{path}, line {number}, must be two words and a number with tabs "
                f"between them. Received: {line[:60]!r}"
            ) from error
        if not np.isfinite(score):
            raise DatasetError(f"{path}, line {number}: {score} is not finite.")
        pairs.append((first, second))
        scores.append(score)
    return SimilaritySet(tuple(pairs), tuple(scores))


def _question(path: Path, number: int, line: str) -> Question:
    words = line.split()
    if len(words) != 4:
        raise DatasetError(
            f"{path}, line {number}, must be two words and a number with tabs between "
            f"them, or four words. Received: {line[:60]!r}"
        )
    return words[0], words[1], words[2], words[3]
