"""Regression: quantities in their own units, from training to evaluation."""

import json
import math

import keras
import numpy as np
import pytest

import zoo
from custom_layers import Dense
from custom_layers import losses as own_losses
from custom_layers.metrics import R2
from zoo import tasks
from zoo.datasets import Split, make_regression_dataset
from zoo.errors import ArgumentError, DatasetError
from zoo.tasks.standardized_loss import StandardizedLoss
from zoo.weights.transfer import target_scale

ROWS = 200
_RNG = np.random.default_rng(3)
X = _RNG.normal(size=(ROWS, 3)).astype("float32")
PRICE = 250_000 + 40_000 * X[:, 0] - 9_000 * X[:, 1] + 500 * _RNG.normal(size=ROWS)
SHARE = 0.3 + 0.01 * X[:, 2]


def data_of(y, x=X, **more):
    names = tuple(f"t{i}" for i in range(1 if np.ndim(y) == 1 else np.shape(y)[1]))
    return make_regression_dataset("mine", names, Split(x, np.asarray(y)), **more)


PRICES = data_of(PRICE)
BOTH = data_of(np.stack([PRICE, SHARE], axis=1))


def trained(folder, data=PRICES, name="linear_regression", **options):
    options = {"epochs": 30, "learning_rate": 0.05, "batch_size": 32} | options
    return zoo.train(name, dataset=data, output=folder / "run", **options)


def least_squares(data):
    x = np.c_[data.train.x, np.ones(len(data.train.x))].astype("float64")
    weights, *_ = np.linalg.lstsq(x, data.train.y.astype("float64"), rcond=None)
    return np.c_[data.test.x, np.ones(len(data.test.x))] @ weights


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("linear"))


@pytest.fixture(scope="module")
def of_two(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("two"), BOTH, epochs=20)


def test_linear_regression_ends_at_the_least_squares_solution(run):
    found = run.model.predict(PRICES.test.x, verbose=0)
    difference = found - least_squares(PRICES)
    assert np.abs(difference).max() < 0.02 * PRICES.train.y.std()


