"""What is known of an inference that was computed when a worker died."""

import ml_dtypes
import numpy as np
import pytest

from serving.models import shared_state
from serving.models.fingerprint import fingerprint
from serving.models.shared_state import SharedState, Verdict

POISON, INNOCENT, OTHER = 11, 12, 13


@pytest.fixture
def state():
    return SharedState(workers=2)


def die_of(state, slot, *keys, **options):
    """A worker computes several inferences and dies; its successor has free places."""
    places = state.begin(slot, keys)
    assert state.blame(slot, **options) == len(set(keys))
    state._free += [place - state._start(slot) for place in places]


def test_what_a_worker_died_of_alone_is_refused(state):
    die_of(state, 1, POISON)
    assert state.cases == 1
    assert state.verdict(POISON) is Verdict.REFUSED
    assert state.verdict(OTHER) is None


def test_what_came_through_is_not_blamed(state):
    state.end(0, state.begin(0, [INNOCENT]))
    assert state.blame(0) == 0
    assert state.cases == 0


def test_another_worker_is_not_blamed(state):
    state.begin(0, [INNOCENT])
    die_of(state, 1, POISON)
    assert state.verdict(INNOCENT) is None


def test_of_several_the_one_that_is_there_again_is_refused(state):
    die_of(state, 0, POISON, INNOCENT)
    assert state.verdict(POISON) is state.verdict(INNOCENT) is Verdict.SUSPECTED
    state.end(1, state.begin(1, [INNOCENT]))
    assert state.verdict(INNOCENT) is None
    die_of(state, 1, POISON, OTHER)
    assert state.verdict(POISON) is Verdict.REFUSED
    assert state.verdict(OTHER) is Verdict.SUSPECTED


def test_what_a_hung_worker_computed_is_suspected(state):
    die_of(state, 0, POISON, is_certain=False)
    assert state.verdict(POISON) is Verdict.SUSPECTED


def test_a_conviction_is_not_lifted(state):
    places = state.begin(0, [POISON])
    die_of(state, 1, POISON)
    state.end(0, places)
    assert state.verdict(POISON) is Verdict.REFUSED


def test_a_refusal_ends(state, monkeypatch):
    monkeypatch.setattr(shared_state, "REFUSED_SECONDS", 0)
    die_of(state, 0, POISON)
    assert state.verdict(POISON) is None
    state.expire()
    assert state.cases == 0


def test_many_cases_displace_the_oldest(state):
    for key in range(1, 102):
        die_of(state, 0, key)
    assert state.cases == 64
    assert state.verdict(1) is None
    assert state.verdict(101) is Verdict.REFUSED


def test_more_than_there_is_room_for(state):
    places = state.begin(0, range(1, 1001))
    assert len(places) == 256
    state.end(0, places)
    assert len(state.begin(0, [POISON])) == 1


def test_signs_of_life(state):
    state.beat(1)
    assert [state.beats(slot) for slot in range(2)] == [0, 1]


MODEL = "scale", 1, "serving_default"
IMAGE = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (("scale", 2, "serving_default"), {"x": IMAGE}),
        (MODEL, {"y": IMAGE}),
        (MODEL, {"x": IMAGE.reshape(3, 2)}),
        (MODEL, {"x": IMAGE + 1}),
        (MODEL, {"x": IMAGE, "y": IMAGE}),
        (MODEL, {"x": np.array(["a", "b"], object)}),
    ],
)
def test_another_inference_has_another_fingerprint(model, inputs):
    assert fingerprint(model, inputs) != fingerprint(MODEL, {"x": IMAGE})


@pytest.mark.parametrize(
    "array",
    [
        np.broadcast_to(np.float32(1), (3, 4)),
        IMAGE[:, ::2],
        np.array(7),
        np.array([b"ab", b"c"], object),
        np.zeros((0, 2)),
        np.ones(3, ml_dtypes.bfloat16),
    ],
)
def test_the_same_inference_has_the_same_fingerprint(array):
    again = fingerprint(MODEL, {"x": array.copy()})
    assert fingerprint(MODEL, {"x": array}) == again > 0
