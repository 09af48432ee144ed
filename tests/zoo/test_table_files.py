"""Tables in Parquet and Excel files, read as the same table in a CSV file is."""

import datetime
import sys
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import zoo
from zoo.datasets import parquet_file
from zoo.datasets.input_column import InputColumn
from zoo.errors import DatasetError, ZooError
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read

ROWS = 60
DAYS = [datetime.datetime(2024, 1, 1 + i % 28) for i in range(ROWS)]
TABLE = {
    "size": [i / 7 if i % 9 else None for i in range(ROWS)],
    "count": [i % 5 for i in range(ROWS)],
    "colour": [("red", "blue", None)[i % 3] for i in range(ROWS)],
    "is_new": [i % 2 == 0 for i in range(ROWS)],
    "seen": DAYS,
    "label": ["ab"[i % 2] for i in range(ROWS)],
}


def _csv(path):
    rows = zip(*TABLE.values(), strict=True)
    lines = [",".join("" if c is None else str(c) for c in row) for row in rows]
    path.write_text("\n".join([",".join(TABLE), *lines]))


def _parquet(path):
    columns = TABLE | {"seen": pa.array(DAYS, pa.timestamp("ns"))}
    columns["colour"] = pa.array(TABLE["colour"]).dictionary_encode()
    pq.write_table(pa.table(columns), path)


def _excel(path, before=()):
    workbook = openpyxl.Workbook()
    for row in [*before, list(TABLE), *zip(*TABLE.values(), strict=True)]:
        workbook.active.append(row)
    second = workbook.create_sheet("more")
    for i in range(ROWS):
        second.append([i / 3, "xy"[i % 2]])
    workbook.save(path)


@pytest.mark.parametrize("write", [_parquet, _excel])
def test_the_same_table_as_in_a_csv_file(tmp_path, write):
    name = f"mine.{'parquet' if write is _parquet else 'XLSX'}"
    write(tmp_path / name)
    _csv(tmp_path / "mine.csv")
    found, expected = (zoo.load_dataset(tmp_path / n) for n in (name, "mine.csv"))
    assert [(c.name, c.kind, c.categories, c.has_missing) for c in found.columns] == [
        ("size", "number", (), True),
        ("count", "number", (), False),
        ("colour", "category", ("blue", "red"), True),
        ("is_new", "boolean", (), False),
        ("seen", "date", (), False),
    ]
    assert found.labels == expected.labels == ("a", "b")
    for part, split in expected.splits.items():
        np.testing.assert_array_equal(found.splits[part].x, split.x)
        np.testing.assert_array_equal(found.splits[part].y, split.y)
    # Days since 1970: 19,723 is the first of January 2024.
    assert found.train.x[:, 4].min() == 19_723


@pytest.mark.parametrize("write", [_parquet, _excel])
def test_a_file_for_each_split(tmp_path, write):
    suffix = "parquet" if write is _parquet else "xlsx"
    for part in ("train", "test"):
        write(tmp_path / f"{part}.{suffix}")
    data = zoo.load_dataset(tmp_path)
    assert len(data.test.y) == ROWS and len(data.columns) == 5


def test_another_sheet(tmp_path):
    _excel(tmp_path / "mine.xlsx")
    data = zoo.load_dataset(tmp_path / "mine.xlsx", sheet="more")
    assert data.labels == ("x", "y") and data.input_shape == (1,)
    assert data.findings[0].kind == "no_header"


def test_a_series_in_another_sheet(tmp_path):
    _excel(tmp_path / "mine.xlsx")
    reading = {"sheet": "more", "no_header": True}
    data = zoo.load_dataset(f"{tmp_path / 'mine.xlsx'}:1", **reading)
    np.testing.assert_allclose(data.train.x[:3], [0, 1 / 3, 2 / 3])


def test_predictions_for_another_sheet(tmp_path):
    _excel(tmp_path / "mine.xlsx")
    model = ModelInput("m", (2,), columns=(InputColumn("1", "number"), _kind_of("2")))
    options = Options(sheet="more", no_header=True)
    (batch,) = read([tmp_path / "mine.xlsx"], model, options)
    np.testing.assert_allclose(batch.samples[:2], [[0, 0], [1 / 3, 1]])
    with pytest.raises(DatasetError, match="no sheet 'some'; it has 'Sheet', 'more'"):
        [*read([tmp_path / "mine.xlsx"], model, Options(sheet="some"))]


