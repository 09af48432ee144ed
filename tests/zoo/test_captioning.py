"""Captions: the grammar's scenes, BLEU, answers, and the attention to regions."""

import dataclasses

import keras
import numpy as np
import pytest

import zoo
from tests.zoo.rows import ROWS
from tests.zoo.subjects import make_subject, texts_of
from tests.zoo.test_answers import TWO, Known
from zoo import Split, tasks
from zoo.cli.predicting.printing import as_json
from zoo.datasets import Dataset, checked
from zoo.datasets.captions import make_caption_dataset, words_of
from zoo.datasets.scene_captions import UNSEEN, _scene
from zoo.errors import DatasetError
from zoo.inference.answers.table import tabulate
from zoo.reports.pictures import caption_attention
from zoo.tasks.ngram_precision import corpus_bleu

WORDS = ("", "a", "big", "cat", "dog")


def captions(train, test):
    parts = {"train": train, "validation": train, "test": test}
    return make_caption_dataset(
        "a", {k: (np.zeros((len(v), 8, 8, 1), "uint8"), v) for k, v in parts.items()}
    )


def test_bleu_is_that_of_sacrebleu():
    metrics = pytest.importorskip("sacrebleu.metrics")
    found = ["a red disc left and a blue disc top", "a red square", "the white disc"]
    right = ["a red disc left and a red disc right", "a red square", "a white disc top"]
    metric = metrics.BLEU(tokenize="none", smooth_method="none", force=True)
    expected = metric.corpus_score(found, [right]).score
    ours = corpus_bleu([x.split() for x in found], [x.split() for x in right])
    assert ours == pytest.approx(expected)
    assert 0 < ours < 100
    assert corpus_bleu([["a"]], [["b"]]) == 0


def test_pairs_of_words_that_training_lacks_are_scored_apart():
    data = captions(["a big cat", "a dog"], ["a big cat", "a dog", "a big dog"])
    logits = np.zeros((3, 4, len(WORDS)))
    logits[0, range(4), [1, 2, 3, 0]] = 1
    logits[1, range(4), [1, 3, 0, 0]] = 1
    logits[2, range(4), [1, 2, 4, 0]] = 1
    metrics, _ = tasks.get("captioning").assess(logits, data)
    assert metrics["exact_match"] == pytest.approx(2 / 3)
    assert (metrics["seen_match"], metrics["unseen_match"]) == (0.5, 1.0)
    same = captions(["a big cat", "a dog"], ["a dog"])
    metrics, _ = tasks.get("captioning").assess(logits[1:2], same)
    assert metrics.keys() == {"exact_match", "bleu"}


def test_the_baseline_is_the_commonest_sentence():
    data = captions(["a dog", "a cat", "a dog"], ["a dog", "a cat"])
    found = tasks.get("captioning").baseline(data)
    assert (found.value, found.method[:14]) == (0.5, 'always "a dog"')


def test_sentences_name_what_stands_where_in_reading_order():
    generator = np.random.default_rng(0)
    scenes = [_scene(generator, has_unseen=i % 2 == 1) for i in range(60)]
    for i, (image, sentence) in enumerate(scenes):
        things = [each.split() for each in sentence.replace(",", "and").split(" and ")]
        pairs = {(colour, kind) for _, colour, kind, _ in things}
        assert bool(pairs & {*UNSEEN}) == (i % 2 == 1), sentence
        assert image.shape == (64, 64, 3)
        places = [place for *_, place in things]
        rows = [
            "bottom" in p or 0 if "top" in p or "bottom" in p else 0.5 for p in places
        ]
        assert rows == sorted(rows), sentence
    assert {1 + s.count(",") + s.count(" and ") for _, s in scenes} == {1, 2, 3, 4}


def test_wrong_sentences_are_refused():
    with pytest.raises(DatasetError, match="has the word 'dog'"):
        captions(["a cat"], ["a dog"])
    x, y = np.zeros((2, 8, 8, 1)), np.array([[1, 0], [7, 0]])
    data = Dataset("a", *[Split(x, y)] * 3, WORDS, "captioning")
    with pytest.raises(DatasetError, match=r"token ids must be in 0\.\.4.*1?0\.\.7"):
        checked(data)
    with pytest.raises(DatasetError, match=r"shape \(samples, length\)"):
        checked(dataclasses.replace(data, train=Split(x, y / 2)))


def test_a_caption_is_the_answer_to_an_image():
    outputs = {"token_ids": np.array([[1, 2, 3], [1, 4, 0]])}
    outputs["token_probabilities"] = np.ones((2, 3), "float32")
    found = tabulate(TWO, outputs, Known(WORDS), 1)
    assert found["caption"] == ["a big cat", "a dog"]
    assert [row["caption"] for row in as_json(TWO, outputs, Known(WORDS))] == [
        "a big cat",
        "a dog",
    ]


@pytest.fixture(scope="module")
def model():
    (row,) = (row for row in ROWS if row.name == "captioner")
    keras.utils.set_random_seed(1)
    return zoo.create_model("captioner", **row.arguments)


def test_the_attention_in_the_picture_is_that_of_the_model(model, tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 1)).astype("uint8")
    decoder = model.get_layer("decoder")
    ids, weights = caption_attention.attention(model, decoder, images)
    np.testing.assert_array_equal(ids, model.predict(images, verbose=0).argmax(-1))
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    y = np.array([[1, 2, 0, -1]] * 2)
    data = Dataset("a", *[Split(images, y)] * 3, WORDS, "captioning")
    shown = texts_of(caption_attention.draw(make_subject(tmp_path, data, model=model)))
    assert shown.count("true: a big") == 2
    for row in ids:
        assert {*words_of(row, WORDS)} <= {*shown}
