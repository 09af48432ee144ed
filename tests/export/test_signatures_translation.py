"""`encode`, `step` and `translate` of translators."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from export.signature import signature_of
from export.signatures import translation
from zoo.datasets.vocabulary import Vocabulary
from zoo.runs.trained import Trained
from zoo.tasks.translation import MARKS

LETTERS = Vocabulary(("", "[UNK]", *MARKS, *"abcdefgh"))
NAMES = ["translator", "transformer_translator"]
# The second is that of a family whose first is tested always.
names = pytest.mark.parametrize(
    "name", [NAMES[0], pytest.param(NAMES[1], marks=pytest.mark.slow)]
)


def source(name):
    """A translator with random weights, large enough to prefer some tokens."""
    keras.utils.set_random_seed(1)
    sizes = {"source_length": 6, "target_length": 5, "embedding_size": 8}
    model = zoo.create_model(name, vocabulary_size=len(LETTERS), **sizes)
    generator = np.random.default_rng(2)
    for weight in model.weights:
        weight.assign(weight + generator.normal(size=weight.shape) / 3)
    return Trained(model, name, "translation", vocabulary=LETTERS)


def request(texts, widths, temperature=0.0):
    count = len(texts)
    return {
        "text": np.array(texts, object),
        "beam_width": np.array(widths, "int32"),
        "temperature": np.full(count, temperature, "float32"),
        "seed": np.arange(count),
    }


def asked(function, inputs):
    outputs = function(*(tf.constant(each) for each in inputs.values()))
    texts = [text.decode() for text in outputs["translation"].numpy()]
    return texts, outputs["score"].numpy()


@pytest.mark.slow
@names
def test_rows_of_different_widths_are_translated_as_if_alone(name):
    trained = source(name)
    found = translation.signatures(trained, signature_of(trained.model))["translate"]
    graph = found.function()
    for temperature in (0.0, 1.3):
        inputs = request(
            ["abc", "abc", "h", "", "gfedcba"], [1, 4, 2, 10, 3], temperature
        )
        texts, scores = asked(graph, inputs)
        expected = found(inputs)
        assert texts == expected["translation"].tolist()
        np.testing.assert_allclose(scores, expected["score"], atol=1e-5)
    odd = [b"\xff\xfeab", b"ab\xe2\x98", b"a\x00b", "\N{SNOWMAN}" * 9, "a" * 100_000]
    texts, scores = asked(graph, request(odd, [1, 2, 3, 4, 5]))
    assert np.isfinite(scores).all()
    assert texts[-1] == asked(graph, request(["a" * 6], [5]))[0][0]
    assert asked(graph, request([], []))[0] == []
    for wrong, message in (
        (request(["a"], [0]), "`beam_width` must be 1 to 10"),
        (request(["a"], [11]), "`beam_width` must be 1 to 10"),
        (request(["a"], [1], -1.0), "`temperature` must be 0 or more"),
        (request(["a"], [1], float("nan")), "`temperature` must be 0 or more"),
        (request(["a"], [1, 2]), "and `seed` must have the same number of rows"),
        (request(["a", "b"], [1]), "and `seed` must have the same number of rows"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            asked(graph, wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_steps_are_in_both_formats_and_strings_in_one(name, tmp_path, monkeypatch):
    monkeypatch.setattr("export.exporter.trained", lambda *_, **__: source(name))
    artifact = export.export_model("any", tmp_path)
    formats = {
        key: each["formats"] for key, each in artifact.manifest["signatures"].items()
    }
    assert formats["encode"] == formats["step"] == ["saved_model", "onnx"]
    assert formats["translate"] == ["saved_model"]
