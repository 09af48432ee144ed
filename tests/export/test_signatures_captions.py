"""`caption`, `encode` and `step` of captioners."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from export.signatures.by_task import signatures_of
from zoo.runs.trained import Trained

WORDS = ("", "cat", "dog")
LENGTH = 3


def captioner():
    """A captioner of two words."""
    keras.utils.set_random_seed(0)
    return zoo.create_model(
        "captioner",
        input_shape=(4, 4, 1),
        vocabulary_size=len(WORDS),
        length=LENGTH,
        filters=(4,),
        embedding_size=4,
        units=4,
    )


@pytest.fixture(scope="module")
def found():
    """The signatures of a captioner that knows its words."""
    model = captioner()
    for weight in model.weights:
        if "decoder" in weight.path:
            weight.assign(3 * weight)  # sure of something
    return signatures_of(Trained(model, "a", "captioning", labels=WORDS))


def asked(found, width, temperature, rows=5):
    return found["encode"].sample(rows) | {
        "beam_width": np.full(rows, width, "int32"),
        "temperature": np.full(rows, temperature, "float32"),
        "seed": np.arange(rows),
    }


def log_probability(found, image, tokens):
    """Of the tokens of a sentence, by the steps alone."""
    carry, total, before = found["encode"]({"image": image[None]}), 0.0, 0
    for token in tokens:
        answer = found["step"]({"token": np.array([before], "int32"), **carry})
        logits = answer["logits"][0].astype("float64")
        total += logits[token] - np.log(np.exp(logits).sum())
        carry["state"], before = answer["next_state"], token
    return total


def sentences():
    """All that can be written: up to the end, or as long as there is room."""
    for size in range(LENGTH):
        yield from ((*words, 0) for words in itertools.product((1, 2), repeat=size))
    yield from itertools.product((1, 2), repeat=LENGTH)


@pytest.mark.slow
def test_a_wide_beam_finds_the_best_of_all_sentences(found):
    inputs = asked(found, width=16, temperature=0)
    answer = found["caption"](inputs)
    for image, caption, score in zip(inputs["image"], *answer.values(), strict=True):
        means = {
            tokens: log_probability(found, image, tokens) / len(tokens)
            for tokens in sentences()
        }
        best = max(means, key=means.get)
        assert caption == " ".join(WORDS[k] for k in best if k)
        assert score == pytest.approx(means[best], abs=1e-5)


@pytest.mark.parametrize(("width", "temperature"), [(1, 0), (2, 0), (3, 0.8)])
def test_the_graph_answers_as_the_reference(found, width, temperature):
    inputs = asked(found, width, temperature)
    inputs["beam_width"][1] = 5  # each row has its own
    expected = found["caption"](inputs)
    traced = found["caption"].traced(*map(tf.constant, inputs.values()))
    assert [text.decode() for text in traced["caption"].numpy()] == list(
        expected["caption"]
    )
    np.testing.assert_allclose(traced["score"], expected["score"], atol=1e-5)


def test_samples_are_as_frequent_as_the_model_says(found):
    inputs = asked(found, width=1, temperature=1.0, rows=1)
    image = np.repeat(inputs["image"], 400, axis=0)
    many = [np.full(400, 1, "int32"), np.ones(400, "float32"), np.arange(400)]
    texts = found["caption"].traced(*map(tf.constant, (image, *many)))["caption"]
    share = np.mean([text == b"" for text in texts.numpy()])
    expected = np.exp(log_probability(found, image[0], (0,)))
    assert share == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize(
    ("width", "temperature", "message"),
    [(0, 0.0, "beam_width"), (17, 0.0, "beam_width"), (1, -1.0, "temperature")],
)
def test_wrong_requests_are_refused(found, width, temperature, message):
    inputs = asked(found, width, temperature)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        found["caption"].traced(*map(tf.constant, inputs.values()))


def test_a_request_of_no_images_is_refused(found):
    inputs = asked(found, width=3, temperature=0)
    none = [tf.constant(each[:0]) for each in inputs.values()]
    with pytest.raises(tf.errors.InvalidArgumentError, match="one row or more"):
        found["caption"].function()(*none)


@pytest.mark.parametrize("name", ["beam_width", "temperature", "seed"])
def test_an_option_for_fewer_rows_is_refused(found, name):
    inputs = asked(found, width=3, temperature=0)
    inputs[name] = inputs[name][:1]
    said = "`image`, `beam_width`, `temperature` and `seed` must have the same number"
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        found["caption"].function()(*map(tf.constant, inputs.values()))


def test_a_model_without_words_has_the_steps_alone():
    names = signatures_of(Trained(captioner(), "a", "captioning")).keys()
    assert "caption" not in names
    assert {"encode", "step"} < names
