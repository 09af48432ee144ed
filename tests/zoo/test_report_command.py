"""The command on the page of a run: what a reader can type."""

import json
import shlex
import shutil

import pytest

import zoo
from zoo.cli import main
from zoo.errors import RunError
from zoo.reports import facts
from zoo.reports.command import command
from zoo.reports.subject import Subject
from zoo.runs.reading import read_details
from zoo.training.resolve import resolve


@pytest.mark.parametrize(
    ("started", "typed"),
    [
        ("/a/.venv/bin/python -m zoo train mlp", "zoo train mlp"),
        ("/a/python /a/.venv/bin/zoo train mlp --epochs 2", "zoo train mlp --epochs 2"),
        ("/a/.venv/bin/zoo tune mlp", "zoo tune mlp"),
        ("/a/python -m zoo train mlp --dataset 'a b'", "zoo train mlp --dataset 'a b'"),
    ],
)
def test_a_command_of_the_shell_has_no_paths_of_an_interpreter(started, typed):
    assert command({"command": started}) == typed


def test_a_model_of_ones_own_is_trained_again_by_its_script():
    config = {"command": "/usr/bin/python3 mine.py zoo", "name": "mine"}
    assert command(config) == "python3 mine.py zoo"


CALLS = [
    ("mlp", {}),
    ("mlp", {"dataset": "digits", "epochs": 3}),
    ("mlp", {"dataset": "digits", "optimizer": ("SGD", {"momentum": 0.9}), "seed": 4}),
    ("lenet5", {"overrides": {"filters": (4, 8)}, "augmentation": ["RandomFlip"]}),
    ("text_gru", {"encoding": {"length": 9}, "freeze": ["embedding"]}),
    ("mlp", {"mixed_precision": "bf16", "deterministic": True, "monitor": "val_loss"}),
    ("mlp", {"callbacks": [("ReduceLROnPlateau", {"patience": 2})], "metrics": []}),
]


def held(config):
    """What a run keeps of its configuration."""
    return json.loads(json.dumps(config.as_json()))


@pytest.mark.parametrize(("name", "options"), CALLS)
def test_the_command_of_a_run_in_python_does_the_same(monkeypatch, name, options):
    _, asked = resolve(name, **options)
    config = held(asked)
    more = {"command": "/usr/bin/python3 -m pytest"}
    typed = command(config | {"dataset": config["recipe"]["dataset"]} | more)
    calls = []

    def train(name, **given):
        calls.append((name, given))
        raise zoo.ZooError("enough")

    monkeypatch.setattr(zoo, "train", train, raising=False)
    words = shlex.split(typed)
    assert words[:2] == ["zoo", "train"]
    assert main.run(words[1:]) == 1
    ((called, given),) = calls
    given.pop("recipe")
    assert held(resolve(called, **given)[1]) == config


@pytest.mark.slow
def test_figures_of_training_stand_beside_those_of_the_test(run, tmp_path):
    found = facts.results(Subject.of(run))
    seen = run.details["training"]["metrics"]
    for name in ("loss", "accuracy"):
        expected = f"{run.metrics[name]:.4f} (training {seen[name]:.4f})"
        assert found[name] == expected
    assert found["training"].endswith("of the training split, in inference mode")
    own = shutil.copytree(run.directory, tmp_path / "run")
    page = zoo.report(own).read_text()
    assert f"(training {seen['accuracy']:.4f})" in page


def test_a_run_of_an_earlier_version_has_the_figures_of_the_test(run, monkeypatch):
    monkeypatch.setattr(facts, "read_details", lambda directory: {})
    found = facts.results(Subject.of(run))
    assert found["accuracy"] == f"{run.metrics['accuracy']:.4f}"
    assert "training" not in found


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (5, "`details.training` is no object"),
        ({"samples": 5}, "it lacks 'details.training.metrics'"),
        ({"samples": 5, "metrics": {"loss": "x"}}, "`details.training.metrics.loss`"),
    ],
)
def test_damaged_figures_of_training(tmp_path, seen, wrong):
    held = {"loss": 0.5, "details": {"training": seen}}
    (tmp_path / "metrics.json").write_text(json.dumps(held))
    with pytest.raises(RunError, match=f"metrics.json is damaged .{wrong}"):
        read_details(tmp_path)


def test_values_are_written_in_words():
    value = {"momentum": 0.9, "nesterov": True, "unset": None}
    assert facts.text(["SGD", value]) == "SGD (momentum 0.9, nesterov yes)"
    nested = {"loss": {"class_name": "Hinge", "config": {"name": "hinge"}}}
    assert not set("{}[]'") & {*facts.text(nested)}
