"""Signatures that take a table by the names of its columns."""

import json
from datetime import datetime

import keras
import numpy as np
import pytest
import requests
import tensorflow as tf

import export
import serving
import zoo
from custom_layers import TableEncoding
from export import manifest, verification
from export.signature import signature_of
from export.signatures import columns
from export.signatures.columns import tensor_names
from export.signatures.dates import days
from zoo.datasets.date_cells import _FORMATS, DAY
from zoo.datasets.input_column import InputColumn, encode_rows
from zoo.runs.trained import Trained

COLUMNS = ("Culmen Length (mm)", "sex", "tagged", "seen")


def _table(path, rows=120, *, has_dates=True):
    """Rows whose label is the sex, the other columns beside it."""
    lines = []
    for i in range(rows):
        sex = ("female", "male", "")[i % 3] if i % 7 else "male"
        length = "" if i % 11 == 0 else 30 + i % 13 / 2
        cells = [length, sex, ("Yes", "no")[i % 2]]
        cells += [f"{i % 28 + 1}.{i % 12 + 1}.2024"] if has_dates else []
        lines.append(",".join(map(str, [*cells, "ab"[sex == "male"]])))
    header = ",".join([*COLUMNS[: 3 + has_dates], "label"])
    path.write_text("\n".join([header, *lines]))
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    path = _table(folder / "birds.csv", has_dates=False)
    return zoo.train("softmax_regression", dataset=path, output=folder / "run")


@pytest.fixture(scope="module")
def artifact(run, tmp_path_factory):
    return export.export_model(run, tmp_path_factory.mktemp("models"))


ROWS = [
    {"Culmen Length (mm)": 31.5, "sex": "male", "tagged": "Yes"},
    {"Culmen Length (mm)": np.nan, "sex": "female", "tagged": "false"},
    {"Culmen Length (mm)": 99.0, "sex": "unheard-of", "tagged": ""},
    {"Culmen Length (mm)": 31.0, "sex": "", "tagged": "TRUE"},
]


def _tensors(rows, names):
    kinds = {name: type(rows[0][name]) for name in names}
    return {
        tensor: np.array(
            [row[name] for row in rows], "float32" if kinds[name] is float else "U"
        )
        for name, tensor in names.items()
    }


def _expected(run, rows):
    known = tuple(map(InputColumn.from_json, run.config["columns"]))
    return run.model.predict(encode_rows(known, rows), verbose=0)


def test_a_graph_encodes_rows_as_python_does():
    table = (
        InputColumn("length", "number", has_missing=True),
        InputColumn("sex", "category", ("female", "male"), has_missing=True),
        InputColumn("tagged", "boolean"),
        InputColumn("seen", "date", has_times=True),
    )
    encode = TableEncoding([column.as_json() for column in table])
    encode.adapt(np.array([[31, 0, 1, 19_000], [35, 1, 0, 19_400.5]]))
    inputs = keras.Input((4,), name="features")
    source = Trained(keras.Model(inputs, encode(inputs)), name="birds", columns=table)
    default = signature_of(source.model)
    signature = columns.signatures(source, default, None)["columns"]
    for batch, expected in signature.pairs():
        assert set(batch) == {"length", "sex", "tagged", "seen"}
        (output,) = signature.traced(*map(tf.constant, batch.values())).values()
        (wanted,) = expected.values()
        np.testing.assert_allclose(output, wanted, atol=1e-6)
        assert np.isfinite(wanted).all()
    # Missing, and unknown: nothing of it is set but the mark.
    gaps = {"length": np.float32([np.nan]), "sex": ["?"], "tagged": ["?"], "seen": [""]}
    (output,) = signature.traced(*map(tf.constant, gaps.values())).values()
    assert output.numpy().tolist() == [[0, 0, 0, 1, 1, *[0] * 8]]
    assert signature.needs_tensorflow


@pytest.mark.slow
@pytest.mark.parametrize("form", ["saved_model", "onnx"])
def test_rows_by_name_are_what_the_model_answers(run, artifact, answer, form):
    names = artifact.manifest["column_tensors"]
    assert names == {
        "Culmen Length (mm)": "Culmen_Length_mm",
        "sex": "sex",
        "tagged": "tagged",
    }
    found = answer(artifact, "columns", _tensors(ROWS, names), form)
    logits = _expected(run, ROWS)
    np.testing.assert_array_equal(found["class_ids"], logits.argmax(axis=-1))
    np.testing.assert_array_equal(
        found["labels"], np.array(["a", "b"])[logits.argmax(-1)]
    )
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found["probabilities"], probabilities, rtol=1e-4)
    # What the answers depend on: the sex is the label.
    assert found["labels"].tolist()[:2] == ["b", "a"]


