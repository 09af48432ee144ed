"""Reports: which pictures there are of which run, and what they show."""

import base64
import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.zoo.pages import Elements
from tests.zoo.subjects import classified, make_subject, texts_of
from zoo import tasks
from zoo.datasets import Dataset, Split
from zoo.errors import ZooError
from zoo.reports import facts
from zoo.reports.drawing import plane
from zoo.reports.pictures import (
    confusion,
    mistakes,
    pictures,
    predicted,
    residuals,
    walk,
)
from zoo.tasks.confusion import confusion_matrix

RUNS = {
    "lenet5": {"curves", "confusion", "reliability", "mistakes", "filters"},
    "mlp": {"curves", "confusion", "reliability", "mistakes"},
    "perceptron.xor": {"curves", "line", "boundary", "confusion"},
    "text_cnn": {"curves", "confusion", "reliability", "mistakes", "embeddings"},
    "text_gru": {
        "curves",
        "confusion",
        "reliability",
        "mistakes",
        "embeddings",
        "gates",
    },
    "tagger": {"curves", "confusion", "reliability", "embeddings", "gates"},
    "forecaster": {"curves", "forecasts", "gates"},
    "linear_regression": {"curves", "predicted", "residuals"},
    "autoencoder": {"curves", "reconstructions", "walk", "latent", "filters"},
    "conditional_gan": {"curves", "distances", "samples"},
    "vae": {"curves", "reconstructions", "samples", "walk", "latent", "filters"},
}
TINY = {
    "tagger": {"units": 4},
    "text_cnn": {"filters": 4},
    "text_gru": {"units": 4},
    "forecaster": {"units": 4},
}


# A run of each kind of data, and more pictures of the same kinds in the slow ones.
QUICK = {"mlp", "lenet5", "perceptron.xor", "text_cnn", "autoencoder"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK))
        for name in RUNS
    ],
)
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "run"
    name = request.param
    return zoo.train(name, epochs=1, output=folder, overrides=TINY.get(name), jit="off")


@pytest.fixture(scope="module")
def page(run):
    return zoo.report(run)


def test_pictures_and_a_page_by_itself(run, page):
    assert page.parent == run.directory
    shown = {path.stem: path.read_bytes() for path in run.directory.glob("*.png")}
    assert shown.keys() == RUNS[run.config["name"]]
    for name, content in shown.items():
        with Image.open(io.BytesIO(content)) as image:
            assert np.asarray(image).std() > 0, name
    elements = Elements(page.read_text())
    sources = [img["src"] for img in elements.all("img")]
    start = "data:image/png;base64,"
    held = [base64.b64decode(src.removeprefix(start)) for src in sources]
    assert sorted(held) == sorted(shown.values())
    links = [v for _, a in elements.found for k, v in a.items() if k in ("src", "href")]
    assert links == sources


def test_a_page_can_be_read(run, page):
    elements = Elements(page.read_text())
    (title,) = elements.texts("h1")
    assert title == f"{run.config['name']} on {run.config['dataset']}"
    readings = [p.READING for p in pictures() if p.TITLE in elements.texts("h3")]
    assert [img["alt"] for img in elements.all("img")] == readings
    assert len(readings) == len(RUNS[run.config["name"]])
    for title, following in elements.after("h2"):
        assert following == "p", f"{title} is not explained"
    shown = [t for tag, t in elements.shown if tag not in ("code", "style")]
    assert not any(char in text for text in shown for char in "{}[]'")
    (command,) = elements.texts("code")
    assert command.startswith(f"zoo train {run.config['name']}")
    assert sys.executable not in page.read_text()


def test_pictures_have_an_order_of_their_own():
    orders = [picture.ORDER for picture in pictures()]
    assert orders == sorted(set(orders))
    assert pictures()[0].__name__.endswith(".curves")


def test_a_confusion_matrix_by_hand():
    truth, guesses = np.array([[0, 1, -1], [2, 2, 1]]), np.array([[0, 2, 1], [2, 0, 1]])
    counts = confusion_matrix(truth, guesses, 3)
    assert counts.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 1]]


