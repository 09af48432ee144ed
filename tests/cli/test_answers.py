"""`zoo predict` with models, artifacts and servers; into files."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import export
import zoo
from serving.server import Server
from zoo.cli.predicting.printing import bar_of

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5], [5.9, 3.0, 4.2, 1.5]]
NAMES = ["setosa", "virginica", "versicolor"]


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    path.write_text("a,b,c,d\n" + "".join(f"{','.join(map(str, r))}\n" for r in ROWS))
    return path


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    return export.export_model("mlp.iris", base).path


def test_a_pipe_gets_cells_between_tabs(ask, flowers):
    code, out, err = ask("predict", "mlp.iris", flowers, "--top", 2)
    assert (code, err) == (0, "")
    header, *lines = out.splitlines()
    assert header == "input\tlabel\tprobability"
    cells = [line.split("\t") for line in lines]
    assert [row[0] for row in cells] == [
        f"{flowers} row {i}" for i in (1, 1, 2, 2, 3, 3)
    ]
    assert [row[1] for row in cells[::2]] == NAMES
    shares = np.array([float(row[2]) for row in cells]).reshape(3, 2)
    assert (shares[:, 0] > shares[:, 1]).all()


def test_answers_in_a_file(ask, flowers, tmp_path):
    output = tmp_path / "answers.csv"
    code, out, err = ask("predict", "mlp.iris", flowers, flowers, "--output", output)
    assert (code, out) == (0, "")
    assert err == f"{output}: 6 answers\n"
    rows = list(csv.DictReader(output.read_text().splitlines()))
    assert list(rows[0]) == ["input", "row", "label", "probability"]
    assert [row["label"] for row in rows] == NAMES * 2
    assert [row["row"] for row in rows] == ["1", "2", "3"] * 2
    out = ask("predict", "mlp.iris", flowers, "--output", output, "--json")[1]
    assert json.loads(out)["answers"] == 3


def test_an_output_that_is_an_input_is_refused(ask, flowers):
    before = flowers.read_text()
    code, _, err = ask("predict", "mlp.iris", flowers, "--output", flowers)
    assert code == 1
    assert "is an input; give another file" in err
    assert flowers.read_text() == before


def test_a_bad_row_leaves_no_file(ask, flowers, tmp_path):
    flowers.write_text(flowers.read_text() + "1,2,large,4\n")
    code, _, err = ask("predict", "mlp.iris", flowers, "--output", tmp_path / "x.csv")
    assert code == 1
    assert "flowers.csv, line 5, column '3': 'large' is not a number" in err
    assert list(tmp_path.iterdir()) == [flowers]


@pytest.mark.parametrize("name", ["model.onnx", "saved_model.pb"])
def test_an_artifact_answers_as_its_model(ask, flowers, exported, tmp_path, name):
    expected = json.loads(ask("predict", "mlp.iris", flowers, "--json")[1])
    folder = tmp_path / "7"
    folder.mkdir()
    for path in exported.rglob("*"):
        target = folder / path.relative_to(exported)
        if path.is_dir():
            target.mkdir()
        elif path.name in (name, "manifest.json") or "variables" in path.parts:
            target.write_bytes(path.read_bytes())
    for what in (folder, tmp_path):  # a version, and the folder of versions
        found = json.loads(ask("predict", what, flowers, "--json")[1])
        for got, want in zip(
            found["predictions"], expected["predictions"], strict=True
        ):
            assert got["label"] == want["label"]
            np.testing.assert_allclose(
                got["probabilities"], want["probabilities"], atol=1e-5
            )


ONLY_ONNX = """
import sys
from zoo.cli.main import run
code = run(sys.argv[1:])
print([name for name in ("keras", "tensorflow") if name in sys.modules])
"""


def test_an_onnx_file_is_asked_without_tensorflow(flowers, exported):
    done = subprocess.run(
        [sys.executable, "-c", ONLY_ONNX, "predict", str(exported), str(flowers)],
        capture_output=True,
        text=True,
    )
    *lines, loaded = done.stdout.splitlines()
    assert loaded == "[]", done.stderr
    assert [line.split("\t")[1] for line in lines[1:]] == NAMES


def test_a_server_answers_as_its_model(ask, flowers, exported):
    expected = ask("predict", "mlp.iris", flowers, "--top", 3)[1]
    with Server(exported.parent.parent, rest_api_port=0) as server:
        asked = ("predict", "mlp.iris", flowers, "--top", 3, "--url", server.url)
        assert ask(*asked)[1] == expected
        code, _, err = ask("predict", "rose", flowers, "--url", server.url)
        assert code == 1
        assert re.search(r"answered 404: .*rose", err)


@pytest.mark.slow
def test_a_closed_pipe_ends_quietly(flowers):
    flowers.write_text("a,b,c,d\n" + "5.1,3.5,1.4,0.2\n" * 20_000)
    command = f"{sys.executable} -m zoo predict mlp.iris {flowers} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout == "input\tlabel\tprobability\n"
    assert done.stderr == ""


@pytest.mark.slow
def test_a_table_is_read_by_name_everywhere(ask, tmp_path):
    generator = np.random.default_rng(0)
    kinds = generator.choice(["apple", "pear"], 200)
    sizes = np.where(kinds == "apple", 5, 7) + generator.normal(size=200)
    colours = generator.choice(["red", "green", ""], 200)
    rows = zip(range(200), sizes, colours, kinds, strict=True)
    lines = [f"{i},{size:.2f},{colour},{kind}" for i, size, colour, kind in rows]
    mine = tmp_path / "mine.csv"
    mine.write_text("\n".join(["id,size (cm),colour,kind", *lines]) + "\n")
    given = ("--target", "kind", "--ignore", "id", "--epochs", 2)
    code, _, err = ask(
        *("train", "mlp", "--dataset", mine, *given, "--output", tmp_path / "run")
    )
    assert code == 0, err
    new = tmp_path / "new.csv"
    new.write_text("colour,more,size (cm)\nred,x,4.5\nblue,y,\n,z,8\n")
    code, expected, err = ask("predict", tmp_path / "run", new, "--keep", "more")
    assert code == 0, err
    cells = [line.split("\t") for line in expected.splitlines()]
    assert cells[0] == ["input", "more", "label", "probability"]
    assert [row[1] for row in cells[1:]] == ["x", "y", "z"]
    models = tmp_path / "models"
    code, _, err = ask("export", tmp_path / "run", "--base-path", models)
    assert code == 0, err
    assert ask("predict", models / "mlp", new, "--keep", "more")[1] == expected
    with Server(models, rest_api_port=0) as server:
        asked = ("predict", "mlp", new, "--keep", "more", "--url", server.url)
        code, out, err = ask(*asked)
        assert (code, out) == (0, expected), err


@pytest.mark.slow
def test_tags_and_sentences(ask, tmp_path):
    tagger = zoo.train("tagger", epochs=1, output=tmp_path / "tagger")
    export.export_model(tagger, tmp_path / "models")
    out = ask("predict", tmp_path / "tagger", "the dog runs .", "a cat")[1]
    cells = [line.split("\t") for line in out.splitlines()]
    assert cells[0] == ["input", "token", "tag", "probability"]
    assert [row[1] for row in cells[1:]] == ["the", "dog", "runs", ".", "a", "cat"]
    what = tmp_path / "models/tagger"
    assert ask("predict", what, "the dog runs .", "a cat")[1] == out
    with Server(tmp_path / "models", rest_api_port=0) as server:
        asked = ("predict", "tagger", "the dog runs .", "a cat", "--url", server.url)
        assert ask(*asked)[1] == out


@pytest.mark.slow
def test_a_forecast_goes_on_after_the_end_of_a_table(ask, tmp_path):
    path = tmp_path / "sales.csv"
    lines = [f"{i},{10 + i % 7 + i * i % 11 / 10}" for i in range(400)]
    path.write_text("day,sold\n" + "\n".join(lines) + "\n")
    encoding = '{"window": 14, "horizon": 3, "period": 7}'
    given = ("--dataset", f"{path}:sold", "--encoding", encoding, "--epochs", 1)
    code, _, err = ask("train", "forecaster", *given, "--output", tmp_path / "run")
    assert code == 0, err
    code, out, err = ask("predict", tmp_path / "run", path)
    assert code == 0, err
    cells = [line.split("\t") for line in out.splitlines()]
    assert cells[0] == ["input", "step", "forecast"]
    assert [row[:2] for row in cells[1:]] == [
        [f"{path}:sold", str(i)] for i in (1, 2, 3)
    ]


def test_a_bar_is_as_long_as_its_probability():
    assert [len(bar_of(p)) for p in (0, 0.5, 1)] == [0, 10, 20]
    assert bar_of(float("nan")) == ""