@pytest.mark.slow
def test_the_manifest_holds_the_columns_and_verifies(artifact):
    held = manifest.read(artifact.path)["columns"]
    found = [InputColumn.from_json(each) for each in held]
    assert [c.name for c in found] == list(COLUMNS[:3])
    assert found[1].categories == ("female", "male")
    assert set(artifact.manifest["signatures"]["columns"]["formats"]) == {
        "saved_model",
        "onnx",
    }
    verification.verify(artifact.path)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["onnx", "tensorflow"])
def test_json_by_name_is_answered(run, artifact, engine):
    """From a CSV file to the answer of a server, by TensorFlow Serving's REST."""
    names = artifact.manifest["column_tensors"]
    instances = [
        {names[key]: value for key, value in row.items()}
        for row in ROWS  # NaN is written as such, as TensorFlow Serving reads it
    ]
    with serving.Server(
        artifact.path.parents[1], rest_api_port=0, engine=engine
    ) as server:
        url = f"{server.url}/v1/models/{artifact.path.parent.name}:predict"
        body = {"signature_name": "columns", "instances": instances}
        reply = requests.post(url, data=json.dumps(body), timeout=60)
        assert reply.status_code == 200, reply.text
        found = reply.json()["predictions"]
    logits = _expected(run, ROWS)
    assert [row["labels"] for row in found] == ["ab"[i] for i in logits.argmax(axis=-1)]
    np.testing.assert_allclose(
        [row["probabilities"] for row in found],
        np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True),
        rtol=1e-4,
    )


@pytest.mark.slow
def test_dates_are_strings_in_a_saved_model_and_days_in_onnx(tmp_path, answer):
    path = _table(tmp_path / "birds.csv")
    run = zoo.train("mlp", dataset=path, epochs=3, output=tmp_path / "run")
    artifact = export.export_model(run, tmp_path / "models")
    formats = {k: v["formats"] for k, v in artifact.manifest["signatures"].items()}
    assert formats["columns"] == ["saved_model"]
    assert formats["columns_of_days"] == ["saved_model", "onnx"]
    assert (
        "days since 1970"
        in (artifact.manifest["signatures"]["columns_of_days"]["description"])
    )
    names = artifact.manifest["column_tensors"]
    rows = [
        row | {"seen": day}
        for row, day in zip(ROWS, ("2024-05-03", "") * 2, strict=True)
    ]
    probabilities = answer(artifact, "columns", _tensors(rows, names))["probabilities"]
    logits = _expected(run, rows)
    expected = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4)
    as_days = [row | {"seen": float(days(row["seen"]))} for row in rows]
    found = answer(artifact, "columns_of_days", _tensors(as_days, names), "onnx")
    np.testing.assert_allclose(found["probabilities"], expected, rtol=1e-4)


def test_dates_are_read_as_in_training():
    born = InputColumn("born", "date")
    dates = ["1970-01-01", "2024-02-29", "2000-03-01", "1900-12-31", "0001-01-01"]
    dates += [
        "9999-12-31",
        "2024-05-05T06:30",
        "1969-12-31 23:59:59",
        "2024-05-05T06:30Z",
    ]
    dates += ["2024-05-05T06:30:15.5+02:00", "2024-05-05 06+02", "20240505"]
    dates += ["20240505T063015", "20240505T0630Z", "2024-W01", "2020-W53-7"]
    dates += ["2020W017", "2026-W01-1T12:30"]
    expected = encode_rows([born], [[date] for date in dates])[:, 0]
    np.testing.assert_array_equal(days(tf.constant(dates)).numpy(), expected)
    assert np.isnan(days(tf.constant(["31.12.2024"]), "%m.%d.%Y").numpy()).all()
    wrong = ["", "today", "2024-13-01", "2024-1-1", "31.12.2024", "2024-05-05T25:00"]
    assert np.isnan(days(tf.constant(wrong)).numpy()).all()


