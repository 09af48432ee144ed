"""Adversarial networks: the figures of their samples, and samples by seed."""

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image
from scipy.linalg import sqrtm
from scipy.stats import kstest

import zoo
from zoo import tasks
from zoo.datasets import Split
from zoo.datasets.unlabelled import make_unlabelled_dataset
from zoo.errors import ZooError
from zoo.inference.generators import generator, sample, writer
from zoo.inference.squares import KEY, squares, standard_normal
from zoo.reports.subject import Subject
from zoo.tasks import sample_quality
from zoo.tasks.sample_quality import coverage, frechet_distance

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    return tasks.get("adversarial").encode(zoo.load_dataset("digits"), {})


def test_the_frechet_distance_by_a_matrix_root():
    a, b = RNG.normal(size=(50, 4)), RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 4))
    first, second = np.cov(a.T), np.cov(b.T)
    root = sqrtm(first @ second).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(
        first + second - 2 * root
    )
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_coverage_by_hand():
    real = np.array([[0.0], [1.0], [2.0], [10.0], [11.0]])
    # With one neighbour each ball has the radius 1.
    assert coverage(np.array([[0.5], [30.0]]), real, nearest=1) == pytest.approx(2 / 5)
    assert coverage(np.array([[1.0], [12.0]]), real, nearest=1) == pytest.approx(4 / 5)


def scaled(x):
    return np.asarray(x, "float32") / 16


def test_coverage_of_fewer_samples_than_neighbours():
    real = np.arange(4.0).reshape(-1, 1)
    assert coverage(real + 0.5, real) == 1.0
    assert coverage(real + 99.0, real) == 0.0


@pytest.mark.slow
def test_figures_tell_copies_noise_and_real_samples_apart(digits):
    count = len(digits.validation.x)
    real = sample_quality.quality(scaled(digits.validation.x), digits, None)
    copies = np.resize(scaled(digits.train.x[:20]), (count, 8, 8, 1))
    copied = sample_quality.quality(copies, digits, None)
    noise = sample_quality.quality(RNG.random((count, 8, 8, 1)), digits, None)
    assert real["frechet_distance"] < copied["frechet_distance"]
    assert copied["frechet_distance"] < noise["frechet_distance"] / 2
    assert real["coverage"] > copied["coverage"] + 0.3
    assert noise["coverage"] < 0.3
    assert copied["novelty"] == pytest.approx(0, abs=0.05)
    assert 0.7 < real["novelty"] < 1.4
    assert real["smallest_class_share"] > 0.05
    # The anchors are the same whatever is compared.
    anchors = [k for k in real if k.startswith(("real_", "noise_", "memorised_"))]
    assert len(anchors) == 6
    assert {k: real[k] for k in anchors} == {k: noise[k] for k in anchors}
    assert real["real_frechet_distance"] < real["memorised_frechet_distance"]
    assert real["memorised_frechet_distance"] < real["noise_frechet_distance"]


@pytest.mark.slow
def test_samples_of_a_class_are_counted_by_the_nearest_training_sample(digits):
    chosen = digits.train
    found = sample_quality.quality(scaled(chosen.x[:200]), digits, chosen.y[:200])
    assert found["class_accuracy"] == 1.0
    wrong = (chosen.y[:200] + 1) % 10
    assert sample_quality.quality(scaled(chosen.x[:200]), digits, wrong)[
        "class_accuracy"
    ] == pytest.approx(0)


def test_data_without_classes_is_of_one(grain):
    data = tasks.get("adversarial").encode(grain, {})
    assert data.train.y.tolist() == [0] * len(data.train.x)
    fixed = tasks.get("adversarial").fixed_by_data(data)
    assert fixed["num_classes"] == 1
    # No classifier ships for it: it is compared in principal components.
    own = data.test.x / data.train.x.max()
    found = sample_quality.quality(own, data, None)
    assert 0 <= found["frechet_distance"] < 0.1
    assert "smallest_class_share" not in found


@pytest.fixture
def grain():
    images = RNG.integers(0, 255, (40, 8, 8, 1)).astype("float32")
    return make_unlabelled_dataset("grain", images)


def test_a_conditional_model_refuses_data_without_classes(grain, tmp_path):
    output = tmp_path / "run"
    with pytest.raises(ZooError, match="of a class, dataset 'grain' has no labels"):
        zoo.train("conditional_gan", dataset=grain, epochs=1, output=output)
    with pytest.raises(ZooError, match="'dcgan' generates samples of a class"):
        overrides = {"conditional": True}
        zoo.train("dcgan", dataset=grain, overrides=overrides, output=output)
    assert not output.exists()


def test_a_conditional_model_is_not_evaluated_on_other_classes(grain):
    model = zoo.create_model("conditional_gan", num_classes=3, filters=(4,))
    with pytest.raises(ZooError, match="num_classes 3, dataset 'grain' has .* 1"):
        zoo.evaluate(model, grain)
    with pytest.raises(ZooError, match="num_classes 3, dataset 'digits' has .* 10"):
        zoo.evaluate(model, "digits")


