"""Models of the zoo as estimators of scikit-learn."""

import pickle
import random

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from zoo.errors import ArgumentError, UnknownNameError
from zoo.sklearn import ZooClassifier, ZooRegressor

# What no estimator that learns from batches can pass.
IMPOSSIBLE = {
    "check_sample_weight_equivalence_on_dense_data": "copies of a sample are at other "
    "places of the batches than a sample of their weight",
}


@pytest.mark.slow
@parametrize_with_checks(
    [ZooClassifier(random_state=0), ZooRegressor(random_state=0)],
    expected_failed_checks=lambda estimator: IMPOSSIBLE,
)
def test_as_scikit_learn_expects(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def flowers():
    data = load_iris(as_frame=True)
    names = np.array([f"iris {name}" for name in data.target_names])
    return data.data, names[data.target]


@pytest.fixture(scope="module")
def fitted(flowers):
    return ZooClassifier(epochs=30, random_state=0).fit(*flowers)


def test_a_classifier_of_names(fitted, flowers):
    X, y = flowers
    assert fitted.score(X, y) > 0.9
    assert fitted.classes_.tolist() == sorted(set(y))
    assert fitted.n_features_in_ == 4
    assert fitted.feature_names_in_.tolist() == X.columns.tolist()
    assert fitted.n_iter_ == 30
    probabilities = fitted.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    best = fitted.classes_[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(fitted.predict(X), best)
    np.testing.assert_allclose(fitted.predict_log_proba(X), np.log(probabilities))


def test_it_is_pickled_and_cloned(fitted, flowers):
    X, _ = flowers
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))
    fresh = clone(fitted)
    assert fresh.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(X)


def test_answers_do_not_depend_on_the_other_samples(fitted, flowers):
    X, _ = flowers
    alone = np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(alone, fitted.predict_proba(X)[:5], atol=1e-7)


@pytest.mark.slow
def test_a_fit_leaves_nothing_behind(flowers, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "here")
    X, y = flowers
    np.random.seed(3)
    random.seed(3)
    ZooClassifier(epochs=1, random_state=0).fit(X, y)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["here", "temporary"]
    found = np.random.rand(), random.random()
    np.random.seed(3)
    random.seed(3)
    assert found == (np.random.rand(), random.random())


@pytest.mark.slow
def test_a_regressor_answers_in_the_units_and_shape_of_its_targets():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 3))
    y = 1000 + 50 * X[:, 0]
    flat = ZooRegressor(epochs=20, random_state=0).fit(X, y)
    assert flat.predict(X).shape == (200,)
    assert flat.predict(X).dtype == "float64"
    assert flat.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("estimator", "error", "words"),
    [
        (ZooClassifier("lenet"), UnknownNameError, "lenet5"),
        (ZooClassifier(epochs=0), ArgumentError, "`epochs` must be 1 or more"),
        (ZooClassifier(options={"epoch": 1}), ArgumentError, "no option `epoch`"),
        (ZooClassifier(input_shape=(2, 3)), ArgumentError, "samples have 4"),
        (ZooClassifier("char_rnn"), ValueError, "needs text"),
    ],
)
def test_wrong_parameters(flowers, estimator, error, words):
    with pytest.raises(error, match=words):
        estimator.fit(*flowers)


def test_one_class_is_refused(flowers):
    X, _ = flowers
    with pytest.raises(ValueError, match="2 classes or more"):
        ZooClassifier().fit(X, np.zeros(len(X), int))


@pytest.mark.slow
def test_rare_classes_count_as_much_when_balanced():
    X, y = make_classification(
        3000, n_informative=4, weights=[0.92], class_sep=0.8, random_state=0
    )
    plain, balanced = (
        balanced_accuracy_score(
            y[1500:],
            ZooClassifier(epochs=20, random_state=0, class_weight=weight)
            .fit(X[:1500], y[:1500])
            .predict(X[1500:]),
        )
        for weight in (None, "balanced")
    )
    assert balanced > plain + 0.05


@pytest.mark.slow
def test_in_pipelines_searches_and_cross_validation(flowers):
    X, y = flowers
    pipeline = make_pipeline(StandardScaler(), ZooClassifier(epochs=20, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=2).min() > 0.8
    grid = {"zooclassifier__learning_rate": [1e-6, 0.03]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    assert search.best_params_ == {"zooclassifier__learning_rate": 0.03}


@pytest.mark.slow
def test_rows_become_images():
    X, y = load_digits(return_X_y=True)
    options = {"input_shape": (8, 8, 1), "epochs": 5, "random_state": 0}
    classifier = ZooClassifier("lenet5", **options).fit(X[:1000], y[:1000])
    assert classifier.score(X[1000:], y[1000:]) > 0.8


@pytest.mark.slow
def test_several_quantities():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 3))
    y = pd.DataFrame({"a": X[:, 0], "b": -100 * X[:, 1]})
    regressor = ZooRegressor(epochs=30, random_state=0).fit(X, y)
    assert regressor.predict(X).shape == (200, 2)
    assert regressor.score(X, y) > 0.9
