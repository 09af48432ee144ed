"""Quantities as targets, in CSV files, arrays and tables of texts."""

import numpy as np
import pytest

import zoo
from zoo.datasets import Split, make_regression_dataset
from zoo.datasets.quantities import is_quantity
from zoo.errors import DatasetError

ROWS = 60


def noise(i):
    return round(((i * 7919) % 101 - 50) / 25, 2)


def table(columns, rows=ROWS):
    lines = [",".join(columns)]
    lines += [",".join(str(c(i)) for c in columns.values()) for i in range(rows)]
    return "\n".join(lines) + "\n"


def price(i):
    return 100 + i / 7


HOUSES = {"p": noise, "q": lambda i: noise(i + 3), "price": price}


@pytest.fixture
def write(tmp_path):
    def written(content, name="mine.csv"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return written


def kinds(data):
    return tuple(finding.kind for finding in data.findings)


def said(data):
    return " ".join(map(str, data.findings))


def test_a_quantity_in_the_last_column_is_a_regression(write):
    data = zoo.load_dataset(write(table(HOUSES)))
    assert (data.task, data.targets, data.labels) == ("regression", ("price",), ())
    assert kinds(data) == ("target", "quantity")
    assert "the target 'price' is a quantity: regression; --task classifi" in said(data)
    assert [len(split.y) for split in data.splits.values()] == [43, 5, 12]
    for split in data.splits.values():
        assert split.y.dtype == np.float32
        assert split.y.shape == (len(split.x), 1)
    prices = np.concatenate([split.y[:, 0] for split in data.splits.values()])
    np.testing.assert_allclose(np.sort(prices), [price(i) for i in range(ROWS)])


def test_rows_stay_with_their_targets(write):
    content = table({"p": lambda i: 3 * i + 0.5, "price": lambda i: i + 0.25})
    for split in zoo.load_dataset(write(content)).splits.values():
        np.testing.assert_allclose(split.x, 3 * (split.y - 0.25) + 0.5)


def test_the_splits_are_the_same_each_time(write):
    path = write(table(HOUSES))
    first, second = zoo.load_dataset(path), zoo.load_dataset(path)
    np.testing.assert_array_equal(first.test.y, second.test.y)


@pytest.mark.parametrize("target", [("price", "q"), ["price", "q"]])
def test_several_targets(write, target):
    data = zoo.load_dataset(write(table(HOUSES)), target=target)
    assert (data.targets, data.input_shape) == (("price", "q"), (1,))
    assert kinds(data) == ("quantity",)
    assert data.test.y.shape == (12, 2)


def test_the_task_overrides_the_guess(write):
    grades = table({"p": noise, "grade": lambda i: i % 3})
    assert zoo.load_dataset(write(grades)).task == "classification"
    data = zoo.load_dataset(write(grades), task="regression")
    assert set(np.unique(data.train.y)) == {0, 1, 2}
    halves = table({"p": noise, "size": lambda i: i % 4 + 0.5})
    assert zoo.load_dataset(write(halves)).task == "regression"
    data = zoo.load_dataset(write(halves), task="classification")
    assert data.labels == ("0.5", "1.5", "2.5", "3.5")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1] * 30, False),
        ([0.5, 1.5] * 30, False),
        (list(range(3)) * 20, False),
        (list(range(3, 10)) * 9, False),
        ([0.5, 1, 1.5] * 20, True),
        (list(range(20, 80)), True),
        (list(range(18, 68)) * 9, True),
        (list(range(47)) * 9, False),
        ([*range(47)] * 9 + [47], True),
    ],
)
def test_what_a_quantity_is(values, expected):
    assert is_quantity(np.array(values)) is expected


def test_classes_that_are_many_numbers_are_said(write):
    content = table({"p": noise, "grade": lambda i: i % 7}, 210)
    data = zoo.load_dataset(write(content))
    assert data.task == "classification"
    assert "'grade' holds 7 different numbers: classes; --task regression" in said(data)


def test_rows_without_a_target_are_left_out(write):
    columns = HOUSES | {"price": lambda i: ["", "NA", "?"][i] if i < 3 else price(i)}
    data = zoo.load_dataset(write(table(columns)))
    assert sum(len(split.y) for split in data.splits.values()) == ROWS - 3
    assert "3 of 60 rows have no label in 'price', the first in line 2" in said(data)


def test_a_placeholder_among_the_targets_is_said(write):
    columns = HOUSES | {"price": lambda i: -9999 if i % 9 == 0 else price(i)}
    assert "placeholder" in kinds(zoo.load_dataset(write(table(columns))))


DAYS = {"day": lambda i: f"2024-{i // 28 + 1:02}-{i % 28 + 1:02}"}


def test_a_table_over_time_names_the_forecast(write):
    path = write(table({**DAYS, "p": noise, "sold": price}))
    data = zoo.load_dataset(path)
    assert data.task == "regression"
    assert f"zoo train forecaster --dataset {path}:sold" in said(data)


