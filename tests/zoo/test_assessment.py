"""What is known of a classifier, class by class, from its test answers."""

import json

import keras
import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk

import zoo
from tests.zoo.subjects import classified, make_subject
from zoo import tasks
from zoo.cli.scores import say_scores
from zoo.datasets import Split
from zoo.datasets.dataset import make_dataset
from zoo.inference.training_sample import training_sample
from zoo.reports import facts, page
from zoo.reports.pictures import reliability
from zoo.results.sequence_baselines import tags
from zoo.runs.reading import read_details, read_metrics
from zoo.tasks.assessment import assess_classes
from zoo.tasks.baselines import (
    commonest_class,
    commonest_tag_of_each_token,
)
from zoo.tasks.calibration import BINS, calibration
from zoo.tasks.intervals import wilson
from zoo.tasks.regression import mean_target


def answered(count=300, classes=4, seed=0):
    """A dataset with an imbalanced test split, and logits of a poor model."""
    generator = np.random.default_rng(seed)
    data = classified([f"class {k}" for k in range(classes)])
    y = generator.choice(classes, count, p=[0.7, 0.2, 0.06, 0.04])
    x = np.zeros((count, *data.input_shape), "float32")
    logits = generator.normal(size=(count, classes)) + 1.5 * np.eye(classes)[y]
    test = Split(x, y)
    return data.__class__(**{**data.__dict__, "test": test}), logits


def test_figures_of_classes_are_those_of_scikit_learn():
    data, logits = answered()
    y, guesses = data.test.y, logits.argmax(axis=1)
    metrics, details = assess_classes(logits, data)
    assert metrics["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(y, guesses)
    )
    expected = sk.precision_recall_fscore_support(y, guesses)
    for k, key in enumerate(("precision", "recall", "f1", "samples")):
        found = [each[key] for each in details["classes"]]
        np.testing.assert_allclose(found, expected[k])
    matrix = np.diag([each["correct"] for each in details["classes"]])
    for each in details["confusions"]:
        row, column = (
            data.labels.index(each["true"]),
            data.labels.index(each["predicted"]),
        )
        matrix[row, column] = each["samples"]
    np.testing.assert_array_equal(matrix, sk.confusion_matrix(y, guesses))
    sizes = [each["samples"] for each in details["confusions"]]
    assert sizes == sorted(sizes, reverse=True)


def test_what_would_be_divided_by_zero_is_none():
    data, _ = answered()
    y = np.array([0, 0, 1])
    data = data.__class__(**{**data.__dict__, "test": Split(data.test.x[:3], y)})
    logits = np.eye(4)[[0, 2, 0]] * 5
    classes = assess_classes(logits, data).details["classes"]
    assert [each["precision"] for each in classes] == [0.5, None, 0.0, None]
    assert [each["recall"] for each in classes] == [0.5, 0.0, None, None]
    assert [each["f1"] for each in classes] == [0.5, 0.0, 0.0, None]
    json.dumps(classes, allow_nan=False)


@pytest.mark.parametrize(("right", "samples"), [(109, 114), (0, 5), (7, 7), (1, 3)])
def test_the_interval_is_that_of_wilson(right, samples):
    expected = binomtest(right, samples).proportion_ci(method="wilson")
    found = wilson(right / samples, samples)
    np.testing.assert_allclose(found, [expected.low, expected.high], atol=1e-12)


def test_calibration_bin_by_bin():
    _, logits = answered()
    data, _ = answered()
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y, best = data.test.y, p.max(axis=1)
    right = p.argmax(axis=1) == y
    error = 0.0
    for b in range(BINS):
        here = (best > b / BINS) & (best <= (b + 1) / BINS)
        if here.any():
            error += here.mean() * abs(right[here].mean() - best[here].mean())
    found = calibration(p, y)
    assert found["error"] == pytest.approx(error) and found["bins"] == 15
    assert sum(point["samples"] for point in found["curve"]) == len(y)
    assert found["log_loss"] == pytest.approx(sk.log_loss(y, p))
    brier = ((p - np.eye(4)[y]) ** 2).sum(axis=1).mean()
    assert found["brier"] == pytest.approx(brier)


def test_scores_of_a_margin_loss_have_no_calibration():
    data, logits = answered()
    assert (
        assess_classes(logits, data, are_probable=False).details["calibration"] is None
    )
    assert tasks.assessment.estimates_probabilities(None)
    assert not tasks.assessment.estimates_probabilities(("Hinge", {}))


def test_padding_is_no_token():
    data, logits = answered(count=8)
    y = data.test.y.copy()
    y[[1, 6]] = -1
    padded = Split(data.test.x, y.reshape(2, 4))
    data = data.__class__(**{**data.__dict__, "test": padded})
    details = assess_classes(logits.reshape(2, 4, 4), data).details
    assert (details["samples"], details["unit"]) == (6, "tokens")
    assert sum(each["samples"] for each in details["classes"]) == 6


