"""Rows of a table as numbers: right values, worked out by hand."""

import json

import numpy as np
import pytest

import zoo
from zoo.datasets import Split, make_dataset
from zoo.datasets.input_column import UNKNOWN, InputColumn, encode_rows
from zoo.errors import ArgumentError, DatasetError

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
