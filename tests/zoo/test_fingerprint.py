"""A run recognizes its data: what has changed under the same name is refused."""

import dataclasses
import gzip

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import tasks
from zoo.datasets import Split, fingerprint
from zoo.datasets.fingerprint import describe_changes
from zoo.errors import RunError
from zoo.training.resolve import resolve
from zoo.training.weighting import weighted

SHORT = {"epochs": 1, "jit": "off", "overrides": {"hidden_units": [4]}}


def arrays(samples=60, flip=False, shift=0.0):
    x = np.random.default_rng(0).normal(size=(samples, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("int64")
    return {"x": x + np.float32(shift), "y": 1 - y if flip else y}


def npz(folder, **changes):
    parts = {part: arrays(**changes) for part in ("train", "validation", "test")}
    np.savez(
        folder / "d.npz",
        **{
            f"{key}_{part}": a
            for part, both in parts.items()
            for key, a in both.items()
        },
    )
    return folder / "d.npz"


def csv(folder, flip=False, number="0.5"):
    rows = [f"{i},{number},{'ab'[(i % 2) ^ flip]}" for i in range(60)]
    (folder / "d.csv").write_text("\n".join(["p,q,label", *rows]))
    return folder / "d.csv"


def images(folder, swap=False, light=0):
    for number, name in enumerate("ab"):
        place = folder / "set" / name
        place.mkdir(parents=True, exist_ok=True)
        for i in range(30):
            value = 100 * (number ^ swap) + i + light
            Image.new("L", (4, 4), value).save(place / f"{i}.png")
    return folder / "set"


def lines(folder, suffix="a"):
    (folder / "d.txt").write_text("\n".join(f"line {i} {suffix}" for i in range(400)))
    return folder / "d.txt"


def sentences(folder, flip=False, word="good"):
    pairs = [f"{'+-'[(i % 2) ^ flip]}\t{word} {i % 3}" for i in range(80)]
    with gzip.open(folder / "d.tsv.gz", "wt") as file:
        file.write("\n".join(pairs))
    return folder / "d.tsv.gz"


def tagged(folder, tag="N"):
    text = "\n\n".join(f"a{i}\tN\nb\t{tag}\nc\tV" for i in range(60))
    (folder / "d.tsv").write_text(text)
    return folder / "d.tsv"


def series(folder, value=0.0):
    rows = "\n".join(str(np.sin(i) + (i == 100) * value) for i in range(900))
    (folder / "s.csv").write_text(f"t\n{rows}")
    return f"{folder / 's.csv'}:t"


KINDS = [
    ("classification", npz, {"flip": True}, "other y in train"),
    ("classification", npz, {"samples": 30}, "30 samples in train, not 60"),
    ("classification", npz, {"shift": 1e-6}, "other x in train"),
    ("classification", csv, {"flip": True}, "other x in train"),
    ("classification", csv, {"number": "0.25"}, "other x in train"),
    ("classification", images, {"swap": True}, "other x in train"),
    ("classification", images, {"light": 1}, "other x in train"),
    ("language_modelling", lines, {"suffix": "b"}, "other vocabulary"),
    ("classification", sentences, {"flip": True}, "other x in train"),
    ("classification", sentences, {"word": "bad"}, "other vocabulary"),
    ("tagging", tagged, {"tag": "V"}, "other y in train"),
    ("forecasting", series, {"value": 0.1}, "other x and y in train"),
    ("reconstruction", images, {"light": 1}, "other x and y in train"),
]


def read(task, path):
    task = tasks.get(task)
    short = {"language_modelling": {"length": 8}, "forecasting": {"window": 30}}
    return task.encode(zoo.load_dataset(path), short.get(task.name, {}))


@pytest.mark.parametrize(("task", "make", "changes", "message"), KINDS)
def test_what_changed_in_each_kind_of_data_is_said(
    tmp_path, task, make, changes, message
):
    before = fingerprint.fingerprint(read(task, make(tmp_path)))
    again = fingerprint.fingerprint(read(task, make(tmp_path)))
    assert describe_changes(before, again) == ""
    after = fingerprint.fingerprint(read(task, make(tmp_path, **changes)))
    assert message in describe_changes(before, after)


def test_the_order_of_the_samples_and_the_names_of_labels_count(digits):
    before = fingerprint.fingerprint(digits)
    x, y = digits.train
    turned = dataclasses.replace(digits, train=Split(x[::-1], y[::-1]))
    assert describe_changes(before, fingerprint.fingerprint(turned)) == (
        "other x and y in train"
    )
    named = dataclasses.replace(digits, labels=tuple("abcdefghij"))
    assert describe_changes(before, fingerprint.fingerprint(named)) == "other labels"


def test_a_split_that_gives_samples_to_another_one(digits):
    x, y = digits.train
    smaller = dataclasses.replace(digits, train=Split(x[:-1], y[:-1]))
    found = describe_changes(
        fingerprint.fingerprint(digits), fingerprint.fingerprint(smaller)
    )
    assert found == "1292 samples in train, not 1293"


def test_mapped_samples_are_sampled_and_their_labels_are_not(tmp_path, digits):
    shape = 5_000, 8
    x = np.memmap(tmp_path / "x", "float32", "w+", shape=shape)
    y = np.memmap(tmp_path / "y", "int64", "w+", shape=shape[0])

    def found():
        split = Split(x, y)
        return fingerprint.fingerprint_split(split)

    before = found()
    x[1] = 1  # between two rows that are read
    assert found() == before
    x[-1] = 1
    assert found()["x"] != before["x"]
    y[1] = 1
    assert found()["y"] != before["y"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flip": True}, "other y in train, other y in validation, other y in test"),
        pytest.param(
            {"samples": 30}, "30 samples in train, not 60", marks=pytest.mark.slow
        ),
    ],
)
def test_a_resume_on_other_data_is_refused(tmp_path, changes, message):
    path = npz(tmp_path)
    asked = {"dataset": path, "output": tmp_path / "run", **SHORT}
    zoo.train("mlp", **asked)
    zoo.train("mlp", **asked | {"epochs": 2}, resume=True)
    npz(tmp_path, **changes)
    with pytest.raises(RunError) as caught:
        zoo.train("mlp", **asked | {"epochs": 3}, resume=True)
    assert message in str(caught.value)
    assert f"{tmp_path / 'run'} holds a run on other data: {path} now has" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_evaluation_and_a_report_say_that_the_test_data_changed(tmp_path, capsys):
    path = npz(tmp_path)
    run = zoo.train("mlp", dataset=path, output=tmp_path / "run", **SHORT)
    capsys.readouterr()
    assert zoo.evaluate(tmp_path / "run") == pytest.approx(run.metrics)
    assert capsys.readouterr().err == ""
    npz(tmp_path, flip=True)
    flipped = zoo.evaluate(tmp_path / "run")
    assert flipped["accuracy"] == pytest.approx(1 - run.metrics["accuracy"])
    said = (
        f"{path} is not what 'mlp' was trained on (it has other y in test); the "
        "figures are of what it holds now.\n"
    )
    assert capsys.readouterr().err == said
    zoo.report(tmp_path / "run")
    assert said in capsys.readouterr().err
    # Who names the data knows that it is another one.
    zoo.evaluate(tmp_path / "run", path)
    assert capsys.readouterr().err == ""


def test_other_sample_weights_are_other_data(tmp_path, digits):
    samples = len(digits.train.y)
    path = tmp_path / "w.npy"
    found = []
    for weights in (np.ones(samples), np.arange(samples)):
        np.save(path, weights)
        config = resolve("mlp", dataset="digits", sample_weight=str(path))[1]
        found.append(fingerprint.fingerprint(weighted(digits, config)))
    assert describe_changes(*found) == "other sample_weight in train"
    plain = fingerprint.fingerprint(digits)
    assert describe_changes(found[0], plain) == "other sample_weight in train"


def test_a_search_on_other_data_is_refused(tmp_path):
    pytest.importorskip("optuna")
    path = npz(tmp_path)
    asked = {"dataset": path, "trials": 1, "epochs": 1, "storage": tmp_path / "s.log"}
    zoo.tune("perceptron", **asked)
    npz(tmp_path, flip=True)
    with pytest.raises(zoo.ZooError, match="is on other data: .* now has other y"):
        zoo.tune("perceptron", **asked)
