"""`zoo predict --engine ray` with two workers, one of which is killed."""

import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

import export
from zoo.cli.main import run
from zoo.cli.predicting import parts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read

pytest.importorskip("ray.data", reason="needs the extra ray")
parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra ray")

ROWS, FILES = 40_000, 12


@pytest.fixture
def table(tmp_path):
    """A folder of Parquet files, each of several row groups."""
    import pyarrow

    folder = tmp_path / "table"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for i in range(FILES):
        x = generator.normal(4, 2, (ROWS, 4)).astype("float32")
        columns = {name: x[:, place] for place, name in enumerate("abcd")}
        path = folder / f"{i}.parquet"
        parquet.write_table(pyarrow.table(columns), path, row_group_size=5_000)
    return folder


def workers(process):
    """The processes in which Ray answers parts, of those that ours started."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if "MapWorker" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:  # it has ended meanwhile
            continue
    return found


def test_a_folder_of_answers_is_new(table, capsys):
    asked = ["predict", "mlp.iris", str(table), "--engine", "ray"]
    assert run(asked) == 2
    assert "takes --output FOLDER" in capsys.readouterr().err
    assert run([*asked, "--output", str(table)]) == 1
    assert "--engine ray writes a new folder" in capsys.readouterr().err


@pytest.mark.parametrize("rows", [5_000, 12_000])
def test_a_table_is_divided_at_its_row_groups(table, monkeypatch, rows):
    monkeypatch.setattr(parts, "_ROWS", rows)
    model = ModelInput("m", (4,))
    found = parts.parts_of([str(table)], model)
    assert [each.number for each in found] == list(range(len(found)))
    batches = [b for each in found for b in parts.read_part(each, model, Options())]
    whole = list(read([table], model, Options()))
    assert sum(map(len, batches)) == ROWS * FILES
    np.testing.assert_array_equal(
        np.concatenate([b.samples for b in batches]),
        np.concatenate([b.samples for b in whole]),
    )
    numbers = [(b.inputs[i], b.rows[i]) for b in batches for i in range(len(b))]
    assert len(set(numbers)) == ROWS * FILES


@pytest.mark.slow
def test_every_row_is_answered_once_though_a_worker_is_killed(tmp_path, table):
    model = export.export_model("mlp.iris", tmp_path / "models").path
    one = tmp_path / "one.parquet"
    assert run(["predict", str(model), str(table), "--output", str(one)]) == 0
    command = [sys.executable, "-m", "zoo", "predict", model, table]
    process = subprocess.Popen(
        [*command, "--engine", "ray", "--workers", "2", "--output", "answers"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob(".part-*/answers/part-*.parquet")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    victim = workers(process)[0]
    victim.kill()
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert f"answers: {ROWS * FILES:,} answers" in err
    files = sorted((tmp_path / "answers").iterdir())
    assert len(files) == FILES
    found = [row for path in files for row in parquet.read_table(path).to_pylist()]
    assert found == parquet.read_table(one).to_pylist()
