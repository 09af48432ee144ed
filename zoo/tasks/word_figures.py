"""What vectors of words are judged by: similarity judgements and analogy questions."""

import os
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np

from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import DatasetError
from zoo.tasks.assessment import Scores
from zoo.tasks.word_pairs import read_pairs, score_pairs
from zoo.tasks.word_questions import (
    questions_of_forms,
    read_questions,
    score_questions,
)

FORMS = Path(__file__).with_name("word_forms.txt")
PAIRS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}
QUESTIONS = {"analogies": "questions-words.txt"}


def word_figures(
    model: keras.Model,
    vocabulary: Vocabulary | None,
    source: str | Path | None = None,
    data_dir: str | Path | None = None,
) -> Scores:
    """Measures the vectors of a model.

    Each figure has a second one, `..._missing`: the share of its pairs or questions
    with a word that is not in the vocabulary. `word_forms` is the accuracy of
    analogy questions of English word forms (`dog dogs cat cats`), which come with the
    zoo. WordSim-353 and SimLex-999 (Spearman's rank correlation with the judgements of
    people) and the analogy questions of word2vec (accuracy) do not; they are computed
    where `wordsim353.tsv`, `simlex999.txt` and `questions-words.txt` lie in the data
    folder.

    Args:
        model: With a layer `embedding`.
        vocabulary: Its words.
        source: A file of judged pairs or of questions, in place of all these.
        data_dir: The data folder; `TFDS_DATA_DIR` if None.

    Raises:
        DatasetError: If there is no vocabulary, or a file is missing or damaged.
    """
    if vocabulary is None:
        raise DatasetError(
            f"Model {model.name!r} comes without its vocabulary; evaluate its run."
        )
    vectors = np.asarray(model.get_layer("embedding").embeddings)
    metrics = {}
    files = _files(data_dir) if source is None else [_named(Path(source))]
    for name, path in files:
        score = _pairs if _has_pairs(path) else _questions
        found, missing = score(vectors, vocabulary, path)
        if found is not None:
            metrics[name] = found
        metrics[f"{name}_missing"] = missing
    return Scores(metrics, {})


def _files(data_dir: str | Path | None) -> Iterator[tuple[str, Path]]:
    yield FORMS.stem, FORMS
    folder = data_dir or os.environ.get("TFDS_DATA_DIR")
    for name, file in (PAIRS | QUESTIONS).items():
        path = Path(folder or "~/tensorflow_datasets").expanduser() / file
        if path.is_file():
            yield name, path


def _named(path: Path) -> tuple[str, Path]:
    if not path.is_file():
        raise DatasetError(
            f"There is no file {path}; give one of judged pairs (two words and a "
            "number, separated by tabs) or of analogy questions (four words)."
        )
    names = {file: name for name, file in (PAIRS | QUESTIONS).items()}
    return names.get(path.name, path.stem), path


def _has_pairs(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        first = next((line for line in file if line.strip() and line[0] != "#"), "")
    return "\t" in first


def _pairs(
    vectors: np.ndarray, vocabulary: Vocabulary, path: Path
) -> tuple[float | None, float]:
    return score_pairs(vectors, vocabulary, read_pairs(path))


def _questions(
    vectors: np.ndarray, vocabulary: Vocabulary, path: Path
) -> tuple[float | None, float]:
    read = questions_of_forms if path == FORMS else read_questions
    return score_questions(vectors, vocabulary, read(path))
