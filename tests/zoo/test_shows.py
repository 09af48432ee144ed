"""Each show is drawn, and its numbers are those that theory or another way gives."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.zoo.pages import Elements
from tests.zoo.subjects import texts_of
from zoo import shows
from zoo.reports.drawing import style
from zoo.shows import optimizers as racing
from zoo.shows import step as one_step
from zoo.shows.show import write

SLOW = {"attention", "gates", "optimizers", "overfitting", "pooling", "vanishing"}
SLOW |= {"walk", "xor"}


def drawn(name, tmp_path):
    """The numbers of a show, after it was written."""
    show = shows.find_show(name)
    page = write([show], tmp_path)
    with Image.open(tmp_path / f"{name}.png") as picture:
        assert picture.width == 900
    found = Elements(page.read_text())
    assert found.texts("h2") == [show.title]
    assert found.texts("code") == [f"zoo show {name}"]
    (image,) = found.all("img")
    assert image["alt"] == show.reading
    return json.loads((tmp_path / "show.json").read_text())[name]


def test_every_show_has_a_test_and_says_how_to_read_it():
    assert set(shows.list_shows()) == SLOW | {"step"}
    for name in shows.list_shows():
        reading = shows.find_show(name).reading
        assert reading.endswith(".") and ". " not in reading
        assert len(reading.split()) > 15


def test_the_step_is_that_of_a_computation_by_hand(tmp_path):
    found = drawn("step", tmp_path)

    def sigmoid(z):
        return 1 / (1 + np.exp(-np.asarray(z)))

    # x = (1, 0, 1), target 1, rate 0.9.
    h = sigmoid([0.2 - 0.5 - 0.4, -0.3 + 0.2 + 0.2])
    y = sigmoid(-0.3 * h[0] - 0.2 * h[1] + 0.1)
    delta = (y - 1) * y * (1 - y)
    deltas = delta * np.array([-0.3, -0.2]) * h * (1 - h)
    np.testing.assert_allclose(found["hidden"], h, rtol=1e-6)
    np.testing.assert_allclose(found["output"], [y], rtol=1e-6)
    np.testing.assert_allclose(found["deltas"]["b2"], [delta], rtol=1e-4)
    np.testing.assert_allclose(found["deltas"]["b1"], deltas, rtol=1e-3)
    after = found["after"]
    np.testing.assert_allclose(
        after["W2"],
        [[-0.3 - 0.9 * delta * h[0]], [-0.2 - 0.9 * delta * h[1]]],
        rtol=1e-5,
    )
    first = np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.2]])
    change = 0.9 * np.outer([1, 0, 1], deltas)
    np.testing.assert_allclose(after["W1"], first - change, rtol=1e-5)
    np.testing.assert_allclose(after["b2"], [0.1 - 0.9 * delta], rtol=1e-5)
    assert found["error"][0] == pytest.approx(0.5 * (1 - y) ** 2, rel=1e-5)
    assert found["error"][1] < found["error"][0]


def test_the_step_shows_each_number():
    with style():
        shown = one_step.step()
        texts = "\n".join(texts_of(shown.figure))
    for name in ("W1", "W2", "b1", "b2"):
        for kind in ("before", "after"):
            for value in np.ravel(shown.values[kind][name]):
                assert f"{value:.3f}" in texts
    for value in (*shown.values["hidden"], *shown.values["output"]):
        assert f"{value:.4g}" in texts


@pytest.mark.slow
def test_xor_needs_a_hidden_layer(tmp_path):
    loss = drawn("xor", tmp_path)["loss"]
    assert loss["0"] == pytest.approx(np.log(2))
    assert max(loss[depth] for depth in "123") < 0.01


@pytest.mark.slow
def test_optimizers_follow_their_rules(tmp_path):
    found = drawn("optimizers", tmp_path)
    paths = {name: np.array(path) for name, path in found["paths"].items()}
    steps = np.arange(racing.STEPS + 1)[:, np.newaxis]
    # Of a quadratic function, gradient descent is a geometric sequence.
    plain = racing.START * (1 - 0.07 * racing.CURVATURE) ** steps
    np.testing.assert_allclose(paths["SGD"], plain, atol=1e-4)
    # The first step of Adam is as long as its rate, in each direction.
    np.testing.assert_allclose(paths["Adam"][1], [-8.5, 1.5], atol=1e-4)
    close = found["steps_to_close"]
    assert close["Nesterov"] < close["momentum"] < close["SGD"]


@pytest.mark.slow
def test_gradients_vanish_as_slope_and_initializer_say(tmp_path):
    found = drawn("vanishing", tmp_path)["first_by_last"]
    # Nine layers: each multiplies by 0.1 where the slope is 1, and by 0.25 more.
    small = "normal, deviation 0.01"
    assert found["tanh"][small] == pytest.approx(1e-9, rel=0.9)
    assert found["sigmoid"][small] == pytest.approx(0.025**9, rel=0.9)
    assert 1e-7 < found["sigmoid"]["Glorot"] < 0.25**9
    assert found["relu"]["Glorot"] == pytest.approx(2**-4.5, abs=0.2)
    assert 0.3 < found["relu"]["He"] < 6
    assert 0.1 < found["tanh"]["Glorot"] < 1


@pytest.mark.slow
def test_regularizers_trade_training_error_for_test_error(tmp_path):
    errors = drawn("overfitting", tmp_path)["errors"]
    none = errors.pop("none")
    assert none["training"] < 0.01
    assert none["test"] > 5 * none["training"]
    for name, found in errors.items():
        assert found["training"] > none["training"], name
    assert min(found["test"] for found in errors.values()) < none["test"] / 2


@pytest.mark.slow
def test_the_corner_is_found_anywhere_by_the_convolution_alone(tmp_path):
    found = drawn("pooling", tmp_path)
    assert np.ptp(found["pooled"]) < 1e-5
    accuracies = {k: np.array(v) for k, v in found["accuracy"].items()}
    assert accuracies["corner_cnn.corners"].min() == 1.0
    dense = accuracies["corner_mlp.corners"]
    unseen = [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert dense[::2, ::2].min() == dense[1, 1] == 1.0
    assert all(dense[place] < 0.75 for place in unseen)


@pytest.mark.slow
def test_gates_are_of_each_word_and_unit(tmp_path):
    found = drawn("gates", tmp_path)
    assert found["accuracy"] > 0.9
    for name in ("input", "forget", "output"):
        values = np.array(found["gates"][name])
        assert values.shape == (len(found["tokens"]), 16)
        assert 0 < values.min() < 0.3 < 0.7 < values.max() < 1


@pytest.mark.slow
def test_attention_moves_to_the_other_diagonal(tmp_path):
    found = drawn("attention", tmp_path)
    masses = found["on_the_other_diagonal"]
    assert masses["before"] == pytest.approx(1 / 8, abs=0.05)
    assert masses["after"] > 0.9
    assert found["accuracy"] > 0.95
    np.testing.assert_allclose(np.sum(found["weights"], axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_a_walk_changes_little_at_each_step(tmp_path):
    found = drawn("walk", tmp_path)
    changes = np.array(found["changes"])
    assert changes.shape == (4, 8)
    assert (changes > 0).all()
    assert changes.max() < 0.25
