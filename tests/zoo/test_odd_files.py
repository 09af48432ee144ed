"""What practitioners bring: a right result, or the line that refuses it.

Each row is a file or a folder as people have them, what it is read as, and where the
commands refuse it, the words of the line that helps. `tests/zoo/odd_files/` holds them.
"""

import pytest

import zoo
from tests.zoo.odd_files.arrays import ARRAYS
from tests.zoo.odd_files.columns import COLUMNS
from tests.zoo.odd_files.making import csv, day, sold
from tests.zoo.odd_files.others import OTHERS
from tests.zoo.odd_files.pictures import PICTURE_ROWS
from tests.zoo.odd_files.programs import PROGRAMS
from tests.zoo.odd_files.records import RECORDS
from tests.zoo.odd_files.series import SERIES
from tests.zoo.odd_files.sounds import SOUND_ROWS
from tests.zoo.odd_files.tables import TABLES
from tests.zoo.odd_files.targets import TARGETS
from tests.zoo.odd_files.texts import TEXTS
from zoo.datasets import load_dataset
from zoo.errors import DatasetError, UnknownNameError

ROWS = [
    pytest.param(row, id=f"{kind}: {row.name}")
    for kind, rows in {
        "table": TABLES,
        "column": COLUMNS,
        "target": TARGETS,
        "program": PROGRAMS,
        "text": TEXTS,
        "records": RECORDS,
        "series": SERIES,
        "pictures": PICTURE_ROWS,
        "sound": SOUND_ROWS,
        "arrays": ARRAYS,
        "other": OTHERS,
    }.items()
    for row in rows
]


@pytest.mark.parametrize("row", ROWS)
def test_odd_file(row, tmp_path):
    path = row.make(tmp_path)
    if not row.task:
        with pytest.raises(DatasetError) as error:
            load_dataset(path, **row.reading)
        said = str(error.value)
        assert row.refused and row.refused.replace("{path}", str(path)) in said
        assert "\n" not in said
        return
    data = load_dataset(path, **row.reading)
    assert data.task == row.task
    assert sum(len(split.x) for split in data.splits.values()) == row.samples
    if row.labels is not None:
        assert (data.labels or data.targets) == row.labels
    if row.shape is not None:
        assert data.input_shape == row.shape
    kinds = {finding.kind for finding in data.findings}
    warned = {each.kind for each in data.findings if each.level == "warning"}
    assert set(row.finds) <= kinds
    assert warned <= {*row.finds, "copies"}
    assert row.check is None or row.check(data)


def test_there_are_enough_of_them():
    assert len(ROWS) >= 260
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    "model, data, says",
    [
        ("forecaster", "sales.csv", "needs a series, such as {path}:sold"),
        ("mlp", "sales.csv:sold", "is for forecasting; it has no classes to learn"),
        ("mlp", "sales.csv:sold", "`zoo data {path}:sold` shows the models that"),
    ],
)
def test_a_model_for_another_task(model, data, says, tmp_path):
    path = csv({"day": day, "sold": sold}, "sales.csv", rows=60)(tmp_path)
    given = f"{path}:sold" if ":" in data else path
    with pytest.raises(DatasetError) as error:
        zoo.plan(model, dataset=given)
    assert says.format(path=path) in str(error.value)


def test_a_run_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError) as error:
        zoo.evaluate("runs/none")
    assert str(error.value) == (
        "There is no run, file or folder runs/none; `zoo runs` lists runs."
    )
