"""Reports: which pictures there are of which run, and what they show."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.errors import ZooError
from zoo.reports.drawing import plane
from zoo.reports.pictures import confusion, mistakes, pictures, walk
from zoo.reports.subject import Subject

RUNS = {
    "lenet5": {"curves", "confusion", "mistakes", "filters"},
    "mlp": {"curves", "confusion"},
    "text_cnn": {"curves", "confusion", "embeddings"},
    "tagger": {"curves", "confusion", "embeddings"},
    "autoencoder": {"curves", "reconstructions", "walk", "latent", "filters"},
    "vae": {"curves", "reconstructions", "samples", "walk", "latent", "filters"},
}
TINY = {"tagger": {"units": 4}, "text_cnn": {"filters": 4}}


# A run of each kind of data, and more pictures of the same kinds in the slow ones.
QUICK = {"mlp", "lenet5", "text_cnn", "autoencoder"}


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


class Sources(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for key, value in attrs if key in ("src", "href")]


def test_pictures_and_a_page_by_itself(run):
    page = zoo.report(run)
    assert page.parent == run.directory
    pictures = {path.stem for path in run.directory.glob("*.png")}
    assert pictures == RUNS[run.config["name"]]
    for path in run.directory.glob("*.png"):
        with Image.open(path) as image:
            assert np.asarray(image).std() > 0, path
    sources = Sources(page.read_text()).found
    assert len(sources) == len(pictures)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert run.config["name"] in page.read_text()


def test_pictures_have_an_order_of_their_own():
    orders = [picture.ORDER for picture in pictures()]
    assert orders == sorted(set(orders))
    assert pictures()[0].__name__.endswith(".curves")


def test_the_boundary_of_two_measurements(tmp_path):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 2)).astype("float32")
    np.savez(tmp_path / "plane.npz", x=x, y=(x[:, 0] > 0).astype("int64"))
    zoo.train("mlp", dataset=tmp_path / "plane.npz", epochs=1, output=tmp_path / "run")
    zoo.report(tmp_path / "run")
    assert (tmp_path / "run/boundary.png").exists()


def test_a_confusion_matrix_by_hand():
    truth, guesses = np.array([[0, 1, -1], [2, 2, 1]]), np.array([[0, 2, 1], [2, 0, 1]])
    counts = confusion.matrix(truth, guesses, 3)
    assert counts.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 1]]


def test_the_surest_mistake_comes_first(monkeypatch, tmp_path):
    data = zoo.load_dataset("digits")
    logits = np.eye(10)[data.test.y] * 9
    for sample, lead in ((3, 1.0), (7, 5.0)):
        wrong = (data.test.y[sample] + 1) % 10
        logits[sample] = 0
        logits[sample, wrong] = lead
    subject = Subject(tmp_path, {"task": "classification"}, {}, None, data)
    subject.__dict__["outputs"] = logits
    shown = {}
    monkeypatch.setattr(mistakes, "tiles", lambda x, titles: shown.update(x=x))
    mistakes.draw(subject)
    np.testing.assert_array_equal(shown["x"], data.test.x[[7, 3]])


def test_the_plane_keeps_what_varies_most():
    generator = np.random.default_rng(0)
    points = generator.normal(size=(50, 2)) * (5, 2)
    shown = plane(np.concatenate([points, np.zeros((50, 3))], axis=1))
    spread = points - points.mean(axis=0)
    np.testing.assert_allclose(
        np.linalg.norm(shown, axis=1), np.linalg.norm(spread, axis=1)
    )
    assert shown[:, 0].std() > shown[:, 1].std()


def test_runs_that_cannot_be_shown(tmp_path, run):
    with pytest.raises(ZooError, match=r"no config\.json"):
        zoo.report(tmp_path)
    config = json.loads((run.directory / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ZooError, match="not finished"):
        zoo.report(tmp_path)


def test_a_walk_begins_and_ends_at_the_samples(monkeypatch, tmp_path):
    seen = {}
    monkeypatch.setattr(walk, "tiles", lambda images: seen.update(images=images))
    run = zoo.train("autoencoder", epochs=1, output=tmp_path / "run")
    subject = Subject.of(run.directory)
    walk.draw(subject)
    shape = (walk.WALKS, walk.STEPS, 8, 8, 1)
    walks = seen["images"].reshape(shape)
    ends = run.model.predict(subject.data.test.x[: 2 * walk.WALKS], verbose=0)
    np.testing.assert_allclose(walks[:, 0], ends[::2], atol=1e-5)
    np.testing.assert_allclose(walks[:, -1], ends[1::2], atol=1e-5)
