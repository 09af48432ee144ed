"""Rows of a table as numbers: right values, worked out by hand."""

import dataclasses
import json

import numpy as np
import pytest

import zoo
from custom_layers import TableEncoding
from zoo.datasets import Split, make_dataset
from zoo.datasets.input_column import UNKNOWN, InputColumn, encode_rows
from zoo.datasets.table_columns import matched
from zoo.errors import ArgumentError, DatasetError
from zoo.runs.trained import trained

NAN = np.nan
AGE = InputColumn("age", "number")
SEX = InputColumn("sex", "category", ("female", "male"))
ALONE = InputColumn("alone", "boolean")
BORN = InputColumn("born", "date")


def encoded(column, *cells):
    return encode_rows([column], [[cell] for cell in cells])[:, 0].tolist()


class TestInputColumn:
    @pytest.mark.parametrize(
        "column",
        [AGE, SEX, ALONE, BORN, InputColumn("day", "date", (), True, True, "%d.%m.%Y")],
        ids=lambda column: column.name,
    )
    def test_json_round_trip(self, column):
        assert InputColumn.from_json(json.loads(json.dumps(column.as_json()))) == column

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"name": 3, "kind": "number"}, "`name` must be a string"),
            ({"name": "a", "kind": "text"}, "`kind` must be one of number"),
            ({"name": "a", "kind": "number", "categories": ["x"]}, "only a category"),
            ({"name": "a", "kind": "category", "categories": "ab"}, "tuple of diff"),
            (
                {"name": "a", "kind": "category", "categories": ["x", "x"]},
                "tuple of different strings",
            ),
            ({"name": "a"}, "at least name and kind"),
            ({"name": "a", "kind": "number", "unit": "m"}, "has the fields"),
            ("age", "has the fields"),
        ],
    )
    def test_wrong(self, wrong, message):
        with pytest.raises(ArgumentError, match=message):
            InputColumn.from_json(wrong)


class TestEncodeRows:
    def test_numbers(self):
        found = encoded(AGE, "31", " 2.5 ", 7, 1.25, True, None, "NA", float("nan"))
        np.testing.assert_array_equal(found, [31, 2.5, 7, 1.25, 1, NAN, NAN, NAN])

    def test_decimal_commas(self):
        comma = InputColumn("price", "number", decimal_comma=True)
        assert encoded(comma, "1,5", "1.234,5", "1,234", "2") == [
            1.5,
            1234.5,
            pytest.approx(1.234),
            2,
        ]
        # Written otherwise than the training: still plain, as all rows together say.
        assert encoded(AGE, "1,5", "2,25") == [1.5, 2.25]

    def test_booleans_in_any_spelling(self):
        cells = ["Yes", "yes", "TRUE", "t", "y", "1", 1, True, 1.0]
        assert encoded(ALONE, *cells) == [1.0] * len(cells)
        cells = ["No", "NO", "False", "f", "n", "0", 0, False, 0.0]
        assert encoded(ALONE, *cells) == [0.0] * len(cells)

    def test_categories(self):
        found = encoded(SEX, "male", "female", "Male", "", None)
        np.testing.assert_array_equal(found, [1, 0, UNKNOWN, NAN, NAN])

    @pytest.mark.parametrize(
        ("form", "cell"),
        [
            ("", "2024-03-01"),
            ("", "2024-03-01T00:00:00Z"),
            ("%Y/%m/%d", "2024/03/01"),
            ("%Y/%m/%d", "2024-03-01"),
            ("%d.%m.%Y", "01.03.2024"),
            ("%d/%m/%Y", "01/03/2024"),
            ("%m/%d/%Y", "03/01/2024"),
            ("%Y%m%d", "20240301"),
            ("%b %Y", "Mar 2024"),
        ],
    )
    def test_dates(self, form, cell):
        # 54 years of 365 days, 13 of them with a leap day, January and 29 of February.
        days = 54 * 365 + 13 + 31 + 29
        assert encoded(InputColumn("d", "date", date_format=form), cell) == [days]

    def test_times_of_day_are_fractions(self):
        assert encoded(BORN, "1970-01-02 06:00", "1969-12-31T12:00") == [1.25, -0.5]

    @pytest.mark.parametrize(
        ("column", "cell", "message"),
        [
            (AGE, "old", "line 7, column 'age': 'old' is not a number"),
            (AGE, "1,234", "line 7, column 'age': '1,234' is not a number"),
            (AGE, "1e39", "line 7, column 'age': '1e39' is beyond float32"),
            (ALONE, "perhaps", "line 7, column 'alone': 'perhaps' is neither yes nor"),
            (BORN, "31.12.2024", "line 7, column 'born': '31.12.2024' is no date"),
        ],
    )
    def test_the_message_names_line_and_column(self, column, cell, message):
        with pytest.raises(DatasetError, match=message):
            encode_rows([column], [[""], [cell]], lines=[4, 7])

    def test_rows_by_name(self):
        row = {"sex": "male", "age": 4, "more": "x"}
        np.testing.assert_array_equal(encode_rows([AGE, SEX], [row]), [[4, 1]])
        with pytest.raises(DatasetError, match="line 1 has no column 'sex'"):
            encode_rows([AGE, SEX], [{"age": 4}])

    def test_no_rows(self):
        assert encode_rows([AGE, SEX], []).shape == (0, 2)


