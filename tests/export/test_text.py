"""Signatures that take strings."""

import unicodedata

import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from export import tokenizers
from export.errors import ParityError
from export.formats.saved_model import SavedModel
from zoo.datasets.vocabulary import padded, suffix_of, words

# Those of newer Unicode are not known to each version of each library.
LETTERS = [
    chr(i)
    for i in range(1, 0x20000)
    if unicodedata.ucd_3_2_0.category(chr(i)) not in ("Cn", "Cs")
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return zoo.train("text_gru", epochs=1, output=folder, jit="off")


@pytest.fixture(scope="module")
def artifact(run, tmp_path_factory):
    return export.export_model(run, tmp_path_factory.mktemp("models"))


def _text(artifact):
    # The caller keeps what owns the variables.
    loaded = tf.saved_model.load(str(artifact.path))
    return loaded, loaded.signatures["text"]


def _decoded(rows):
    return [[token.decode() for token in row] for row in rows]


def test_every_letter_splits_as_in_python():
    texts = [f"a{letter}b {letter}{letter}'x" for letter in LETTERS]
    split = tokenizers.split_words(tf.constant(texts)).to_list()
    assert _decoded(split) == [words(text) for text in texts]


@pytest.mark.parametrize("letters", [1, 3])
def test_every_letter_ends_as_in_python(letters):
    tokens = ["", *(f"{letter}bC{letter}" for letter in LETTERS), *LETTERS]
    found = tokenizers.ending(tf.constant(tokens), letters).numpy()
    assert _decoded([found]) == [[suffix_of(token, letters) for token in tokens]]


@pytest.mark.slow
def test_a_sentence_is_answered_as_its_numbers_are(run, artifact):
    texts = ["A wonderful, WARM film!", "", "the plot is dull " * 20]
    vocabulary = artifact.manifest["vocabulary"]["tokens"]
    ids = [[vocabulary.index(w) if w in vocabulary else 1 for w in words(t)]
           for t in texts]  # fmt: skip
    logits = run.model.predict(padded(ids, 16), verbose=0)
    _, serve = kept = _text(artifact)
    answers = serve(text=tf.constant(texts))
    np.testing.assert_allclose(
        answers["probabilities"], tf.nn.softmax(logits), atol=1e-6
    )
    labels = np.array(artifact.manifest["labels"])[logits.argmax(axis=1)]
    assert _decoded([answers["label"].numpy()]) == [labels.tolist()]
    assert kept


def test_the_manifest_tells_of_strings(artifact):
    found = artifact.manifest["signatures"]["text"]
    assert {key: found[key] for key in ("inputs", "outputs")} == {
        "inputs": {"text": {"dtype": "string", "shape": [None]}},
        "outputs": {
            "probabilities": {"dtype": "float32", "shape": [None, 2]},
            "label": {"dtype": "string", "shape": [None]},
        },
    }


@pytest.mark.slow
def test_verify_repeats_the_texts(artifact, monkeypatch):
    assert export.verify(artifact.path)["max_difference"]["saved_model"]["label"] == 0
    predict = SavedModel.predict

    def reversed_rows(format, folder, requests):
        for outputs in predict(format, folder, requests):
            yield {name: array[::-1] for name, array in outputs.items()}

    monkeypatch.setattr(SavedModel, "predict", reversed_rows)
    with pytest.raises(ParityError):
        export.verify(artifact.path)


@pytest.mark.slow
def test_a_graph_that_splits_otherwise_is_not_published(run, tmp_path, monkeypatch):
    monkeypatch.setattr(tokenizers, "_lower", tf.identity)
    with pytest.raises(ParityError, match="saved_model artifact differs"):
        export.export_model(run, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_onnx_alone_has_no_strings(run, tmp_path):
    published = export.export_model(run, tmp_path, formats=("onnx",))
    assert "text" not in published.manifest["signatures"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "tiny", "text", "named"),
    [
        (
            "word2vec_skipgram",
            {"embedding_size": 4},
            [["Python", "zzz"]],
            "neighbours",
        ),
        pytest.param(
            *("tagger", {"units": 4}, [["The", "dog"], ["barks", ""]], "tags"),
            marks=pytest.mark.slow,
        ),
        pytest.param("char_gru", {"units": [4]}, ["def"], None, marks=pytest.mark.slow),
    ],
)
def test_other_tasks_take_strings_too(tmp_path, model, tiny, text, named):
    folder = tmp_path / "run"
    run = zoo.train(model, epochs=1, output=folder, overrides=tiny, jit="off")
    artifact = export.export_model(run, tmp_path / "models", formats=("saved_model",))
    _, serve = kept = _text(artifact)
    answers = serve(text=tf.constant(text))
    tokens = artifact.manifest["vocabulary"]["tokens"]
    known = artifact.manifest["labels"] or tokens
    if named:
        found = answers[named].numpy().astype(str)
        assert found.shape[:2] == np.shape(text)
        assert set(found.ravel()) <= set(known)
    else:
        assert answers["probabilities"].shape == (1, 3, len(tokens))
    assert kept