def test_negative_values_are_no_images(digits):
    x = digits.train.x - 1.0
    raw = dataclasses.replace(
        zoo.load_dataset("digits"), train=Split(x, digits.train.y)
    )
    with pytest.raises(ZooError, match="holds no images"):
        tasks.get("adversarial").encode(raw, {})


@pytest.mark.slow
def test_the_epoch_of_the_least_distance_is_kept(tmp_path, monkeypatch):
    distances = iter([3.0, 1.0, 2.0])
    monkeypatch.setattr(
        sample_quality, "distance", lambda *_: {"frechet_distance": next(distances)}
    )
    run = zoo.train(
        "gan",
        epochs=3,
        output=tmp_path / "run",
        overrides={"hidden_units": [8], "latents": 2},
        jit="off",
    )
    assert run.history["val_frechet_distance"] == [3.0, 1.0, 2.0]
    assert Subject.of(run).kept == 2
    assert {"frechet_distance", "coverage", "novelty"} <= run.metrics.keys()


def test_the_numbers_of_a_counter_by_python_integers():
    def expected(counter):
        word, mask = 2**64, 2**64 - 1
        x = y = counter * KEY % word
        z = (y + KEY) % word
        for added in (y, z, y):
            x = (x * x + added) % word
            x = x >> 32 | x << 32 & mask
        return (x * x + z) % word >> 32

    counters = [0, 1, 2, 2**32 + 5, 2**63 + 11, 2**64 - 1]
    found = squares(np.array(counters, "uint64"))
    assert found.tolist() == [expected(counter) for counter in counters]


def test_the_numbers_of_seeds_are_normal_and_independent():
    found = standard_normal(np.arange(4_000), 8)
    assert kstest(found.ravel(), "norm").pvalue > 1e-3
    np.testing.assert_allclose(np.corrcoef(found.T), np.eye(8), atol=0.06)
    assert abs(np.corrcoef(found[:-1, 0], found[1:, 0])[0, 1]) < 0.06
    again = standard_normal(np.array([7, -1]), 8)
    np.testing.assert_array_equal(again[0], found[7])
    assert np.isfinite(again).all()


def test_samples_go_on_where_the_seed_begins():
    few, more = sample("vae.digits", 3, seed=5), sample("vae.digits", 8)
    np.testing.assert_allclose(few, more[5:], atol=1e-6)
    assert few.shape == (3, 8, 8, 1)
    assert 0 <= few.min() < few.max() <= 1


@pytest.fixture(scope="module")
def conditional():
    """A conditional generator whose samples are as bright as their class says."""
    keras.utils.set_random_seed(0)
    return zoo.create_model("conditional_gan", num_classes=3, latents=4)


def test_a_conditional_generator_is_told_a_class(conditional):
    part = generator(conditional)
    codes = standard_normal(np.arange(2), 4)
    first, second = (
        part.predict({"code": codes, "class_id": np.full(2, k)}, verbose=0)["sample"]
        for k in (0, 1)
    )
    assert first.shape == (2, 8, 8, 1)
    assert np.abs(first - second).max() > 1e-4


@pytest.mark.slow
def test_labels_of_samples(tmp_path):
    overrides = {"filters": [4], "latents": 2}
    run = zoo.train(
        "conditional_gan",
        epochs=1,
        output=tmp_path / "run",
        overrides=overrides,
        jit="off",
    )
    codes = {"code": standard_normal(np.arange(2), 2), "class_id": np.full(2, 3)}
    expected = generator(run.model).predict(codes, verbose=0)["sample"]
    np.testing.assert_allclose(sample(run, 2, label="3"), expected, atol=1e-6)
    in_turn = sample(run, 11)
    np.testing.assert_allclose(in_turn[:1], sample(run, 1, label="0"), atol=1e-6)
    with pytest.raises(ZooError, match="`label` must be one of 0, 1, .* 'three'"):
        sample(run, 2, label="three")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("vae.digits", {"label": "3"}, "of no given class"),
        ("vae.digits", {"count": 0}, "`count` must be 1 to"),
        ("lenet5.digits", {}, "is for classification; `zoo list --task adversarial`"),
    ],
)
def test_what_cannot_be_sampled(name, options, message):
    with pytest.raises(ZooError, match=message):
        sample(name, **options)


def test_a_model_without_a_generator():
    with pytest.raises(ZooError, match="has no generator"):
        generator(zoo.create_model("lenet5"))


def test_files_of_samples(tmp_path):
    samples = RNG.random((5, 4, 6, 1)).astype("float32")
    writer(tmp_path / "a.npy")(samples)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), samples)
    writer(tmp_path / "a.png")(samples)
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    assert picture.shape == (2 * 5, 3 * 7)
    np.testing.assert_array_equal(picture[:4, :6], np.round(255 * samples[0, ..., 0]))
    np.testing.assert_array_equal(
        picture[5:9, 7:13], np.round(255 * samples[4, ..., 0])
    )
    with pytest.raises(ZooError, match=r"must end in \.png"):
        writer(tmp_path / "a.jpg")
    with pytest.raises(ZooError, match="are no pictures"):
        writer(tmp_path / "b.png")(samples[..., 0, 0])