class TestColumnsOfDatasets:
    def test_numbers_have_columns_as_well(self, tmp_path):
        path = tmp_path / "plain.csv"
        rows = [f"{i / 7},{i % 5},{'ab'[i % 2]}" for i in range(40)]
        path.write_text("\n".join(["size,n,label", *rows]))
        data = zoo.load_dataset(path)
        assert data.columns == (
            InputColumn("size", "number"),
            InputColumn("n", "number"),
        )

    def test_days_without_separators_are_dates(self, tmp_path):
        path = tmp_path / "days.csv"
        rows = [f"202401{i % 28 + 1:02},{i % 5},{'ab'[i % 2]}" for i in range(40)]
        path.write_text("\n".join(["date,n,label", *rows]))
        from zoo.datasets import csv_file

        (date, *_) = csv_file.columns(path)
        assert (date.kind, date.date_format) == ("date", "%Y%m%d")

    def test_a_matrix_may_miss_values_only_with_columns(self):
        x = np.array([[NAN, 0], [1, 1]] * 20, "float32")
        split = Split(x, np.arange(40) % 2)
        with pytest.raises(DatasetError, match="NaN or infinity"):
            make_dataset("mine", ("a", "b"), split)
        data = make_dataset("mine", ("a", "b"), split, columns=(AGE, SEX))
        assert data.columns == (AGE, SEX)
        with pytest.raises(DatasetError, match="1 columns are described"):
            make_dataset("mine", ("a", "b"), split, columns=(AGE,))
        x[3, 0] = np.inf
        with pytest.raises(DatasetError, match="NaN or infinity"):
            make_dataset("mine", ("a", "b"), split, columns=(AGE, SEX))


def table_of(tmp_path, columns, rows=200, name="mine.csv"):
    """Writes a table; columns are functions of the row number."""
    lines = [",".join(columns)]
    lines += [",".join(str(f(i)) for f in columns.values()) for i in range(rows)]
    (tmp_path / name).write_text("\n".join(lines))
    return tmp_path / name


def hashed(i):
    return i * 2654435761 % 2**32 / 2**32


PEOPLE = {
    "age": lambda i: "" if i % 9 == 0 else round(20 + 40 * hashed(i)),
    "sex": lambda i: ("female", "male", "NA")[(hashed(i + 7) * 2.2).__int__()],
    "member": lambda i: ("Yes", "no")[hashed(i + 3) < 0.5],
    "since": lambda i: f"{2000 + i % 20}/0{i % 9 + 1}/1{i % 10}",
    "label": lambda i: "ab"[hashed(i + 7) * 2.2 < 1],
}