def test_metrics_are_exact_over_the_test_split(run):
    y = PRICES.test.y.astype("float64")
    errors = y - run.model.predict(PRICES.test.x, verbose=0)
    assert run.metrics["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    rmse = math.sqrt(np.square(errors).mean())
    assert run.metrics["rmse"] == pytest.approx(rmse, rel=1e-4)
    share = np.square(errors).mean() / y.var()
    assert run.metrics["r2"] == pytest.approx(1 - share, abs=1e-6)
    # The loss is in units of the deviation of the training targets.
    scale = PRICES.train.y.astype("float64").std()
    assert run.metrics["loss"] == pytest.approx((rmse / scale) ** 2, rel=1e-3)


def test_the_baseline_is_the_mean_of_the_training_targets(run):
    errors = PRICES.test.y - PRICES.train.y.astype("float64").mean()
    assert run.metrics["baseline_mae"] == pytest.approx(np.abs(errors).mean())
    rmse = math.sqrt(np.square(errors).mean())
    assert run.metrics["baseline_rmse"] == pytest.approx(rmse)
    variation = PRICES.test.y.astype("float64").var()
    held = run.details["baseline"]
    assert held["metric"] == "r2"
    assert held["value"] == pytest.approx(1 - rmse**2 / variation, abs=1e-6)


def test_evaluating_the_run_again_gives_its_metrics(run):
    found = zoo.evaluate(run.directory, PRICES)
    assert found == pytest.approx(run.metrics, rel=1e-4)


def test_a_run_holds_its_task_and_targets(run):
    held = json.loads((run.directory / "config.json").read_text())
    assert (held["task"], held["targets"], held["labels"]) == ("regression", ["t0"], [])
    assert (held["monitor"], held["mode"]) == ("val_loss", "min")


def test_each_of_several_targets_has_its_figures(of_two):
    y = BOTH.test.y.astype("float64")
    errors = y - of_two.model.predict(BOTH.test.x, verbose=0)
    rows = json.loads((of_two.directory / "metrics.json").read_text())["details"]
    assert [each["name"] for each in rows["targets"]] == ["t0", "t1"]
    for place, row in enumerate(rows["targets"]):
        squared = np.square(errors[:, place]).mean()
        assert row["rmse"] == pytest.approx(math.sqrt(squared), rel=1e-3)
        assert row["r2"] == pytest.approx(1 - squared / y[:, place].var(), abs=1e-4)
    mean = np.mean([row["r2"] for row in rows["targets"]])
    assert of_two.metrics["r2"] == pytest.approx(mean, abs=1e-4)


@pytest.mark.slow
def test_a_unit_changes_nothing_but_the_unit(tmp_path):
    # The same seed, the same steps: the loss has no unit.
    small = data_of(PRICE / 1e6)
    runs = [
        trained(tmp_path / str(i), data, "mlp", epochs=2, loss="Huber")
        for i, data in enumerate((PRICES, small))
    ]
    first, second = (run.history["loss"] for run in runs)
    assert first == pytest.approx(second, rel=1e-3)
    assert runs[0].metrics["mae"] == pytest.approx(1e6 * runs[1].metrics["mae"], 1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["MeanAbsoluteError", "Huber"])
def test_the_loss_of_a_recipe_is_of_standardized_targets(tmp_path, loss):
    run = trained(tmp_path, epochs=1, loss=loss)
    assert run.history["loss"][0] < 2


def test_a_model_no_better_than_the_mean_is_told_so(tmp_path, capsys):
    noise = data_of(_RNG.normal(size=ROWS))
    trained(tmp_path, noise, epochs=1, learning_rate=0.0)
    said = " ".join(capsys.readouterr().err.split())
    assert "is no better than the baseline, always the mean of the training" in said
    assert "--class-weight" not in said


class TestModels:
    @pytest.mark.parametrize(
        ("name", "shape"), [("mlp", (3,)), ("rbf", (3,)), ("lenet5", (8, 8, 1))]
    )
    def test_one_architecture_serves_several_tasks(self, name, shape):
        spec = zoo.model_spec(name)
        assert "regression" in spec.tasks
        assert name in zoo.list_models(task="regression")
        options = {"input_shape": shape, "num_classes": 2}
        plain = zoo.create_model(name, **options)
        model = zoo.create_model(name, task="regression", **options)
        assert target_scale(plain) is None
        assert target_scale(model) is model.layers[-1]
        assert model.layers[-2].name == plain.layers[-1].name == "logits"

    def test_a_task_that_it_does_not_serve(self):
        with pytest.raises(ArgumentError, match=r"'perceptron' is for classification,"):
            zoo.create_model("perceptron", task="regression")

    def test_outputs_are_in_the_units_of_the_targets(self):
        model = zoo.create_model("mlp", task="regression", num_classes=2)
        tasks.get("regression").inform(model, BOTH)
        inner = keras.Model(model.input, model.get_layer("logits").output)
        x = np.zeros((1, 4), "float32")
        y = BOTH.train.y.astype("float64")
        expected = inner.predict(x, verbose=0) * y.std(axis=0) + y.mean(axis=0)
        np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)

    def test_a_saved_model_is_known_again(self, run, tmp_path):
        model = zoo.create_model("mlp", task="regression")
        model.save(tmp_path / "m.keras")
        found = zoo.runs.trained.trained(tmp_path / "m.keras")
        assert (found.name, found.task) == ("mlp", "regression")

    def test_data_of_classes_is_refused(self):
        with pytest.raises(DatasetError, match="for classification; it has no quant"):
            zoo.train("linear_regression", dataset="iris")

    def test_a_model_of_classes_refuses_quantities(self):
        with pytest.raises(DatasetError, match="is for regression; it has no classes"):
            zoo.train("perceptron", dataset=PRICES)


