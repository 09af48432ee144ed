"""Pictures of any size and colour become what a model takes, and it is said."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.datasets.picture_fit import fitted
from zoo.datasets.picture_shape import as_taken
from zoo.errors import ArgumentError, DatasetError
from zoo.training.resolve import resolve


def striped(width, height):
    """Black at the left third, 120 in the middle, 240 at the right."""
    stripes = np.repeat([0, 120, 240], width // 3).astype("uint8")
    return Image.fromarray(np.tile(stripes, (height, 1)))


def write(folder, count=12, size=(6, 5), mode="L", suffix=".png"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new(mode, size, 10 * i).save(folder / f"{i}_{mode}{suffix}")


def classes(folder, **options):
    for label in ("cat", "dog"):
        write(folder / label, **options)


def kinds(data):
    return {finding.kind: str(finding) for finding in data.findings}


def test_resize_stretches():
    wide = np.asarray(fitted(striped(12, 4), (6, 6)))
    assert wide.shape == (6, 6)
    assert wide[:, 0].tolist() == [0] * 6 and wide[:, -1].tolist() == [240] * 6


def test_crop_keeps_the_middle_and_the_proportions():
    wide = np.asarray(fitted(striped(12, 4), (4, 4), "crop"))
    np.testing.assert_array_equal(wide, np.full((4, 4), 120))


def test_pad_keeps_all_and_adds_black():
    wide = np.asarray(fitted(striped(12, 4), (12, 12), "pad"))
    assert not wide[:4].any() and not wide[8:].any()
    np.testing.assert_array_equal(wide[4:8], np.asarray(striped(12, 4)))


@pytest.mark.parametrize("fit", ["resize", "crop", "pad"])
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (7, 5)])
def test_every_size_becomes_the_one_that_is_needed(fit, size):
    made = fitted(Image.new("RGB", size, "red"), (9, 4), fit)
    assert made.size == (9, 4)
    assert np.asarray(made)[..., 0].max() == 255  # nothing vanishes


@pytest.mark.parametrize(
    ("fit", "what"),
    [
        ("resize", "1 of 25 images are resized to 6 x 5 pixels, the median; --fit"),
        ("crop", "1 of 25 images are scaled and cropped to 6 x 5 pixels, the median."),
        ("pad", "1 of 25 images are scaled and padded with black to 6 x 5 pixels"),
    ],
)
def test_a_folder_is_fitted_and_it_is_said(tmp_path, fit, what):
    classes(tmp_path)
    Image.new("L", (60, 5), 255).save(tmp_path / "cat" / "wide.png")
    data = zoo.load_dataset(tmp_path, fit=fit)
    assert kinds(data)["fitted"].startswith(what)
    (wide,) = [x for split in data.splits.values() for x in split.x if x.max() > 200]
    assert bool((wide == 0).any()) == (fit == "pad")


def test_a_size_is_chosen(tmp_path):
    classes(tmp_path)
    data = zoo.load_dataset(tmp_path, size="8x4")
    assert data.input_shape == (4, 8, 1)
    assert "24 of 24 images are resized to 8 x 4 pixels;" in kinds(data)["fitted"]


@pytest.mark.parametrize("size", ["8", "8x", "0x4", "8x4x1", "-1x4", "99999x4"])
def test_a_size_that_cannot_be(tmp_path, size):
    classes(tmp_path)
    with pytest.raises(ArgumentError, match="`size` must be width and height, such as"):
        zoo.load_dataset(tmp_path, size=size)


def test_colours_are_mixed_or_chosen(tmp_path):
    classes(tmp_path)
    write(tmp_path / "cat", mode="RGB", count=3)
    data = zoo.load_dataset(tmp_path)
    assert data.input_shape == (5, 6, 3)
    assert kinds(data)["mixed_colour"].startswith(
        "24 of 27 images are grey, the others in colour: read in colour; --colour grey"
    )
    grey = zoo.load_dataset(tmp_path, colour="grey")
    assert grey.input_shape == (5, 6, 1)
    assert kinds(grey)["made_grey"] == "3 of 27 images are made grey."


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "CMYK", "1", "L"])
def test_kinds_of_pictures_hold_in_grey_and_colour(tmp_path, mode):
    suffix = ".tif" if mode == "CMYK" else ".png"
    classes(tmp_path, mode=mode, suffix=suffix)
    assert zoo.load_dataset(tmp_path, colour="grey").input_shape == (5, 6, 1)
    assert zoo.load_dataset(tmp_path, colour="rgb").input_shape == (5, 6, 3)


def test_a_trained_instance_decides_size_and_colour(tmp_path):
    classes(tmp_path, mode="RGB")
    assert as_taken(tmp_path, (28, 28, 1)) == {"size": "28x28", "colour": "grey"}
    assert as_taken(tmp_path, (None, None, 3)) == {"colour": "rgb"}
    assert as_taken("digits", (28, 28, 1)) == {}


@pytest.mark.slow
def test_a_trained_instance_is_trained_on_pictures_of_any_size(tmp_path):
    classes(tmp_path / "pets", mode="RGB", size=(40, 20))
    run = zoo.train(
        "lenet5.mnist",
        dataset=tmp_path / "pets",
        fit="pad",
        epochs=1,
        normalization="keep",
        output=tmp_path / "run",
    )
    assert run.model.input_shape == (None, 28, 28, 1)
    recipe = run.config["recipe"]
    assert (recipe["size"], recipe["colour"]) == ("28x28", "grey")
    assert recipe["fit"] == "pad"
    metrics = zoo.evaluate(tmp_path / "run")
    assert metrics["accuracy"] == pytest.approx(run.metrics["accuracy"])
    elsewhere = zoo.evaluate(tmp_path / "run", tmp_path / "pets")
    assert elsewhere["loss"] == pytest.approx(metrics["loss"], rel=1e-5)


def test_a_folder_without_classes_has_no_labels(tmp_path):
    write(tmp_path, count=20)
    data = zoo.load_dataset(tmp_path)
    assert data.task == "reconstruction" and data.labels == ()
    assert {k: len(s.x) for k, s in data.splits.items()} == {
        "train": 14,
        "validation": 2,
        "test": 4,
    }
    values = sorted(int(x.max()) for s in data.splits.values() for x in s.x)
    assert values == [10 * i for i in range(20)]
    assert (
        "samples without labels, which an autoencoder takes"
        in kinds(data)["unlabelled"]
    )


def test_split_folders_without_classes_have_no_labels(tmp_path):
    for split, count in (("train", 12), ("val", 3), ("test", 4)):
        write(tmp_path / split, count=count)
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ()
    assert [len(split.x) for split in data.splits.values()] == [12, 3, 4]


def test_pictures_beside_folders_of_classes_are_not_read(tmp_path):
    classes(tmp_path)
    write(tmp_path, count=2)
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("cat", "dog")
    assert sum(len(split.x) for split in data.splits.values()) == 24
    assert (
        "2 images beside the folders of classes: not used" in kinds(data)["loose_files"]
    )


def test_samples_alone_have_no_labels(tmp_path):
    x = np.random.default_rng(0).random((20, 4, 4), "float32")
    np.savez(tmp_path / "a.npz", x=x)
    data = zoo.load_dataset(tmp_path / "a.npz")
    assert data.labels == () and data.input_shape == (4, 4, 1)
    assert sum(len(split.x) for split in data.splits.values()) == 20
    np.savez(tmp_path / "b.npz", x_train=x, x_test=x[:3])
    data = zoo.load_dataset(tmp_path / "b.npz")
    assert [len(split.x) for split in data.splits.values()] == [18, 2, 3]


def test_a_classifier_refuses_samples_without_labels(tmp_path):
    write(tmp_path, count=20)
    with pytest.raises(DatasetError, match="has no labels; .* conv_autoencoder"):
        zoo.train("lenet5", dataset=tmp_path, epochs=1, output=tmp_path / "run")


@pytest.mark.slow
def test_an_autoencoder_is_trained_on_pictures_without_labels(tmp_path):
    write(tmp_path / "pictures", count=40)
    run = zoo.train(
        "autoencoder", dataset=tmp_path / "pictures", epochs=1, output=tmp_path / "run"
    )
    assert run.metrics["mse"] < 1
    assert zoo.evaluate(tmp_path / "run")["mse"] == pytest.approx(run.metrics["mse"])


def test_pictures_of_cameras_are_held_apart(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for i in range(12):
            name = f"{('left', 'right', 'top')[i % 3]}-{label}-{i}.png"
            Image.new("L", (6, 5), i % 3).save(tmp_path / label / name)
    assert "--group '{group}-*-*'" in kinds(zoo.load_dataset(tmp_path))["groups"]
    data = zoo.load_dataset(tmp_path, group="{group}-*")
    held = [set(np.unique(split.x)) for split in data.splits.values()]
    assert sorted(map(len, held)) == [1, 1, 1] and len(set.union(*held)) == 3


def test_an_architecture_reads_the_median(tmp_path):
    classes(tmp_path, size=(9, 8))
    _, config = resolve("lenet5", dataset=str(tmp_path))
    assert config.recipe.size is None