class TestFittedToTraining:
    def test_categories_of_validation_and_test_alone_are_unknown(self, tmp_path):
        columns = PEOPLE | {"town": lambda i: f"t{i // 3}"}
        data = zoo.load_dataset(table_of(tmp_path, columns), target="label")
        place = [column.name for column in data.columns].index("town")
        town = data.columns[place]
        trained = data.train.x[:, place]
        assert set(trained) == set(range(len(town.categories)))
        held_out = np.concatenate([data.validation.x[:, place], data.test.x[:, place]])
        assert (held_out == UNKNOWN).any() and (held_out != UNKNOWN).any()
        # The names are those of the rows: each town has at most its three.
        assert np.bincount(trained.astype(int)).max() <= 3
        assert all(name in {f"t{i}" for i in range(67)} for name in town.categories)

    def test_what_is_missing_and_what_has_times(self, tmp_path):
        data = zoo.load_dataset(table_of(tmp_path, PEOPLE))
        found = {c.name: (c.kind, c.has_missing, c.has_times) for c in data.columns}
        assert found == {
            "age": ("number", True, False),
            "sex": ("category", True, False),
            "member": ("boolean", False, False),
            "since": ("date", False, False),
        }
        timed = PEOPLE | {"since": lambda i: f"2024-01-{i % 28 + 1:02} {i % 24:02}:30"}
        data = zoo.load_dataset(table_of(tmp_path, timed))
        assert data.columns[3].has_times

    def test_another_table_is_encoded_alike(self, tmp_path):
        data = zoo.load_dataset(table_of(tmp_path, PEOPLE))
        other = {
            "more": lambda i: i % 3,
            "sex": lambda i: ("male", "diverse", "female")[i % 3],
            **{k: f for k, f in PEOPLE.items() if k != "sex"},
        }
        there = zoo.load_dataset(table_of(tmp_path, other, name="other.csv"))
        found = matched(there, data.columns)
        assert found.columns == data.columns
        names = np.array(["female", "male", "?"])
        own = np.array(["diverse", "female", "male"])[there.test.x[:, 1].astype(int)]
        ids = found.test.x[:, 1].astype(int)
        assert names[ids].tolist() == [n if n != "diverse" else "?" for n in own]
        np.testing.assert_array_equal(found.test.x[:, 0], there.test.x[:, 2])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"sex": lambda i: i % 2}, "'sex' is a number, and a category in"),
            ({"age": None}, "no column 'age', which the model takes"),
        ],
    )
    def test_another_table_that_does_not_fit(self, tmp_path, change, message):
        data = zoo.load_dataset(table_of(tmp_path, PEOPLE))
        other = {k: f for k, f in (PEOPLE | change).items() if f}
        there = zoo.load_dataset(table_of(tmp_path, other, name="other.csv"))
        with pytest.raises(DatasetError, match=message):
            matched(there, data.columns)

    def test_missing_values_for_a_model_that_knows_none(self, tmp_path):
        whole = {"age": lambda i: i % 50, "label": PEOPLE["label"]}
        data = zoo.load_dataset(table_of(tmp_path, whole))
        gaps = whole | {"age": PEOPLE["age"]}
        there = zoo.load_dataset(table_of(tmp_path, gaps, name="other.csv"))
        with pytest.raises(DatasetError, match="missing values, which the model does"):
            matched(there, data.columns)


class TestTraining:
    @pytest.mark.slow
    def test_a_table_as_it_is(self, tmp_path):
        path = table_of(tmp_path, PEOPLE)
        run = zoo.train("mlp", dataset=path, epochs=30, output=tmp_path / "run")
        assert run.metrics["accuracy"] > 0.9  # the label is in `sex`
        (encoding,) = [x for x in run.model.layers if isinstance(x, TableEncoding)]
        assert [c["name"] for c in encoding.columns] == [
            "age",
            "sex",
            "member",
            "since",
        ]
        # In the run folder and in the file of the model.
        subject = trained(tmp_path / "run")
        assert subject.columns == zoo.load_dataset(path).columns
        again = zoo.evaluate(tmp_path / "run")
        assert again == pytest.approx(run.metrics, rel=1e-4)
        # Rows by name are what the model takes.
        row = {"age": None, "sex": "female", "member": True, "since": "2010-05-05"}
        rows = encode_rows(subject.columns, [row, row | {"sex": "unheard of"}])
        assert np.isfinite(subject.model.predict(rows, verbose=0)).all()

    @pytest.mark.slow
    def test_plain_numbers_keep_their_graph(self, tmp_path):
        columns = {"p": hashed, "q": lambda i: i % 5, "label": PEOPLE["label"]}
        run = zoo.train(
            "softmax_regression",
            dataset=table_of(tmp_path, columns),
            epochs=1,
            output=tmp_path / "run",
        )
        kinds = [type(layer).__name__ for layer in run.model.layers]
        assert kinds == ["InputLayer", "Normalization", "Flatten", "Dense"]
        assert [c.name for c in trained(tmp_path / "run").columns] == ["p", "q"]

    @pytest.mark.slow
    def test_values_that_are_missing_in_the_test_split_alone(self, tmp_path):
        columns = {"p": hashed, "q": lambda i: i % 5, "label": PEOPLE["label"]}
        whole = zoo.load_dataset(table_of(tmp_path, columns))
        x = whole.test.x.copy()
        x[0, 0] = NAN
        data = dataclasses.replace(whole, test=whole.test._replace(x=x))
        run = zoo.train("mlp", dataset=data, epochs=1, output=tmp_path / "run")
        assert np.isfinite(run.metrics["loss"])

    def test_a_model_of_numbers_alone(self, tmp_path):
        with pytest.raises(DatasetError, match=r"numbers alone.*'sex' \(category\)"):
            zoo.train("perceptron", dataset=table_of(tmp_path, PEOPLE))