def test_the_baseline_of_classes_is_measured_on_the_test_split():
    data, _ = answered()
    y = np.array([0, 2, 2, 1])
    train = Split(np.zeros((4, *data.input_shape)), y)
    data = data.__class__(**{**data.__dict__, "train": train})
    found = commonest_class(data)
    assert found.value == pytest.approx((data.test.y == 2).mean())
    assert found.method == 'always "class 2", the commonest class'


def test_the_baseline_of_quantities_is_the_mean_of_training():
    generator = np.random.default_rng(0)
    train, test = (generator.normal(size=(n, 2)) * (1, 9) + (5, 2) for n in (40, 30))
    data, _ = answered()
    splits = {"train": Split(train, train), "test": Split(test, test)}
    data = data.__class__(**{**data.__dict__, **splits})
    guesses = np.broadcast_to(train.mean(axis=0), test.shape)
    found = mean_target(data)
    assert found.metric == "r2"
    assert found.value == pytest.approx(sk.r2_score(test, guesses))


def test_the_baseline_of_tags_is_that_of_each_token():
    raw = zoo.load_dataset("toy_tags")
    task = tasks.get("tagging")
    encoded = task.encode(raw, {"vocabulary_size": 10_000})
    known = {token for sentence in raw.train.x for token in sentence}
    assert all(token in known for sentence in raw.test.x for token in sentence)
    expected = tags(raw)["most frequent tag of each token"]
    assert commonest_tag_of_each_token(encoded).value == pytest.approx(expected)


@pytest.mark.slow
def test_a_run_its_evaluation_and_its_report_say_the_same(tmp_path, capsys):
    run = zoo.train("mlp", dataset="iris", epochs=3, jit="off", output=tmp_path / "r")
    assert read_metrics(run.directory) == run.metrics
    assert read_details(run.directory) == run.details
    metrics, details = zoo.assess(run)
    assert metrics == pytest.approx(run.metrics)
    assert details["classes"] == run.details["classes"]
    assert details["baseline"]["value"] == pytest.approx(0.34)
    assert run.details["accuracy_interval"] == list(
        wilson(sum(c["correct"] for c in details["classes"]) / 50, 50)
    )


@pytest.mark.slow
def test_training_is_scored_as_the_test_is(tmp_path, capsys):
    """Statistics that a short training left behind show in both."""
    inputs = keras.Input((2,))
    slow = keras.layers.BatchNormalization(momentum=0.999, scale=False)
    model = keras.Model(inputs, keras.layers.Dense(2)(slow(inputs)))
    x = np.random.default_rng(0).normal(50, 1, (400, 2)).astype("float32")
    y = (x[:, 0] > 50).astype("int64")
    split = Split(x, y)
    data = make_dataset("far", ("low", "high"), split, split, split)
    run = zoo.train(
        model, dataset=data, epochs=3, jit="off", learning_rate=0.1, output=tmp_path
    )
    seen = run.details["training"]
    assert seen["samples"] == 400
    assert seen["metrics"]["accuracy"] == pytest.approx(run.metrics["accuracy"])
    assert max(run.history["accuracy"]) > seen["metrics"]["accuracy"] + 0.2
    say_scores(run.metrics, run.details)
    accuracy = f"accuracy {seen['metrics']['accuracy']:.4f}"
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith("training: ") and accuracy in line
    assert line.endswith("(400 samples, in inference mode)")


def test_a_sample_of_the_training_split():
    x = np.arange(5_000).reshape(-1, 1)
    train, test = Split(x, x[:, 0]), Split(x[:2_000], x[:2_000, 0])
    data = make_dataset("many", tuple(map(str, range(5_000))), train, test, test)
    seen = training_sample(data).test
    assert len(seen.x) == len(set(seen.y)) == 1_000
    assert (seen.x[:, 0] == seen.y).all()
    assert (seen.y[0], seen.y[-1]) == (0, 4_999)


def test_of_other_data_the_training_split_was_not_seen():
    found = zoo.assess("mlp.iris")
    assert found.details["training"]["metrics"].keys() <= found.metrics.keys()
    assert "training" not in zoo.assess("mlp.iris", zoo.load_dataset("iris")).details


def test_the_report_has_a_row_for_each_class(tmp_path):
    data, logits = answered()
    subject = make_subject(
        tmp_path, data, outputs=logits, metrics={"accuracy": 0.5, "details": {}}
    )
    rows = facts.classes(subject)
    first = subject.details["classes"][0]
    assert rows["class 0"] == [
        str(first["samples"]),
        *(f"{first[key]:.4f}" for key in ("precision", "recall", "f1")),
    ]
    assert "baseline" in facts.results(subject)
    figure = reliability.draw(subject)
    (points,) = figure.axes[0].collections
    assert len(points.get_offsets()) == len(subject.details["calibration"]["curve"])
    assert "class 3" in "".join(page._parts_of_result(subject))
