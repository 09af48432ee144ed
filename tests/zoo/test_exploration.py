"""How often Q-learning plays at random."""

from types import SimpleNamespace

import numpy as np
import pytest

from zoo.training.control.replay import Replay


class Drawn:
    """Draws that are evenly spaced, so that a share of them is exact."""

    def random(self, size):
        return (np.arange(size) + 0.5) / size

    def integers(self, actions, size):
        return np.ones(size, int)


@pytest.mark.parametrize(
    ("number", "share"), [(0, 1.0), (1, 0.775), (2, 0.55), (4, 0.1), (9, 0.1)]
)
def test_it_falls_to_its_last_value(number, share):
    replay = object.__new__(Replay)
    replay.settings = SimpleNamespace(
        steps=2, copies=1000, exploration_steps=8000, exploration=0.1
    )
    replay.generator, replay.actions = Drawn(), 2
    replay.observations = None
    replay.forward = lambda observations: np.tile([1.0, 0.0], (1000, 1))
    taken = []
    replay.step = taken.append
    replay._remember = lambda step: None
    replay._play(number)
    assert len(taken) == 2
    for actions in taken:
        assert np.mean(actions) == pytest.approx(share)
