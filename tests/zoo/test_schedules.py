"""Schedules of the learning rate in runs that are resumed with more epochs."""

import pytest

import zoo

PLAIN = {"optimizer": "SGD", "learning_rate": 0.1, "jit": "off"}
PLAIN |= {"overrides": {"dropout": 0.0}}


@pytest.mark.parametrize(
    ("schedule", "line"),
    [
        (
            "CosineDecay",
            "The schedule of the learning rate now is for 4 epochs instead of 2: the "
            "rate goes on at 0.05, not at 0.\n",
        ),
        (None, ""),
    ],
)
def test_a_resume_says_how_the_rate_goes_on(tmp_path, capsys, schedule, line):
    asked = PLAIN | {"schedule": schedule, "output": tmp_path / "r"}
    zoo.train("mlp", epochs=2, **asked)
    zoo.train("mlp", epochs=2, resume=True, **asked)
    assert "rate" not in capsys.readouterr().err
    zoo.train("mlp", epochs=4, resume=True, **asked)
    err = capsys.readouterr().err
    assert line in err
    assert ("rate" in err) == bool(line)