@pytest.mark.parametrize("form", [*_FORMATS, DAY])
def test_dates_are_read_in_the_form_of_the_table(form):
    times = [
        datetime(2024, 2, 29, 13, 5, 9),
        datetime(1999, 12, 31),
        datetime(2001, 5, 1),
    ]
    written = [
        time.strftime(form.replace("%q", str((time.month + 2) // 3))) for time in times
    ]
    written += [each.replace("0", "", 1) for each in written[2:] if each[:1] == "0"]
    written += [f" {written[0].upper()} "]
    born = InputColumn("born", "date", date_format=form)
    expected = encode_rows([born], [[date] for date in written])[:, 0]
    np.testing.assert_array_equal(days(tf.constant(written), form).numpy(), expected)
    others = ["2024-05-05T06:30", "", "NA", "today"]
    found = days(tf.constant(others), form).numpy()
    np.testing.assert_array_equal(np.isnan(found), [False, True, True, True])


def test_a_table_that_is_not_written_as_json_says_how():
    table = (
        InputColumn("share (%)", "number", decimal_comma=True, is_percent=True),
        InputColumn("seen", "date", date_format="%d.%m.%Y"),
    )
    inputs = keras.Input((2,), name="features")
    source = Trained(keras.Model(inputs, inputs * 2), name="birds", columns=table)
    found = columns.signatures(source, signature_of(source.model), None)
    assert set(found) == {"columns", "columns_of_days", "column_forms"}
    assert found["columns"].description.endswith("dates as %d.%m.%Y or ISO 8601")
    (said,) = found["column_forms"].traced(tf.zeros((1, 2))).values()
    share, seen = (json.loads(form) for form in said.numpy()[0])
    assert share == {
        "tensor": "share",
        "kind": "number",
        "decimal_comma": True,
        "is_percent": True,
        "date_format": "",
    }
    assert (seen["tensor"], seen["date_format"]) == ("seen", "%d.%m.%Y")
    (output,) = (
        found["columns"].traced(tf.constant([12.5]), tf.constant(["3.1.1970"])).values()
    )
    np.testing.assert_array_equal(output, [[25, 4]])


def test_names_of_tensors():
    names = ("Mass (g)", "Mass [g]", "", "1", "class", "labels", "_", "größe")
    table = tuple(InputColumn(name, "number") for name in names)
    assert tensor_names(table, taken=("labels", "probabilities")) == [
        "Mass_g",
        "Mass_g_1",
        "tensor",
        "column_1",
        "class_",
        "labels_1",
        "tensor_1",
        "gr_e",
    ]


def _example(**features):
    """A record as a client of TensorFlow Serving writes it."""
    record = tf.train.Example()
    for name, value in features.items():
        if isinstance(value, str):
            record.features.feature[name].bytes_list.value.append(value.encode())
        else:
            record.features.feature[name].float_list.value.append(value)
    return record.SerializeToString()


@pytest.mark.slow
def test_records_have_a_feature_for_each_column(run, artifact, answer):
    """What a record lacks is missing, as in the training."""
    names = artifact.manifest["column_tensors"]
    rows = [
        {names[key]: value for key, value in row.items() if value not in ("", np.nan)}
        for row in ROWS
    ]
    assert [len(row) for row in rows] == [3, 2, 2, 2]
    records = np.array([_example(**row) for row in rows], object)
    found = answer(artifact, "classify", {"inputs": records}, "saved_model")
    logits = _expected(run, ROWS)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found["scores"], probabilities, rtol=1e-4)
    assert found["classes"].tolist() == [["a", "b"]] * 4
    said = artifact.manifest["signatures"]["classify"]["description"]
    assert "records with Culmen_Length_mm, sex, tagged to classes" in said


@pytest.mark.slow
def test_a_server_classifies_rows_by_name(run, artifact):
    body = {
        "signature_name": "classify",
        "examples": [{"Culmen_Length_mm": 31.5, "sex": "male", "tagged": "Yes"}],
    }
    base = artifact.path.parent
    with serving.Server(base.parent, rest_api_port=0) as server:
        url = f"{server.url}/v1/models/{base.name}:classify"
        (result,) = requests.post(url, json=body).json()["results"]
    logits = _expected(run, ROWS[:1])[0]
    expected = np.exp(logits) / np.exp(logits).sum()
    assert [label for label, _ in result] == ["a", "b"]
    np.testing.assert_allclose([score for _, score in result], expected, rtol=1e-4)


@pytest.mark.slow
def test_a_column_that_was_never_missing_may_not_be(tmp_path, answer):
    """NaN would be the answer of a model that knows no missing values."""
    rows = [f"{i % 7},{i % 5},{2 * (i % 7) + i % 5 + 0.5}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    run = zoo.train("mlp", dataset=tmp_path / "t.csv", epochs=1, output=tmp_path / "r")
    artifact = export.export_model(run, tmp_path / "m", formats=["saved_model"])
    row = {"a": 1.0, "b": 2.0}
    found = answer(artifact, "regress", {"inputs": np.array([_example(**row)], object)})
    expected = run.model.predict(np.float32([[1, 2]]), verbose=0)
    np.testing.assert_allclose(found["outputs"], expected[:, 0], rtol=1e-5)
    with pytest.raises(Exception, match="Feature: b .* is required"):
        answer(artifact, "regress", {"inputs": np.array([_example(a=1.0)], object)})
