"""Series: where they come from, how they are cut, and how forecasts are scored."""

import numpy as np
import pytest

import zoo
from zoo import tasks
from zoo.datasets.series import series
from zoo.errors import ArgumentError, DatasetError
from zoo.tasks.forecasting import naive
from zoo.training.job import prepare


def prepared(data, window=4, horizon=2, period=2):
    encoding = {"window": window, "horizon": horizon, "period": period}
    return tasks.get("forecasting").encode(data, encoding)


def test_windows_do_not_leak():
    data = prepared(series("count", np.arange(50.0)))
    for split in data.splits.values():
        for past, ahead in zip(*split, strict=True):
            np.testing.assert_array_equal(np.diff([*past[:, 0], *ahead]), 1)
    assert data.train.y.max() == 39
    assert (data.validation.y.min(), data.validation.y.max()) == (40, 44)
    assert (data.test.y.min(), data.test.y.max()) == (45, 49)
    assert data.test.x.min() == 41


def test_scaled_errors_by_hand():
    values = np.tile([0.0, 1.0, 4.0], 20)
    values[-6:] += 2
    data = prepared(series("steps", values), window=3, horizon=3, period=2)

    class Zeros:
        def predict(self, x, **options):
            return np.zeros((len(x), 3))

    found = tasks.get("forecasting").more_scores(Zeros(), data)
    x, y = data.test
    train = values[:48]
    scale = np.mean([abs(train[t] - train[t - 2]) for t in range(2, 48)])
    assert found["mase"] == pytest.approx(np.abs(y).mean() / scale)
    by_hand = np.mean(
        [abs(y[i, s] - x[i, 1 + s % 2, 0]) for i in range(len(y)) for s in range(3)]
    )
    assert found["naive_mase"] == pytest.approx(by_hand / scale)


def test_the_naive_forecast_repeats_the_season():
    x = np.arange(6.0).reshape(1, 6, 1)
    assert naive(x, horizon=4, period=3).tolist() == [[3, 4, 5, 3]]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "sales.csv"
    rows = "".join(f"{day},{day % 7}\n" for day in range(100))
    path.write_text("day,sold\n" + rows)
    return path


def test_a_column_of_a_table(table):
    data = zoo.load_dataset(f"{table}:sold")
    values = np.concatenate([split.x for split in data.splits.values()])
    np.testing.assert_array_equal(values, np.arange(100) % 7)


def test_a_file_of_one_column(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("sold\n" + "".join(f"{i}.5\n" for i in range(30)))
    data = zoo.load_dataset(path)
    assert data.task == "forecasting"
    assert data.train.x[:2].tolist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ("content", "column", "message"),
    [
        ("a,b\n1,2\n", "c", "no column 'c'; it has a, b"),
        ("a,b\n1,2\n", "a", "1 values; 20 are the least"),
        ("a,b\n1,2\n\n3\n", "b", "line 4 has 1 columns, the header 2"),
        ("a,b\n" + "1,x\n" * 30, "b", "line 2, column 'b': 'x' is not a number"),
        ("1,0.5\n" * 30, "b", "no column 'b'; it has 1, 2, by their places"),
        (
            "a,b\n" + "1,2\n" * 30 + "1,nan\n",
            "b",
            "NaN or infinite, the first is number 30",
        ),
    ],
)
def test_wrong_tables(tmp_path, content, column, message):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message):
        zoo.load_dataset(f"{path}:{column}")


@pytest.mark.slow
def test_windows_of_a_short_series(table, tmp_path):
    encoding = {"window": 14, "horizon": 3, "period": 6}
    options = {"epochs": 1, "output": tmp_path / "run", "encoding": encoding}
    options |= {"jit": "off"}
    run = zoo.train("forecaster", dataset=f"{table}:sold", **options)
    assert (run.model.input_shape, run.model.output_shape) == ((None, 14, 1), (None, 3))
    assert zoo.evaluate(run)["mase"] == run.metrics["mase"]


def test_other_windows_of_the_series_that_an_instance_was_trained_on():
    encoding = {"window": 30, "horizon": 3, "period": 5}
    job = prepare("forecaster", dataset="toy_series", encoding=encoding)
    assert job.model.input_shape == (None, 30, 1)
    with pytest.raises(DatasetError, match="window 168.*train 'forecaster' instead"):
        prepare("forecaster.toy_series", encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ({"windw": 14}, "no `encoding.windw`. Did you mean window"),
        ({"window": 0}, "`encoding.window` must be 1 or more. Received: 0"),
        ({"window": 1.5}, "`encoding.window` must be a whole number"),
        ({"horizon": True}, "`encoding.horizon` must be a whole number"),
    ],
)
def test_an_encoding_that_there_is_not(encoding, message):
    with pytest.raises(ArgumentError, match=message):
        zoo.plan("forecaster", encoding=encoding)


def test_windows_that_do_not_fit():
    data = series("short", np.arange(30.0))
    with pytest.raises(DatasetError, match="24 values; one window and its targets"):
        prepared(data, window=23, horizon=2)
    with pytest.raises(DatasetError, match="A season of 5 values"):
        prepared(data, window=4, period=5)
    with pytest.raises(DatasetError, match="repeats itself every 7 values"):
        prepared(series("week", np.arange(90.0) % 7), window=9, horizon=2, period=7)
    with pytest.raises(DatasetError, match="needs a series"):
        prepared(zoo.load_dataset("iris"))


def test_a_level_that_training_never_saw_is_no_matter():
    model = zoo.create_model("forecaster", window=12, horizon=3)
    x = np.random.default_rng(0).normal(size=(4, 12, 1))
    near = np.asarray(model(x))
    far = np.asarray(model(1000 + 10 * x))
    np.testing.assert_allclose(far, 1000 + 10 * near, rtol=1e-4)
