"""The log line about requests in a range that a model was not trained on."""

import json
import time

import numpy as np
import pytest

import export
import serving
from serving.models.input_watch import LOOK_SECONDS, InputWatch, watch_of
from zoo.input_statistics import InputStatistics

KNOWN = {"image": InputStatistics(np.array([33.3]), np.array([78.6]))}
BYTES = {"image": np.linspace(0, 255, 64, dtype="float32").reshape(1, 8, 8, 1)}
SHARES = {"image": BYTES["image"] / 255}
WARNING = "Requests of m are far from what it was trained on"


@pytest.fixture
def clock():
    def now():
        return now.seconds

    now.seconds = 0.0
    return now


def test_one_line_a_minute(clock, caplog):
    watch = InputWatch("m", KNOWN, clock=clock)
    lines = []
    for second in range(0, 181, 20):
        clock.seconds = second
        watch.look(SHARES)
        lines.append(len(caplog.messages))
    assert lines == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert WARNING in caplog.messages[0]
    assert "image has a standard deviation of 0.293" in caplog.messages[0]


def test_workers_share_the_minute(clock, caplog):
    watch = InputWatch("m", KNOWN, workers=4, clock=clock)
    for clock.seconds in range(0, 241, 60):
        watch.look(SHARES)
    assert len(caplog.messages) == 2


def test_right_inputs_are_looked_at_once_a_second(clock, caplog, monkeypatch):
    looks = []
    monkeypatch.setattr(
        InputStatistics, "difference", lambda self, x: looks.append(x) or ""
    )
    watch = InputWatch("m", KNOWN, clock=clock)
    for clock.seconds in np.arange(0, 3, 0.1):
        watch.look(BYTES)
    assert len(looks) == 3 and not caplog.messages


def test_inputs_of_another_name_or_kind_say_nothing(clock, caplog):
    for other in (
        {"text": np.array([b"a"], object)},
        {"image": np.array([b"a"], object)},
    ):
        InputWatch("m", KNOWN, clock=clock).look(other)
    assert not caplog.messages


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["onnx", "tensorflow"])
def test_a_server_says_it(tmp_path, caplog, engine):
    path = export.export_model("mlp.iris", tmp_path).path
    held = json.loads((path / "manifest.json").read_text())["input_statistics"]
    assert held["features"]["mean"] == pytest.approx([5.84, 3.06, 3.76, 1.2], rel=0.05)
    assert not watch_of("m", tmp_path)._statistics  # no manifest there
    x = np.array([[5.1, 3.5, 1.4, 0.2]], "float32")
    with serving.Server(tmp_path, rest_api_port=0, workers=1, engine=engine) as server:
        client = serving.Client(server.url)
        client.predict("mlp.iris", {"features": x})
        assert "far from" not in caplog.text
        time.sleep(1.1 * LOOK_SECONDS)
        for _ in range(3):
            client.predict("mlp.iris", {"features": 10 * x})
    assert caplog.text.count("Requests of mlp.iris are far from") == 1
    assert "feature 1 with a mean of 51, in training 5.92" in caplog.text
