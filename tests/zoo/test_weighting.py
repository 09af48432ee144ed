"""Weights of samples and of classes in the training loss."""

import dataclasses
import types

import numpy as np
import pytest

import zoo
from custom_layers.losses import TokenCrossentropy
from zoo.errors import ArgumentError
from zoo.training.job import prepare
from zoo.training.weighting import weighted


def test_a_sample_weighs_its_own_weight_times_that_of_its_class():
    data = zoo.load_dataset("iris")
    y = data.train.y
    own = np.linspace(0.5, 2.0, len(y))
    config = types.SimpleNamespace(
        sample_weight="given",
        objects={"sample_weight": own},
        recipe=types.SimpleNamespace(class_weight={data.labels[1]: 3.0}),
    )
    found = weighted(data, config).train[2]
    np.testing.assert_allclose(found, own * np.where(y == 1, 3.0, 1.0), rtol=1e-6)


def config_of(class_weight):
    recipe = types.SimpleNamespace(class_weight=class_weight)
    return types.SimpleNamespace(sample_weight=None, objects={}, recipe=recipe)


def test_classes_are_weighed_by_name_or_id():
    data = zoo.load_dataset("iris")
    by_id = weighted(data, config_of({"1": 3.0, "virginica": 0.5})).train[2]
    np.testing.assert_array_equal(by_id, np.array([1.0, 3.0, 0.5])[data.train.y])


def test_a_label_that_is_a_number_is_no_class_id():
    data = zoo.load_dataset("digits")
    swapped = data.__class__(
        **{**data.__dict__, "labels": tuple(str(9 - k) for k in range(10))}
    )
    found = weighted(swapped, config_of({"9": 4.0})).train[2]
    np.testing.assert_array_equal(found, np.where(data.train.y == 0, 4.0, 1.0))


def test_balanced_validation_counts_each_class_alike_whatever_its_shares(tmp_path):
    x = np.random.default_rng(0).normal(size=(70, 2))
    y = np.repeat([0, 1], [45, 5]), np.repeat([0, 1], [4, 16])
    np.savez(tmp_path / "t.npz", x_train=x[:50], y_train=y[0], x_val=x[50:], y_val=y[1])
    data = weighted(zoo.load_dataset(tmp_path / "t.npz"), config_of("balanced"))
    for split in (data.train, data.validation):
        sums = np.bincount(split.y, split.sample_weight)
        np.testing.assert_allclose(sums, len(split.y) / 2, rtol=1e-6)


def test_balanced_weights_of_tags_leave_padding_out():
    data = prepare("tagger", class_weight="balanced").data
    y, weights = data.train.y, data.train.sample_weight
    assert weights.shape == y.shape and (y < 0).any()
    assert not weights[y < 0].any()
    occurring = np.unique(y[y >= 0])
    sums = [weights[y == k].sum() for k in occurring]
    expected = (y >= 0).sum() / data.num_classes
    np.testing.assert_allclose(sums, expected, rtol=1e-4)


def test_the_loss_of_tokens_takes_their_weights():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    tags = np.array([[0, 3, -1], [2, 1, 1]])
    weights = np.array([[1.0, 2.0, 5.0], [0.5, 0.0, 3.0]], "float32")
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    of_tag = np.take_along_axis(logs, np.maximum(tags, 0)[..., None], -1)[..., 0]
    expected = -(weights * of_tag * (tags >= 0)).mean()
    assert float(TokenCrossentropy()(tags, logits, weights)) == pytest.approx(expected)


@pytest.mark.slow
def test_equal_weights_of_tags_train_as_a_weight_of_each_sentence(tmp_path):
    options = {"epochs": 1, "jit": "off", "optimizer": ("SGD", {"learning_rate": 0.1})}
    data = prepare("tagger").data
    every = dict.fromkeys(data.labels, 2.0)
    twice = np.full(len(data.train.y), 2.0)
    tags, sentences = (
        zoo.train("tagger", output=tmp_path / name, **options | given).model
        for name, given in {
            "tags": {"class_weight": every},
            "sentences": {"sample_weight": twice},
        }.items()
    )
    for ours, theirs in zip(tags.get_weights(), sentences.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_weight_of_zero_leaves_a_tag_out_of_the_loss():
    data = prepare("tagger").data
    others = data.labels[1:]
    split = weighted(data, config_of(dict.fromkeys(others, 0.0))).train
    logits = np.random.default_rng(0).normal(size=(*split.y.shape, len(data.labels)))
    loss = TokenCrossentropy()(split.y, logits, split.sample_weight)
    renumbered = np.where(split.y > 0, 1 + split.y % len(others), split.y)
    same = TokenCrossentropy()(renumbered, logits, split.sample_weight)
    assert float(loss) == float(same) > 0
    assert float(loss) != float(TokenCrossentropy()(renumbered, logits))


@pytest.mark.parametrize("name", ["forecaster", "char_rnn", "autoencoder"])
def test_what_has_no_classes_refuses_their_weights(name):
    with pytest.raises(ArgumentError, match="one class for each sample or token"):
        prepare(name, class_weight="balanced")


@pytest.mark.slow
def test_validation_is_weighted_by_class_since_it_chooses_the_epoch(tmp_path):
    own = np.arange(1.0, 81.0)
    options = {"class_weight": {"setosa": 5.0}, "sample_weight": own, "epochs": 1}
    run = zoo.train("mlp", dataset="iris", jit="off", output=tmp_path / "r", **options)
    x, y = zoo.load_dataset("iris").validation
    logits = run.model.predict(x, verbose=0)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    weights = np.where(y == 0, 5.0, 1.0)
    loss = -(weights * logs[np.arange(len(y)), y]).mean()
    accuracy = (weights * (logits.argmax(axis=1) == y)).sum() / weights.sum()
    assert run.history["val_loss"] == pytest.approx([loss], rel=1e-4)
    assert run.history["val_accuracy"] == pytest.approx([accuracy], rel=1e-4)


@pytest.mark.slow
def test_validation_of_tags_is_weighted_by_token(tmp_path):
    data = prepare("tagger", class_weight="balanced").data
    options = {"class_weight": "balanced", "epochs": 1, "jit": "off"}
    run = zoo.train("tagger", output=tmp_path / "r", **options)
    x, y, weights = data.validation
    right = run.model.predict(x, verbose=0).argmax(axis=-1) == y
    accuracy = (weights * right).sum() / weights.sum()
    assert run.history["val_accuracy"] == pytest.approx([accuracy], rel=1e-4)


@pytest.mark.parametrize("part", ["train", "validation"])
def test_a_split_in_which_no_sample_counts_is_refused(part):
    data = zoo.load_dataset("iris")
    split = getattr(data, part)
    alone = split._replace(y=np.zeros_like(split.y))
    config = config_of({"setosa": 0.0})
    with pytest.raises(ArgumentError, match=f"every sample of the {part} split"):
        weighted(dataclasses.replace(data, **{part: alone}), config)


def test_samples_of_which_none_counts_are_refused(tmp_path):
    none = np.zeros(len(zoo.load_dataset("iris").train.y))
    with pytest.raises(ArgumentError, match="every sample of the train split"):
        zoo.train("mlp", dataset="iris", sample_weight=none, output=tmp_path / "r")
    assert not (tmp_path / "r").exists()