def test_the_surest_mistake_comes_first(tmp_path):
    data = zoo.load_dataset("digits")
    logits = np.eye(10)[data.test.y] * 9
    for sample, lead in ((3, 1.0), (7, 5.0)):
        wrong = (data.test.y[sample] + 1) % 10
        logits[sample] = 0
        logits[sample, wrong] = lead
    figure = mistakes.draw(make_subject(tmp_path, data, outputs=logits))
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    np.testing.assert_array_equal(shown, data.test.x[[7, 3], ..., 0])


def test_the_plane_keeps_what_varies_most():
    generator = np.random.default_rng(0)
    points = generator.normal(size=(50, 2)) * (5, 2)
    shown, shares = plane(np.concatenate([points, np.zeros((50, 3))], axis=1))
    spread = points - points.mean(axis=0)
    np.testing.assert_allclose(
        np.linalg.norm(shown, axis=1), np.linalg.norm(spread, axis=1)
    )
    assert shown[:, 0].std() > shown[:, 1].std()
    variances = shown.var(axis=0)
    np.testing.assert_allclose(shares, variances / variances.sum())


def test_runs_that_cannot_be_shown(tmp_path, run):
    with pytest.raises(ZooError, match=r"no config\.json"):
        zoo.report(tmp_path)
    config = json.loads((run.directory / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ZooError, match="not finished"):
        zoo.report(tmp_path)


def test_a_walk_begins_and_ends_at_the_samples(tmp_path):
    data = tasks.get("reconstruction").encode(zoo.load_dataset("digits"), {})
    options = {"maximum": 16.0, "hidden_units": (8,), "code_units": 4}
    model = zoo.create_model("autoencoder", **options)
    figure = walk.draw(make_subject(tmp_path, data, model=model))
    shown = np.array([axes.images[0].get_array() for axes in figure.axes])
    walks = shown.reshape(walk.WALKS, walk.STEPS, 8, 8)
    ends = model.predict(data.test.x[: 2 * walk.WALKS], verbose=0)[..., 0]
    np.testing.assert_allclose(walks[:, 0], ends[::2], atol=1e-5)
    np.testing.assert_allclose(walks[:, -1], ends[1::2], atol=1e-5)
    below = [axes.get_xlabel() for axes in figure.axes[-walk.STEPS :]]
    assert (below[0], below[-1]) == ("0", "1")


class TestRegression:
    def subject(self, tmp_path):
        generator = np.random.default_rng(0)
        y = generator.normal(size=(30, 2)).astype("float32")
        split = Split(generator.normal(size=(30, 3)).astype("float32"), y)
        data = Dataset(
            "toy", split, split, split, (), task="regression", targets=("width", "age")
        )
        return make_subject(tmp_path, data, outputs=y + 0.5, metrics={"r2": 0.75})

    def test_predicted_against_true(self, tmp_path):
        figure = predicted.draw(self.subject(tmp_path))
        assert figure is not None
        labels = [axes.get_xlabel() for axes in figure.axes]
        assert labels == ["true width", "true age"]
        (points, *_) = figure.axes[0].collections
        true, found = np.asarray(points.get_offsets()).T
        np.testing.assert_allclose(found, true + 0.5, rtol=1e-5)

    def test_residuals_are_true_minus_predicted(self, tmp_path):
        figure = residuals.draw(self.subject(tmp_path))
        assert figure is not None
        points = np.asarray(figure.axes[0].collections[0].get_offsets())
        np.testing.assert_allclose(points[:, 1], -0.5, rtol=1e-5)
        assert "predicted age" in texts_of(figure)

    def test_the_page_has_a_row_for_each_target(self, tmp_path):
        subject = self.subject(tmp_path)
        rows = facts.targets(subject)
        assert list(rows) == ["width", "age"]
        assert rows["width"][:2] == ["0.5000", "0.5000"]
        assert "baseline" in facts.results(subject)

    def test_no_pictures_of_classes(self, tmp_path):
        subject = self.subject(tmp_path)
        assert confusion.draw(subject) is None
        assert mistakes.draw(subject) is None
        assert predicted.draw(make_subject(tmp_path / "c", classified("ab"))) is None
