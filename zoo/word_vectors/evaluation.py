"""Word vectors beside what people say: similarity of pairs, and analogy questions."""

import dataclasses
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.charset import read_lines
from zoo.errors import DatasetError, MissingDataError
from zoo.word_vectors.vectors import WordVectors

# Names of evaluation sets, and their files in gensim, which distributes them.
NAMED = {
    "wordsim353": "wordsim353.tsv",
    "simlex999": "simlex999.txt",
    "analogies": "questions-words.txt",
}
_LARGEST = 2**26  # bytes
_BLOCK = 256  # questions at once, each with a cosine for every word


@dataclasses.dataclass(frozen=True)
class SimilaritySet:
    """Pairs of words, and how similar people find them.

    Args:
        name: Of the set.
        pairs: The words.
        scores: One for each pair, the higher the more similar.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    scores: tuple[float, ...]

    def evaluate(self, vectors: WordVectors) -> dict[str, float]:
        r"""Returns Spearman's rank correlation of cosines with the scores of people.

        .. math::

            \rho = \mathrm{corr}(\mathrm{rank}(\cos(u, v)), \mathrm{rank}(s))

        over the pairs whose words both have a vector; `out_of_vocabulary` is the share
        of the others.

        Reference:
            Finkelstein et al., 2002, Placing search in context: the concept revisited.
        """
        from scipy.stats import spearmanr

        rows = [(vectors.find(a), vectors.find(b)) for a, b in self.pairs]
        known = [i for i, pair in enumerate(rows) if None not in pair]
        missing = (len(rows) - len(known)) / len(rows)
        if len(known) < 3:
            return {"spearman": float("nan"), "out_of_vocabulary": missing}
        first, second = np.array([rows[i] for i in known], int).T
        cosines = np.sum(vectors.unit[first] * vectors.unit[second], axis=1)
        found = spearmanr(cosines, [self.scores[i] for i in known])
        return {"spearman": float(found.statistic), "out_of_vocabulary": missing}


@dataclasses.dataclass(frozen=True)
class AnalogySet:
    """Questions "a is to b as c is to?" with their answers, in sections.

    Args:
        name: Of the set.
        sections: Questions by the name of their section: `a`, `b`, `c` and the answer.
    """

    name: str
    sections: dict[str, tuple[tuple[str, str, str, str], ...]]

    def evaluate(self, vectors: WordVectors) -> dict[str, float]:
        """Returns the share of questions whose first answer is right (3CosAdd).

        Of the questions whose words all have a vector; `out_of_vocabulary` is the share
        of the others, and `accuracy` that over all sections.

        Reference:
            Mikolov, Chen, Corrado and Dean, 2013, Efficient estimation of word
            representations in vector space.
        """
        questions = [q for each in self.sections.values() for q in each]
        rows = [[vectors.find(word) for word in question] for question in questions]
        known = [row for row in rows if None not in row]
        missing = (len(rows) - len(known)) / len(rows)
        if not known:
            return {"accuracy": float("nan"), "out_of_vocabulary": missing}
        right = sum(
            _right(vectors.unit, np.array(known[start : start + _BLOCK], int))
            for start in range(0, len(known), _BLOCK)
        )
        return {"accuracy": right / len(known), "out_of_vocabulary": missing}


def _right(unit: np.ndarray, rows: np.ndarray) -> int:
    a, b, c, answer = rows.T
    cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
    for given in (a, b, c):
        cosines[np.arange(len(rows)), given] = -np.inf
    return int(np.sum(cosines.argmax(axis=1) == answer))


EvaluationSet = SimilaritySet | AnalogySet


def load(name: str | os.PathLike) -> EvaluationSet:
    """Reads an evaluation set.

    Args:
        name: A file: of lines of two words and a number, with tabs between them
            (WordSim-353, SimLex-999), or of lines of four words under lines of `:` and
            the name of a section (word2vec's `questions-words.txt`). Or `wordsim353`,
            `simlex999`, `analogies`, where gensim is installed, which has them.

    Raises:
        DatasetError: If there is no such file, or it is none of these.
    """
    path = _path(name)
    lines = [
        (number, line.strip())
        for number, line in enumerate(read_lines(path), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise DatasetError(f"{path} is empty; it should hold pairs or questions.")
    if lines[0][1].startswith(":"):
        return AnalogySet(path.stem, _sections(path, lines))
    pairs, scores = [], []
    for number, line in lines:
        fields = line.split("\t")
        try:
            first, second, score = (
                fields[0].strip(),
                fields[1].strip(),
                float(fields[2]),
            )
        except (IndexError, ValueError) as error:
            raise DatasetError(
                f"{path}, line {number}, must be two words and a number with tabs "
                f"between them. Received: {line[:60]!r}"
            ) from error
        pairs.append((first, second))
        scores.append(score)
    if not np.isfinite(scores).all():
        raise DatasetError(f"{path} has a score that is not finite.")
    return SimilaritySet(path.stem, tuple(pairs), tuple(scores))


def is_evaluation_set(name: str | os.PathLike) -> bool:
    """Whether this is the name of a set, or a file that looks like one.

    >>> is_evaluation_set("wordsim353"), is_evaluation_set("no-such-file")
    (True, False)
    """
    if str(name) in NAMED:
        return True
    path = Path(name)
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return False
    lines = (line for line in read_lines(path) if line.strip() and line[0] != "#")
    first = next(lines, "")
    if first.startswith(":"):
        return len(next(lines, "").split()) == 4
    fields = first.rstrip("\r\n").split("\t")
    return len(fields) == 3 and _is_number(fields[2]) and not _is_number(fields[0])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _path(name: str | os.PathLike) -> Path:
    path = Path(name)
    if path.is_file():
        return path
    file = NAMED.get(str(name))
    if file is None:
        raise MissingDataError(
            f"There is no file {path}; give a set of pairs or questions, or one of "
            f"{', '.join(NAMED)}."
        )
    package = importlib.util.find_spec("gensim")
    if package is None or package.origin is None:
        raise MissingDataError(
            f"{name!r} comes with gensim, which is not installed: `pip install "
            f"gensim`, or give the path of {file}."
        )
    return Path(package.origin).parent / "test/test_data" / file


def _sections(
    path: Path, lines: Sequence[tuple[int, str]]
) -> dict[str, tuple[tuple[str, str, str, str], ...]]:
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    questions: list[tuple[str, str, str, str]] = []
    for number, line in lines:
        words = line.split()
        if line.startswith(":"):
            questions = sections.setdefault(line[1:].strip(), [])
        elif len(words) == 4:
            questions.append((words[0], words[1], words[2], words[3]))
        else:
            raise DatasetError(
                f"{path}, line {number}, must be four words, or a section's name "
                f"behind a colon. Received: {line[:60]!r}"
            )
    found = {name: tuple(each) for name, each in sections.items() if each}
    if not found:
        raise DatasetError(f"{path} holds no question.")
    return found
