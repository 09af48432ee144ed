"""What word vectors are judged by: all evaluation sets that there are."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import MissingDataError
from zoo.word_vectors.evaluation import EvaluationSet, read_set, word_forms
from zoo.word_vectors.vectors import WordVectors

# Sets of others by the name of their figure, and their files.
FILES = {
    "wordsim353": "wordsim353.tsv",
    "simlex999": "simlex999.txt",
    "analogies": "questions-words.txt",
}
_FORMS = "word_forms"  # comes with the zoo


def figures(
    vectors: WordVectors,
    source: str | os.PathLike | None = None,
    data_dir: str | os.PathLike | None = None,
) -> dict[str, float]:
    """Measures word vectors.

    Each figure has a second one, `..._missing`: the share of its pairs or questions
    with a word that has no vector. `word_forms` is the accuracy of analogy questions of
    English word forms (`dog dogs cat cats`), which come with the zoo. WordSim-353 and
    SimLex-999 (Spearman's rank correlation with the judgements of people) and the
    analogy questions of word2vec (accuracy) do not: `wordsim353.tsv`, `simlex999.txt`
    and `questions-words.txt` are looked for in the data folder, and in gensim where
    that is installed.

    Args:
        vectors: What to measure.
        source: One of these names, or a file of pairs or of questions, in place of all
            that there are.
        data_dir: The data folder; `TFDS_DATA_DIR` if None.

    Raises:
        DatasetError: If a file is missing or damaged.
    """
    found = _all(data_dir) if source is None else [_one(source, data_dir)]
    measured = {}
    for name, each in found:
        value, missing = each.evaluate(vectors)
        if value is not None:
            measured[name] = value
        measured[f"{name}_missing"] = missing
    return measured


def _all(data_dir: str | os.PathLike | None) -> Iterator[tuple[str, EvaluationSet]]:
    yield _FORMS, word_forms()
    for name in FILES:
        path = _file(name, data_dir)
        if path is not None:
            yield name, read_set(path)


def _one(
    source: str | os.PathLike, data_dir: str | os.PathLike | None
) -> tuple[str, EvaluationSet]:
    if str(source) == _FORMS:
        return _FORMS, word_forms()
    names = {file: name for name, file in FILES.items()}
    path = Path(source)
    if not path.is_file() and str(source) in FILES:
        found = _file(str(source), data_dir)
        if found is None:
            raise MissingDataError(
                f"There is no {FILES[str(source)]} in the data folder; give its path, "
                "or `pip install gensim`, which has it."
            )
        path = found
    if not path.is_file():
        raise MissingDataError(
            f"There is no file {path}; give one of pairs (two words and a number, with "
            "tabs between them), of questions (four words), or one of "
            f"{', '.join((_FORMS, *FILES))}."
        )
    return names.get(path.name, path.stem), read_set(path)


def _file(name: str, data_dir: str | os.PathLike | None) -> Path | None:
    folder = data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    places = [Path(folder).expanduser()]
    package = importlib.util.find_spec("gensim")
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "test/test_data")
    return next((p / FILES[name] for p in places if (p / FILES[name]).is_file()), None)