def test_decimal_commas_in_the_target(write):
    lines = ["p;price"] + [f"{noise(i)};{i},5".replace(".", ",") for i in range(ROWS)]
    data = zoo.load_dataset(write("\n".join(lines)))
    assert data.task == "regression"
    prices = np.concatenate([split.y[:, 0] for split in data.splits.values()])
    assert sorted(prices) == [i + 0.5 for i in range(ROWS)]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (HOUSES, {"target": ("price", "q"), "task": "classification"}, "learns one"),
        (
            {"p": noise, "kind": lambda i: "ab"[i % 2]},
            {"task": "regression"},
            "targets of a regression are numbers, and 'kind'.*line 2.*'a' is not a num",
        ),
        (
            {**HOUSES, "kind": lambda i: "ab"[i % 2]},
            {"target": ("price", "kind")},
            "targets of a regression are numbers, and 'kind'",
        ),
        (HOUSES, {"target": ("price", "rent")}, "no column 'rent'; it has p, q, price"),
        (HOUSES, {"target": "price", "ignore": ("p", "q")}, "no column is left"),
        (
            {"p": noise, "flat": lambda i: 3},
            {"task": "regression"},
            "'flat' is 3 in all samples, so there is nothing to learn",
        ),
        (
            {"p": noise, "t": lambda i: 1_700_000_000.5 + i},
            {},
            "target 't' .* are left in float32.*subtract 1700000000.5",
        ),
        (
            HOUSES | {"price": lambda i: "inf" if i == 5 else price(i)},
            {},
            "1 of .* samples have a target that is NaN, infinite",
        ),
        (HOUSES, {"task": "regresion"}, "no task 'regresion'. Did you mean regression"),
    ],
)
def test_refused_in_one_line(write, columns, options, message):
    with pytest.raises(Exception, match=message) as caught:
        zoo.load_dataset(write(table(columns)), **options)
    assert isinstance(caught.value, zoo.ZooError)
    assert "\n" not in str(caught.value)


def test_a_built_in_set_of_classes_is_not_read_for_regression():
    with pytest.raises(DatasetError, match="'iris' is for classification; it cannot"):
        zoo.load_dataset("iris", task="regression")


def test_diabetes_is_in_its_own_units():
    data = zoo.load_dataset("diabetes")
    assert (data.targets, data.input_shape) == (("progression",), (10,))
    assert [len(split.y) for split in data.splits.values()] == [319, 35, 88]
    assert 19 <= data.train.x[:, 0].min() <= data.train.x[:, 0].max() <= 79
    assert 25 <= data.train.y.min() <= data.train.y.max() <= 346


class TestTexts:
    def review(self, i):
        words = ("good", "bad", "long", "short", "bright")
        return " ".join(words[(i * k) % 5] for k in (1, 2, 3, 7, 11)) + f" film {i}"

    def test_a_numeric_column_that_is_asked_for(self, write):
        path = write(table({"text": self.review, "stars": lambda i: 1 + i / 20}))
        data = zoo.load_dataset(path, target="stars")
        assert (data.task, data.targets) == ("regression", ("stars",))
        assert data.train.x.dtype == object
        stars = dict(zip(data.test.x, data.test.y[:, 0], strict=True))
        assert all(
            value == pytest.approx(1 + int(text.split()[-1]) / 20)
            for text, value in stars.items()
        )

    @pytest.mark.slow
    def test_trains_a_text_model(self, write, tmp_path):
        path = write(table({"text": self.review, "stars": lambda i: 1 + i / 20}))
        run = zoo.train(
            "text_cnn", dataset=path, target="stars", epochs=1, output=tmp_path / "r"
        )
        assert run.metrics["rmse"] > 0
        assert zoo.evaluate(run.directory) == pytest.approx(run.metrics, rel=1e-4)


class TestArrays:
    X = np.arange(120.0).reshape(60, 2)

    def saved(self, tmp_path, **arrays):
        path = tmp_path / "a.npz"
        np.savez(path, **arrays)
        return path

    def test_fractions_are_quantities(self, tmp_path):
        path = self.saved(tmp_path, x=self.X, y=self.X[:, 0] / 7)
        data = zoo.load_dataset(path)
        assert (data.task, data.targets) == ("regression", ("target",))

    def test_several_columns_and_their_names(self, tmp_path):
        targets = np.array(["width", "height"])
        path = self.saved(tmp_path, x=self.X, y=self.X / 7, targets=targets)
        assert zoo.load_dataset(path).targets == ("width", "height")
        path = self.saved(tmp_path, x=self.X, y=self.X / 7)
        assert zoo.load_dataset(path).targets == ("target_1", "target_2")

    def test_integers_are_classes_unless_asked(self, tmp_path):
        path = self.saved(tmp_path, x=self.X, y=np.arange(60) % 4)
        assert zoo.load_dataset(path).task == "classification"
        assert zoo.load_dataset(path, task="regression").task == "regression"

    def test_whole_numbers_in_floats_are_classes(self, tmp_path):
        path = self.saved(tmp_path, x=self.X, y=np.arange(60.0) % 4)
        data = zoo.load_dataset(path)
        assert (data.task, data.labels) == ("classification", ("0", "1", "2", "3"))

    def test_given_splits_and_missing_targets(self, tmp_path):
        y = self.X[:, 0] / 7
        y[[3, 50]] = np.nan
        path = self.saved(
            tmp_path,
            **{"x_train": self.X[:40], "y_train": y[:40]},
            **{"x_test": self.X[40:], "y_test": y[40:]},
        )
        data = zoo.load_dataset(path)
        assert len(data.test.y) == 19
        assert len(data.train.y) + len(data.validation.y) == 39
        assert "1 of 40 samples of train have no target: left out" in said(data)
        assert "1 of 20 samples of test have no target" in said(data)
        for split in data.splits.values():
            np.testing.assert_allclose(split.x[:, :1], 7 * split.y, rtol=1e-5)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array(["a"] * 9), "quantities must be numbers"),
        (np.zeros((9, 2)), "2 quantities of each sample, and 1 names"),
        (np.arange(8.0), "9 samples but 8"),
        (np.arange(9.0) * 1e30, "beyond 1e"),
        (np.full(9, np.nan), "0 samples with a target are too few"),
    ],
)
def test_arrays_that_do_not_fit(y, message):
    with pytest.raises(DatasetError, match=message):
        make_regression_dataset("mine", ("t",), Split(np.zeros((9, 2)), y))
