"""Odd files as a newcomer types them: examined, trained on, and predicted for.

The answers for a file are those of the model for what the training read from it.
"""

import json

import numpy as np
import pytest

from tests.zoo.test_odd_files import ROWS
from zoo.datasets import load_dataset
from zoo.inference.answers.model_answerer import ModelAnswerer
from zoo.inference.fitting import Fitting
from zoo.inference.inputs.remarks import remarks
from zoo.runs.trained import trained

QUICK = {
    "table: no header": "mlp",
    "records: fields in other orders, some left out": "mlp",
    "text: fastText": "text_cnn",
    "pictures: 12 of 16 bits": "softmax_regression",
    "pictures: splits of other names": "softmax_regression",
    "pictures: turned by EXIF": "softmax_regression",
    "pictures: no suffix": "softmax_regression",
}
SLOW = {
    "table: UTF-16": "mlp",
    "table: .tsv": "mlp",
    "table: single quotes around cells": "mlp",
    "table: two files put below each other": "mlp",
    "table: one of two texts by option": "text_cnn",
    "column: per cent with decimal commas": "mlp",
    "column: dates as 1971Q2": "mlp",
    "column: missing values of many spellings": "mlp",
    "target: two quantities": "mlp",
    "program: thousands between gaps, as Excel writes them in French": "mlp",
    "text: latin-1 read": "text_cnn",
    "text: blank lines between rows": "text_cnn",
    "text: a folder by class": "text_cnn",
    "text: a score of each text": "text_cnn",
    "records: numbers with objects beside them": "mlp",
    "records: a text inside an object": "text_cnn",
    "records: lists of labels": "text_cnn",
    "pictures: transparent": "lenet5",
    "pictures: 16 bits": "lenet5",
    "pictures: hidden copies": "lenet5",
    "pictures: CMYK": "lenet5",
    "pictures: animated": "lenet5",
    "pictures: a table with paths of Windows": "lenet5",
    "sound: of two lengths": "speech_cnn",
    "sound: 8 bits": "speech_cnn",
    "sound: stereo": "speech_cnn",
    "sound: resampled": "speech_cnn",
    "sound: speakers": "speech_cnn",
    "sound: lists of the splits": "speech_cnn",
    "sound: streamed, so that the header says 0 bytes": "speech_cnn",
    "arrays: all of a set of scikit-learn": "mlp",
    "arrays: several labels with names": "mlp",
    "other: Excel": "mlp",
    "other: the sheet behind a cover": "mlp",
    "other: Parquet": "mlp",
}
_OF_PREDICT = ("charset", "no_header", "sheet")
_VALUES = ("probabilities", "predictions")
BY_NAME = {param.id: param.values[0] for param in ROWS}


def typed(reading, keys=None):
    """Options of reading as they are typed."""
    found = []
    for key, value in reading.items():
        if keys is None or key in keys:
            flag = f"--{key.replace('_', '-')}"
            several = value if isinstance(value, list) else [value]
            given = [x for v in several for x in (flag, v)]
            found += [flag] if value is True else given
    return found


def expected(run, data):
    """Answers for the samples of all splits, in the order of their values."""
    with remarks() as said:
        answerer = ModelAnswerer(trained(run), said)
        outputs = []
        for split in data.splits.values():
            is_text = data.input_shape == ()
            samples = list(map(str, split.x)) if is_text else np.asarray(split.x)
            outputs.append(answerer.outputs(samples))
    name = next(each for each in _VALUES if each in outputs[0])
    return in_order(np.concatenate([np.asarray(each[name]) for each in outputs]))


def in_order(values):
    return np.array(sorted(np.round(values, 3).tolist()))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        *QUICK.items(),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in SLOW.items()),
    ],
)
def test_typed_as_by_a_newcomer(ask, name, model, tmp_path):
    row, run = BY_NAME[name], tmp_path / "run"
    path, options = row.make(tmp_path), typed(row.reading)
    code, out, err = ask("data", path, *options, "--model", model)
    assert code == 0, err
    assert f"{row.task.replace('_', ' ')}" in out
    to = ("--epochs", 1, "--output", run)
    code, _, err = ask("train", model, "--dataset", path, *options, *to)
    assert code == 0, err
    given = typed(row.reading, _OF_PREDICT)
    code, out, err = ask("predict", run, path, *given, "--json")
    assert code == 0, err
    answers = json.loads(out)["predictions"]
    assert len(answers) == row.samples
    data = load_dataset(path, **row.reading)
    if data.task == "classification":
        assert {each["label"] for each in answers} <= {*data.labels}
    key = next(each for each in _VALUES if each in answers[0])
    found = in_order(np.array([each[key] for each in answers]))
    wanted = expected(run, data)
    np.testing.assert_allclose(found, wanted, atol=0.003, rtol=1e-3)


def test_no_model_stumbles_over_several_series(tmp_path):
    path = BY_NAME["series: several companies by group"].make(tmp_path)
    _, refused = Fitting(load_dataset(path, group="firm")).all()
    assert "one window and its targets take" in refused["forecaster"]
    assert "a language model needs text" in refused["char_rnn"]
    assert "word embeddings need text" in refused["word2vec_cbow"]


def test_the_sheet_behind_a_cover_is_named_by_each_command(ask, tmp_path):
    path = BY_NAME["other: a cover sheet before that of the table"].make(tmp_path)
    for command in (("data", path), ("train", "mlp", "--dataset", path)):
        code, _, err = ask(*command, *("--output", tmp_path / "r")[: len(command) - 2])
        assert code == 1 and err.endswith("choose another: --sheet Data.\n")


REFUSED = [
    name
    for name, row in BY_NAME.items()
    if not row.task and name.startswith(("table", "column", "records", "series"))
]


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_in_one_line_as_typed(ask, name, tmp_path):
    row = BY_NAME[name]
    path, options = row.make(tmp_path), typed(row.reading)
    model = "forecaster" if ":" in str(path) else "mlp"
    to = ("--output", tmp_path / "run")
    for command in (("data", path), ("train", model, "--dataset", path, *to)):
        code, _, err = ask(*command, *options)
        assert code == 1
        (line,) = (each for each in err.splitlines() if each.startswith("zoo: "))
        assert row.refused in line
    assert not (tmp_path / "run").exists()
