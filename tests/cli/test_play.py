"""`zoo play`: a model and each format of its artifact play the same episodes."""

import json

import numpy as np
import pytest

import export
import zoo
from zoo.cli.main import run

pytest.importorskip("gymnasium")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    run = zoo.train(
        "ppo",
        dataset="cartpole",
        encoding={"rollouts": 1, "validation_episodes": 2},
        epochs=1,
        jit="off",
        output=base / "run",
    )
    return run, export.export_model(run, base / "models").path.parent


def played(capsys, *arguments):
    code = run(["play", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_both_formats_play_as_the_model_does(artifact, capsys):
    trained, path = artifact
    code, found = played(capsys, path, "--episodes", 100)
    assert code == 0 and found["environment"] == "cartpole"
    assert set(found["players"]) == {"saved_model.pb", "model.onnx"}
    _, model = played(capsys, trained.directory, "--episodes", 100)
    (own,) = model["players"].values()
    for each in found["players"].values():
        assert each == own
    assert np.mean(own["returns"]) == trained.metrics["return"]


def test_formats_that_differ_fail(artifact, capsys, monkeypatch):
    from zoo.cli.predicting.artifact import ArtifactAnswerer

    outputs, calls = ArtifactAnswerer.outputs, []

    def first_only(self, samples):
        found = dict(outputs(self, samples))
        if self not in calls[:1]:
            calls.append(self)
        if self is not calls[0]:
            found["action"] = 1 - np.asarray(found["action"])
        return found

    monkeypatch.setattr(ArtifactAnswerer, "outputs", first_only)
    assert run(["play", str(artifact[1]), "--episodes", "5"]) == 1
    assert "do not return the same" in capsys.readouterr().err


def test_what_is_no_agent_is_refused(capsys):
    assert run(["play", "mlp.iris"]) == 1
    assert "--environment" in capsys.readouterr().err
    assert run(["play", "mlp.iris", "--environment", "cartpole"]) == 1
    assert "is no agent" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("gridworld", "takes arrays of shape (4,); observations of gridworld have the"),
        ("cartpol", "Unknown environment 'cartpol'. "),
        ("", "Unknown environment ''. "),
        ("Pendulum-v1", "has continuous actions"),
    ],
)
def test_what_an_agent_cannot_play_is_one_line(artifact, capsys, environment, said):
    run_folder, path = artifact[0].directory, artifact[1]
    for agent in (run_folder, path):
        code = run(["play", str(agent), "--environment", environment])
        captured = capsys.readouterr()
        assert (code, captured.out) == (1, "")
        assert said in captured.err and captured.err.count("\n") == 1
