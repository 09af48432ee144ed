"""One suite over every task, from its row."""

import pytest

import zoo
from tests.zoo.task_rows import ROWS
from zoo import tasks
from zoo.errors import ArgumentError, DatasetError, UnknownNameError

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_every_task_has_a_row_and_a_model():
    assert zoo.list_tasks() == [row.name for row in ROWS]
    assert all(zoo.list_models(task=row.name) for row in ROWS)


def test_an_unknown_task_names_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean tagging"):
        tasks.get("taging")


@rows
def test_raw_data_becomes_arrays(row):
    task = tasks.get(row.name)
    data = task.encode(zoo.load_dataset(row.dataset), {})
    assert data.task == row.name
    for split in data.splits.values():
        assert split.x.dtype.kind in "iuf"
        assert len(split.x) == len(split.y)
    assert len(data.train.y) > 0
    # What is encoded stays as it is.
    assert task.encode(data, {}) is data


@rows
def test_data_of_another_kind_is_refused(row):
    with pytest.raises(DatasetError) as caught:
        tasks.get(row.name).encode(zoo.load_dataset(row.other), {})
    assert row.other in str(caught.value)
    assert "\n" not in str(caught.value)


@rows
def test_an_unknown_setting_is_refused(row):
    with pytest.raises(ArgumentError, match="wings"):
        tasks.get(row.name).settings({"wings": 2})


@rows
def test_results_are_listed_by_a_metric_of_the_task(row):
    from zoo.results import records

    measured = [each for each in records().values() if each.task == row.name]
    own = [name for name in zoo.list_models() if zoo.model_spec(name).task == row.name]
    assert measured or not own
    assert all(tasks.get(row.name).headline in each.median for each in measured)