class TestStarting:
    @pytest.mark.slow
    def test_from_a_classifier_with_a_new_head(self, tmp_path):
        x = _RNG.uniform(0, 16, (120, 8, 8, 1)).astype("float32")
        data = data_of(1000 + x.mean(axis=(1, 2, 3)), x)
        run = trained(tmp_path, data, "lenet5.digits", epochs=1, learning_rate=0.0)
        shipped = zoo.create_model("lenet5.digits", pretrained=True)
        body = [np.array(w) for w in shipped.weights][:4]
        for ours, theirs in zip(run.model.weights[:4], body, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        scale = target_scale(run.model)
        assert float(scale.adapt_mean[0]) == pytest.approx(data.train.y.mean())

    @pytest.mark.slow
    def test_from_a_regression_of_the_same_targets(self, run, tmp_path):
        more = trained(
            tmp_path, weights=run.directory, epochs=1, learning_rate=0.0, seed=4
        )
        assert more.metrics == pytest.approx(run.metrics, rel=1e-4)

    @pytest.mark.slow
    def test_from_a_regression_of_others(self, run, tmp_path):
        other = make_regression_dataset("o", ("age",), Split(X, 40 + X[:, 0]))
        more = trained(tmp_path, other, weights=run.directory, epochs=1)
        mean = float(target_scale(more.model).adapt_mean[0])
        assert mean == pytest.approx(other.train.y.mean())


@pytest.mark.slow
def test_an_ensemble_predicts_the_mean_of_its_members(tmp_path):
    run = zoo.train_ensemble(
        "mlp", members=2, dataset=PRICES, epochs=1, output=tmp_path / "both"
    )
    members = [
        keras.saving.load_model(path)
        for path in sorted(tmp_path.glob("both/members/*/model.keras"))
    ]
    mean = np.mean([m.predict(PRICES.test.x, verbose=0) for m in members], axis=0)
    ours = run.model.predict(PRICES.test.x, verbose=0)
    np.testing.assert_allclose(ours, mean, rtol=1e-5)
    assert run.metrics["rmse"] > 0


@pytest.mark.slow
def test_a_model_of_the_users_own_keeps_its_loss(tmp_path):
    model = keras.Sequential([keras.Input((3,)), Dense(1)], name="own")
    run = zoo.train(model, dataset=data_of(SHARE), epochs=2, output=tmp_path / "run")
    assert run.config["task"] == "regression"
    y = data_of(SHARE).test.y
    squared = np.square(y - run.model.predict(data_of(SHARE).test.x, verbose=0)).mean()
    assert run.metrics["loss"] == pytest.approx(float(squared), rel=1e-4)
    assert zoo.evaluate(run, data_of(SHARE))["r2"] == pytest.approx(
        run.metrics["r2"], abs=1e-4
    )


class TestStandardizedLoss:
    def test_is_the_loss_of_standardized_values(self):
        y, p = _RNG.normal(size=(2, 5, 2)).astype("float32")
        mean, scale = [1.0, -2.0], [0.5, 4.0]
        loss = StandardizedLoss(own_losses.MeanAbsoluteError(), mean, scale)
        expected = np.abs((y - p) / scale).mean()
        assert float(loss(y, p)) == pytest.approx(expected, rel=1e-5)

    def test_is_saved_with_its_loss(self):
        loss = StandardizedLoss(own_losses.Huber(delta=0.3), [1.0], [2.0])
        again = keras.saving.deserialize_keras_object(
            keras.saving.serialize_keras_object(loss)
        )
        y, p = [[1.0], [9.0]], [[0.0], [2.0]]
        assert float(again(y, p)) == float(loss(y, p))
        assert again.get_config() == loss.get_config()

    @pytest.mark.parametrize("scale", [[0.0], [1.0, 1.0], [-1.0]])
    def test_needs_a_scale_for_each_target(self, scale):
        for make in (lambda: R2([0.0], scale), self._loss(scale)):
            with pytest.raises(ValueError, match="a number for each target"):
                make()

    def _loss(self, scale):
        return lambda: StandardizedLoss(keras.losses.Huber(), [0.0], scale)


def test_a_mean_far_from_zero_costs_no_precision():
    y = (1e6 + _RNG.normal(size=(500, 1))).astype("float32")
    p = (y + 0.5 * _RNG.normal(size=y.shape)).astype("float32")
    task = tasks.get("regression").of(data_of(y[:, 0], np.zeros((500, 1))))
    metric = next(each for each in task.metrics() if each.name == "r2")
    metric.update_state(y, p)
    exact = y.astype("float64")
    share = np.square(exact - p).sum() / np.square(exact - exact.mean()).sum()
    assert float(metric.result()) == pytest.approx(1 - share, abs=1e-3)
