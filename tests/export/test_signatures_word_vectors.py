"""`analogy` of word embeddings."""

import numpy as np
import pytest

import export
import zoo
from zoo.runs.trained import trained


@pytest.fixture(scope="module")
def model():
    return zoo.create_model("word2vec_skipgram", vocabulary_size=30, embedding_size=6)


@pytest.fixture(scope="module")
def artifact(model, tmp_path_factory):
    return export.export_model(model, tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize("format", ["saved_model", "onnx"])
def test_answers_are_nearest_to_the_sum(model, artifact, answer, format):
    vectors = np.asarray(model.get_layer("embedding").embeddings, "float64")
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    tokens = np.array([[2, 5, 9], [29, 3, 2], [4, 4, 7]], "int32")
    found = answer(artifact, "analogy", {"tokens": tokens}, format)
    assert found["answers"].dtype == np.int64
    for row, (a, b, c) in enumerate(tokens):
        others = np.setdiff1d(np.arange(2, 30), tokens[row])
        target = unit[b] - unit[a] + unit[c]
        cosines = unit[others] @ (target / np.linalg.norm(target))
        nearest = np.argsort(-cosines)[:10]
        assert found["answers"][row].tolist() == others[nearest].tolist()
        np.testing.assert_allclose(
            found["similarities"][row], cosines[nearest], atol=1e-5
        )


@pytest.mark.slow
def test_words_are_answered_by_words(answer, tmp_path):
    words = [f"w{i}" for i in range(28)]
    run = zoo.train(
        "word2vec_skipgram",
        dataset=zoo.make_corpus("drawn", [" ".join(words)] * 10),
        epochs=1,
        encoding={"min_count": 1},
        overrides={"embedding_size": 6},
        output=tmp_path / "run",
    )
    vocabulary = trained(run).vocabulary
    artifact = export.export_model(run, tmp_path / "models")
    text = np.array([["w3", "W20", "w7"], ["w1", "w1", "w5"]])
    ids = np.array(vocabulary.encode([w.lower() for w in text.ravel()]))
    tokens = ids.reshape(text.shape).astype("int32")
    of_ids = answer(artifact, "analogy", {"tokens": tokens}, "saved_model")["answers"]
    found = answer(artifact, "analogy_text", {"text": text}, "saved_model")["answers"]
    names = np.array(vocabulary.tokens)[of_ids]
    assert np.char.decode(found.astype(bytes)).tolist() == names.tolist()


@pytest.mark.slow
def test_a_small_vocabulary_has_fewer_answers_or_none(tmp_path):
    def signatures(size):
        model = zoo.create_model("word2vec_cbow", vocabulary_size=size)
        artifact = export.export_model(model, tmp_path, formats=["saved_model"])
        return artifact.manifest["signatures"]

    few = signatures(7)["analogy"]["outputs"]["answers"]["shape"]
    assert few == [None, 2]
    assert "analogy" not in signatures(5)