def test_a_cover_sheet_before_that_to_predict_for(tmp_path):
    _excel(tmp_path / "mine.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "mine.xlsx")
    workbook.create_sheet("Cover", 0).append(["Report"])
    workbook.save(tmp_path / "mine.xlsx")
    columns = (InputColumn("size", "number", has_missing=True), _kind_of("colour"))
    model = ModelInput("m", (2,), columns=columns)
    with pytest.raises(DatasetError, match="'Cover', holds no table; choose another:"):
        [*read([tmp_path / "mine.xlsx"], model, Options())]
    (batch,) = read([tmp_path / "mine.xlsx"], model, Options(sheet="Sheet"))
    assert len(batch) == ROWS


def _kind_of(name):
    return InputColumn(name, "category", ("x", "y"), has_missing=True)


def test_empty_rows_above_the_table(tmp_path):
    _excel(tmp_path / "mine.xlsx", before=[[], [None, ""]])
    assert zoo.load_dataset(tmp_path / "mine.xlsx").input_shape == (5,)


def test_roles_are_given(tmp_path):
    _parquet(tmp_path / "mine.parquet")
    data = zoo.load_dataset(
        tmp_path / "mine.parquet", target="colour", ignore=("seen", "is_new")
    )
    assert [column.name for column in data.columns] == ["size", "count", "label"]
    assert data.labels == ("blue", "red")


def test_lists_are_left_out(tmp_path):
    columns = TABLE | {"parts": [[i] for i in range(ROWS)]}
    pq.write_table(pa.table(columns), tmp_path / "mine.parquet")
    data = zoo.load_dataset(tmp_path / "mine.parquet")
    assert "parts" not in [column.name for column in data.columns]
    assert "nested" in [finding.kind for finding in data.findings]


def _zip_of_zeros(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", bytes(100_000_000))


def _many_equal_rows(path):
    """A few bytes that say of many cells that they are equal."""
    column = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(2_000_000, "int8")), pa.array(["a"])
    )
    pq.write_table(pa.table({f"c{i}": column for i in range(9)}), path)


REFUSED = {
    "no sheet of that name": (
        "mine.xlsx",
        _excel,
        {"sheet": "first"},
        "no sheet 'first'; it has 'Sheet', 'more'",
    ),
    "text as Parquet": (
        "mine.parquet",
        lambda path: path.write_text("a,b\n1,2"),
        {},
        "not a readable Parquet file",
    ),
    "half a Parquet file": (
        "mine.parquet",
        lambda path: (_parquet(path), path.write_bytes(path.read_bytes()[:-400]))[0],
        {},
        "not a readable Parquet file",
    ),
    "text as Excel": (
        "mine.xlsx",
        lambda path: path.write_text("a,b\n1,2"),
        {},
        "not a readable .xlsx file.*or as .csv",
    ),
    "a zip file as Excel": (
        "mine.xlsx",
        lambda path: zipfile.ZipFile(path, "w").close(),
        {},
        "not a readable .xlsx file",
    ),
    "a sheet that unpacks to more than it should": (
        "mine.xlsx",
        _zip_of_zeros,
        {},
        "unpacks to 100,000,000 bytes",
    ),
    "a title above the table": (
        "mine.xlsx",
        lambda path: _excel(path, before=[["Measured in May"]]),
        {},
        "the first line, 'Measured in May', is a title",
    ),
    "no file": ("mine.parquet", lambda path: None, {}, "no file .*mine.parquet"),
    "an encoding": ("mine.parquet", _parquet, {"charset": "cp1252"}, "no meaning"),
    "Excel called CSV": ("mine.csv", _excel, {}, "call it .xlsx"),
    "Parquet called CSV": ("mine.csv", _parquet, {}, "call it .parquet"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(tmp_path, case):
    name, write, options, message = case
    write(tmp_path / name)
    with pytest.raises(ZooError, match=message) as caught:
        zoo.load_dataset(tmp_path / name, **options)
    assert "\n" not in str(caught.value)


def test_many_cells_in_a_few_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_file, "MAX_CELLS", 10_000_000)
    _many_equal_rows(tmp_path / "mine.parquet")
    with pytest.raises(ZooError, match="18,000,000 cells, more than the 10,000,000"):
        zoo.load_dataset(tmp_path / "mine.parquet")


@pytest.mark.parametrize(
    ("package", "name"), [("pyarrow", "a.parquet"), ("openpyxl", "a.xlsx")]
)
def test_without_the_extra(tmp_path, monkeypatch, package, name):
    for module in [m for m in sys.modules if m.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"pip install .keras-serving-zoo\[tables\]"):
        zoo.load_dataset(tmp_path / name)
