"""Columns of numbers that are names: postal codes, ids of categories."""

import json

import numpy as np
import pytest

import export
import zoo
from serving import Client
from serving.server import Server
from zoo.cli.main import run
from zoo.datasets.column import column
from zoo.datasets.examination import examine_data
from zoo.errors import DatasetError

CODES = ("02134", "10115", "98103", "60601")
SHARES = {"02134": 0.9, "10115": 0.1, "98103": 0.9, "60601": 0.1}


def write(path, count=400):
    """A label that the code decides, with no order among the codes."""
    generator = np.random.default_rng(0)
    lines = ["zip,size,bought"]
    for _ in range(count):
        code = str(generator.choice(CODES))
        bought = "yes" if generator.random() < SHARES[code] else "no"
        lines.append(f"{code},{generator.normal():.3f},{bought}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "sales.csv")


def kinds(data):
    return {finding.kind: str(finding) for finding in data.findings}


def test_codes_are_read_as_categories(table):
    data = zoo.load_dataset(table, categories="zip")
    assert [c.kind for c in data.columns] == ["category", "number"]
    assert data.columns[0].categories == tuple(sorted(CODES))
    assert "leading_zeros" not in kinds(data)
    (shown, *_) = examine_data(table, categories="zip").columns
    assert (shown.kind, shown.distinct, shown.values) == ("category", 4, None)


def test_a_column_that_is_not_there_is_named(table):
    with pytest.raises(DatasetError, match="has no column 'plz'; it has zip, size"):
        zoo.load_dataset(table, categories=["plz"])


def test_a_table_of_texts_has_no_categories(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"a good film number {i},{i % 3},{'pn'[i % 2]}" for i in range(40)]
    path.write_text("\n".join(["text,shop,label", *rows]) + "\n")
    with pytest.raises(DatasetError, match="of texts, .* leave --categories out"):
        zoo.load_dataset(path, categories="shop")


def test_zeros_that_are_lost_are_said(table):
    said = kinds(zoo.load_dataset(table))["leading_zeros"]
    assert "'zip': zeros before a number, such as '02134'" in said
    assert said.endswith("if these are codes: --categories zip.")


@pytest.mark.parametrize(
    ("name", "is_said"),
    [
        *(("category_id", True), ("zipCode", True), ("PLZ", True), ("shop_no", True)),
        *(("area code", True), ("postal_code_2", True), ("StoreID", True)),
        *(("decoded", False), ("rooms", False), ("year", False), ("idle", False)),
    ],
)
def test_numbers_that_are_called_codes_are_pointed_out(name, is_said):
    cells = [str(n) for n in (7, 12, 90, 4101) for _ in range(5)]
    assert column(name, cells).looks_like_codes is is_said
    assert not column(name, [f"{cell}.5" for cell in cells]).looks_like_codes
    assert not column(name, list(map(str, range(3, 60, 2)))).looks_like_codes


@pytest.mark.parametrize(
    ("cells", "zeros"),
    [
        (["007", "12", "45", "90"] * 5, "007"),
        (["08", "12", "01", "11"] * 5, None),  # months, perhaps
        (["0", "0.05", "100"] * 5, None),
    ],
)
def test_leading_zeros(cells, zeros):
    assert column("x", cells).leading_zeros == zeros


@pytest.mark.slow
def test_codes_through_training_prediction_export_and_serving(table, tmp_path, capsys):
    given = ["--categories", "zip", "--epochs", "8", "--output", str(tmp_path / "run")]
    assert run(["train", "mlp", "--dataset", str(table), *given]) == 0
    new = tmp_path / "new.csv"
    new.write_text("size,zip\n0,02134\n0,10115\n0,98103\n0,60601\n0,55555\n")
    capsys.readouterr()
    command = ["predict", str(tmp_path / "run"), str(new)]
    assert run(command) == 0
    out, err = capsys.readouterr()
    labels = [line.split("\t")[1] for line in out.splitlines()[1:]]
    assert labels[:4] == ["yes", "no", "yes", "no"]
    assert "column 'zip': the training held no '55555'" in err
    assert run(["evaluate", str(tmp_path / "run"), "--dataset", str(table)]) == 0
    artifact = export.export_model(tmp_path / "run", tmp_path / "models")
    columns = artifact.manifest["signatures"]["columns"]["inputs"]
    assert columns["zip"] == {"dtype": "string", "shape": [None]}
    capsys.readouterr()
    with Server(tmp_path / "models", rest_api_port=0) as server:
        inputs = {"zip": ["02134", "10115"], "size": [0.0, 0.0]}
        with Client(server.url) as client:
            found = client.predict("mlp", inputs, signature_name="columns")
        assert [str(each) for each in found["labels"]] == ["yes", "no"]
        asked = ["predict", "mlp", str(new), "--url", server.url, "--json"]
        assert run(asked) == 0
    found = json.loads(capsys.readouterr().out)["predictions"]
    assert [each["label"] for each in found] == labels
