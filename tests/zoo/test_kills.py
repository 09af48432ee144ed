"""Runs and exports that are killed while they write a chosen file."""

import json
import subprocess
import sys

import numpy as np
import pytest

import export
from tests.conftest import ROOT
from tests.zoo.test_faults import MODELS, assert_same, leftovers
from zoo.runs.summary import history

MOMENTS = 100  # of each model
# What is being written, and how many of the moments are aimed at it.
AIMS = {
    "*/checkpoints/*": 40,
    "*/model.keras": 10,
    "*/metrics.json": 10,
    "*/history.csv": 10,
    "*/timings.json": 10,
    "export": 20,
}


class Killer:
    """Asks `killing.py` to run commands and to kill them."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.zoo.killing"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *arguments, pattern="", event=0, size=0):
        order = {
            "arguments": list(map(str, arguments)),
            "pattern": pattern,
            "event": int(event),
            "bytes": int(size),
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def train(self, name, folder, **more):
        asked = "--output", folder, "--log-every", "2", "--resume"
        return self.run("train", name, *asked, **more)

    def export(self, folder, base, **more):
        return self.run("export", folder, "--base-path", base, **more)


@pytest.fixture(scope="module")
def killer():
    killer = Killer()
    yield killer
    killer.process.communicate()
    assert killer.process.returncode == 0


@pytest.fixture(scope="module")
def whole(killer, tmp_path_factory):
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert killer.train("faulty_mlp", folder)["status"] == 0
    return folder


def random_moment(random, events):
    """Number of an event, and size of a file at which it happens, or 0: before it."""
    size = random.choice([0, 0, 100, 1000, 10_000])
    return random.integers(1, events + 1), size


def check_killed_training(killer, name, whole, folder, pattern, moment):
    event, size = moment
    killed = killer.train(name, folder, pattern=pattern, event=event, size=size)
    assert killed["status"] <= 0, killed["errors"]
    resumed = killer.train(name, folder)
    assert resumed["status"] == 0, (moment, resumed["errors"])
    assert leftovers(folder) == [], (pattern, moment)
    assert_same(whole, folder)
    metrics = [(each / "metrics.json").read_text() for each in (whole, folder)]
    assert metrics[0] == metrics[1]
    wanted, kept = history(whole), history(folder)
    assert kept | {"seconds": 0} == wanted | {"seconds": 0}


def check_killed_export(killer, whole, base, moment):
    event, size = moment
    pattern = f"{base}/*"
    killed = killer.export(whole, base, pattern=pattern, event=event, size=size)
    assert killed["status"] <= 0, killed["errors"]
    # It may be complete already: the staging folder is removed after publishing.
    before = published(base)
    again = killer.export(whole, base)
    assert again["status"] == 0, (moment, again["errors"])
    after = published(base)
    assert len(after) == len(before) + 1
    for version in after:
        export.verify(version)


def published(base):
    return [path for path in base.glob("*/*") if path.name.isdecimal()]


@pytest.mark.soak
@pytest.mark.parametrize("name", MODELS)
def test_killed_at_a_hundred_moments_and_resumed_to_the_bit(killer, tmp_path, name):
    whole, base = tmp_path / "whole", tmp_path / "models"
    events = {
        pattern: killer.train(name, tmp_path / str(i), pattern=pattern)["events"]
        for i, pattern in enumerate(AIMS)
        if pattern != "export"
    }
    assert killer.train(name, whole)["status"] == 0
    events["export"] = killer.export(whole, base, pattern=f"{base}/*")["events"]
    random = np.random.default_rng(0)
    assert sum(AIMS.values()) == MOMENTS
    for pattern, moments in AIMS.items():
        assert events[pattern] > 0
        for number in range(moments):
            folder = tmp_path / f"{pattern.rpartition('/')[2].strip('*')}-{number}"
            moment = random_moment(random, events[pattern])
            if pattern == "export":
                check_killed_export(killer, whole, folder, moment)
            else:
                check_killed_training(killer, name, whole, folder, pattern, moment)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "moment"),
    [
        ("*/checkpoints/*", (9, 1000)),
        ("*/model.keras", (1, 1000)),
        ("*/metrics.json", (2, 0)),
        ("*/history.csv", (3, 10)),
    ],
)
def test_killed_while_a_file_is_written_and_resumed_to_the_bit(
    killer, whole, tmp_path, pattern, moment
):
    asked = killer, "faulty_mlp", whole, tmp_path / "killed", pattern, moment
    check_killed_training(*asked)


@pytest.mark.slow
def test_killed_while_an_artifact_is_written(killer, whole, tmp_path):
    check_killed_export(killer, whole, tmp_path / "models", (5, 0))
