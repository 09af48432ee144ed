"""What was published, computed once more."""

import json

import pytest

from zoo import weights
from zoo.cli.main import run
from zoo.results.recomputing import Recomputed, recompute
from zoo.results.shipping import tolerance


def pretend(monkeypatch, **published):
    """Makes the index hold two small models, with these metrics of one."""
    index = {name: dict(weights.index()[name]) for name in ("lenet5.mnist", "mlp.iris")}
    entry = index["mlp.iris"]
    index["mlp.iris"] = entry | {"metrics": entry["metrics"] | published}
    monkeypatch.setattr(weights, "index", lambda: index)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))


def test_metrics_are_recomputed_and_missing_data_is_reported(monkeypatch):
    pretend(monkeypatch)
    mnist, iris = recompute()
    assert (mnist.name, mnist.state, mnist.recomputed) == (
        "lenet5.mnist",
        "no data",
        {},
    )
    assert "tfds build mnist" in mnist.missing
    assert (iris.name, iris.state, iris.off) == ("mlp.iris", "same", {})
    assert iris.recomputed.keys() == iris.tolerance.keys()


def test_what_is_off_fails_the_command(monkeypatch, capsys):
    pretend(monkeypatch, accuracy=0.99)
    assert run(["evaluate", "--all", "--json"]) == 1
    captured = capsys.readouterr()
    states = {row["name"]: row["state"] for row in json.loads(captured.out)["models"]}
    assert states == {"lenet5.mnist": "no data", "mlp.iris": "off"}
    assert "mlp.iris: accuracy 0.9600, published 0.9900 +- 0.001" in captured.err


def test_all_that_stands_is_success(monkeypatch, capsys):
    pretend(monkeypatch)
    assert run(["evaluate", "--all"]) == 0
    assert "mlp.iris: same: loss" in capsys.readouterr().out


@pytest.mark.parametrize("value", [0.5015, float("nan")])
def test_more_than_the_tolerance_is_off(value):
    metrics = {"accuracy": value}
    recomputed = Recomputed("mlp", {"accuracy": 0.5}, {"accuracy": 0.001}, metrics)
    assert recomputed.state == "off"
    assert recomputed.off.keys() == {"accuracy"}


def test_every_shipped_metric_states_its_tolerance():
    for name, entry in weights.index().items():
        expected = {k: tolerance(k, value) for k, value in entry["metrics"].items()}
        assert entry["tolerance"] == pytest.approx(expected), name


def test_a_name_or_all(capsys):
    for arguments in (["evaluate"], ["evaluate", "mlp.iris", "--all"]):
        assert run(arguments) == 2
        assert "Give NAME|RUN, or --all." in capsys.readouterr().err


def test_weights_from_a_file(tmp_path, capsys):
    path = weights.shipped("mlp.iris")
    assert run(["evaluate", "mlp.iris", "--weights", str(path), "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    published = weights.index()["mlp.iris"]["metrics"]
    assert {k: metrics[k] for k in published} == pytest.approx(published, rel=1e-3)
    asked = ["export", "mlp.iris", "--weights", str(path), "--base-path"]
    assert run([*asked, str(tmp_path), "--formats", "saved_model"]) == 0
    assert (tmp_path / "mlp.iris/1/manifest.json").exists()
