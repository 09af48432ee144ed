"""`zoo data`: what it prints, and its exit code."""

import json

import numpy as np
import pytest

from zoo.cli.main import run


@pytest.fixture
def ask(capsys):
    """Runs `zoo data` and returns code, standard output and standard error."""

    def ask(*arguments):
        code = run(["data", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    rows = (f"{i},{np.sin(i * i):.3f},{'ab'[i % 4 == 0]}\n" for i in range(80))
    path.write_text("id,size,label\n" + "".join(rows))
    return path


def test_a_table(ask, table):
    code, out, err = ask(table)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "samples 57 train, 7 validation, 16 test" in lines
    assert "classes a 60 (75.0%), b 20 (25.0%)" in lines
    assert "id row number 0 79 0 80" in lines
    assert "label category 0 2" in lines
    assert "warning: 'id' counts the rows" in out
    assert "leave it out: --ignore id." in out
    assert "mlp" in lines[-1] and "lenet5" not in lines[-1]


def test_options_of_reading(ask, table):
    code, out, _ = ask(table, "--ignore", "id", "--target", "label")
    assert (code, "warning" in out) == (0, False)


def test_json(ask, table):
    code, out, _ = ask(table, "--json", "--model", "mlp")
    found = json.loads(out)
    assert code == 0
    assert found["samples"] == {"train": 57, "validation": 7, "test": 16}
    assert [f["kind"] for f in found["findings"]] == ["target", "row_number"]
    assert [c["kind"] for c in found["columns"]] == ["row number", "number", "category"]
    assert found["models"] == {"mlp": {"input_shape": [2], "num_classes": 2}}
    assert found["refusal"] is None


def test_a_model_that_does_not_take_it(ask, table):
    code, out, err = ask(table, "--model", "lenet5")
    assert code == 1
    assert "classes" in out
    assert err.startswith("zoo: Model 'lenet5' takes images")


def test_columns_of_a_table_that_is_refused(ask, table):
    table.write_text(table.read_text().replace(",0", ",x"))
    code, out, err = ask(table)
    assert code == 1
    assert "size" in out
    assert "is not a number" in err
    assert err.count("\n") == 1
    assert json.loads(ask(table, "--json")[1])["refusal"] in err


def test_what_is_not_there(ask):
    code, out, err = ask("nothing.csv")
    assert (code, out) == (1, "")
    assert "check the path" in err


def test_other_kinds(ask):
    out = ask("digits")[1]
    assert "shape 8 x 8 x 1" in " ".join(out.split())
    assert "lenet5" in out
