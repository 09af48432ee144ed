"""The simple methods that figures are compared with, against values by hand."""

import numpy as np
import pytest

import zoo
from zoo.datasets import Dataset, Split, make_dataset
from zoo.datasets.labelled_text import texts
from zoo.datasets.vocabulary import Vocabulary
from zoo.results import records, sequence_baselines, vector_baselines
from zoo.results.baselines import baselines, compute


def dataset(train, test, **options):
    return Dataset("a", train, test, test, (), **options)


def test_classes():
    x = np.array([[0.0], [1], [10], [11], [12]], "float32")
    train = Split(x, np.array([0, 0, 1, 1, 1]))
    test = Split(np.array([[0.4], [11.4], [2], [3]], "float32"), np.array([0, 1, 0, 1]))
    found = vector_baselines.classes(make_dataset("a", ("0", "1"), train, test, test))
    assert found["most frequent class"] == 0.5
    assert found["nearest neighbour"] == found["logistic regression"] == 0.75


def test_sentences():
    train = Split(texts(["good film", "good play", "bad film"]), np.array([1, 1, 0]))
    test = Split(texts(["bad , bad", "good", "film"]), np.array([0, 1, 1]))
    found = sequence_baselines.sentences(dataset(train, test))
    assert found["most frequent class"] == pytest.approx(2 / 3)
    assert found["naive Bayes on 1- and 2-grams"] == 1.0


def test_tags_of_tokens_that_are_not_known():
    tokens = [["a", "b", "c"], ["a", "b", "b"], ["once"]]
    tags = [np.array(row) for row in ([0, 1, 1], [0, 1, 2], [2])]
    test = Split(texts([["a", "b", "new", "c"]]), texts([np.array([0, 1, 2, 1])]))
    # "b" is most often 1; of "c" and "once", which occur once, the first tag counts.
    found = sequence_baselines.tags(dataset(Split(texts(tokens), texts(tags)), test))
    assert found == {
        "most frequent tag": 0.5,
        "most frequent tag of each token": 0.75,
    }


def test_characters():
    vocabulary = Vocabulary(("", "[UNK]", "a", "b"))
    train = Split(np.array([[2, 3, 2]]), np.array([[3, 2, 3]]))
    test = Split(np.array([[2]]), np.array([[3]]))
    data = dataset(train, test, vocabulary=vocabulary)
    found = sequence_baselines.characters(data)
    assert found["bigram"] == pytest.approx(np.log(6 / 3))
    # Targets: twice b, once a, and one for each pair of characters.
    assert found["unigram"] == pytest.approx(np.log(19 / 6))


def test_pixels_and_forecasts():
    y = np.array([[0.0], [1.0], [1.0]])
    data = dataset(Split(y, y), Split(y[1:], y[1:]))
    found = vector_baselines.independent_pixels(data)
    assert found["independent pixels"] == pytest.approx(np.log(3 / 5))
    x = np.array([[[1.0], [2.0], [4.0]]])
    test = Split(x, np.array([[2.0, 4.0]]))
    data = dataset(test, test, facts={"period": 2, "scale": 2.0})
    found = vector_baselines.forecasts(data)
    assert found == {"persistence": 0.5, "seasonal naive": 0.0}


@pytest.mark.parametrize("name", ["mlp.iris", "forecaster.toy_series", "vae.digits"])
def test_published_baselines_are_what_is_computed(name):
    assert compute(records()[name]) == pytest.approx(baselines()[name])


def test_the_naive_forecast_is_that_of_the_task():
    name = "forecaster.toy_series"
    naive = records()[name].median["naive_mase"]
    assert baselines()[name]["seasonal naive"] == pytest.approx(naive, rel=1e-5)
    assert zoo.model_spec(name).task == "forecasting"
