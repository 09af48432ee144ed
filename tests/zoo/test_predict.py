"""Predictions for pictures, arrays and sentences of a user."""

import json

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

import zoo
from zoo.errors import DatasetError
from zoo.inference import pictures
from zoo.inference.predict import predict


@pytest.fixture
def seven(tmp_path):
    """Draws a seven of these colours and size; returns the file."""

    def draw(ink, paper, side=200, mode="L"):
        image = Image.new(mode, (side, side), paper)
        points = [(side * x, side * y) for x, y in ((0.25, 0.25), (0.75, 0.25))]
        points.append((side * 0.45, side * 0.82))
        ImageDraw.Draw(image).line(points, fill=ink, width=side // 11, joint="curve")
        image.save(tmp_path / "seven.png")
        return tmp_path / "seven.png"

    return draw


@pytest.mark.parametrize(
    ("drawing", "done"),
    [
        ({"ink": 255, "paper": 0, "side": 28}, ""),
        ({"ink": 255, "paper": 0}, "resized from 200 x 200 to 28 x 28 pixels"),
        (
            {"ink": "white", "paper": "black", "mode": "RGB"},
            "made grey, resized from 200 x 200 to 28 x 28 pixels",
        ),
    ],
)
def test_a_picture_is_made_what_the_model_takes(seven, capsys, drawing, done):
    (found,) = predict("lenet5.mnist", [seven(**drawing)])
    assert found.top(1)[0][0] == "7"
    assert found.top(1)[0][1] > 0.9
    err = capsys.readouterr().err
    assert err.endswith(f"seven.png was {done}.\n" if done else "")


def test_black_on_white_is_told_and_inverted(seven, capsys):
    path = seven(ink=0, paper=255)
    predict("lenet5.mnist", [path])
    err = capsys.readouterr().err
    assert "that of the training images 33.3; --invert makes it like them" in err
    (found,) = predict("lenet5.mnist", [path], invert=True)
    assert found.top(1)[0][0] == "7"
    assert "training images" not in capsys.readouterr().err


def test_pixels_are_scaled_to_the_range_of_the_training(tmp_path, digits, capsys):
    image, label = digits.test.x[0], digits.test.y[0]
    Image.fromarray((image[..., 0] * (255 / 16)).astype("uint8")).save(
        tmp_path / "x.png"
    )
    (found,) = predict("lenet5.digits", [tmp_path / "x.png"])
    assert found.top(1)[0][0] == digits.labels[label]
    assert "scaled to 0..16" in capsys.readouterr().err


def test_dark_pictures_of_a_folder_stay_as_they_are(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(2, size=(6, 6), dtype="uint8")  # a mask
            Image.fromarray(pixels).save(tmp_path / "data" / label / f"{i}.png")
    folder = tmp_path / "run"
    run = zoo.train(
        "softmax_regression", dataset=tmp_path / "data", epochs=1, output=folder
    )
    picture = tmp_path / "data" / "a" / "0.png"
    capsys.readouterr()
    (answer,) = predict(folder, [picture])
    assert capsys.readouterr().err == ""
    pixels = np.asarray(Image.open(picture), "float32")[np.newaxis, ..., np.newaxis]
    logits = run.model.predict(pixels, verbose=0)
    wanted = np.exp(logits[0]) / np.exp(logits[0]).sum()
    np.testing.assert_allclose(answer.outputs["probabilities"], wanted, atol=1e-5)


def test_arrays_of_another_range_are_told(tmp_path, digits, capsys):
    np.save(tmp_path / "x.npy", digits.test.x[:2] * 16)
    predict("lenet5.digits", [tmp_path / "x.npy"])
    assert "reach 240, those of the training images 16" in capsys.readouterr().err
    np.save(tmp_path / "x.npy", digits.test.x[:2])
    predict("lenet5.digits", [tmp_path / "x.npy"])
    assert capsys.readouterr().err == ""


def test_labels_are_names(tmp_path):
    flowers = [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]
    (tmp_path / "two.json").write_text(json.dumps(flowers))
    (tmp_path / "one.json").write_text(json.dumps(flowers[0]))
    found = predict("mlp.iris", [tmp_path / "two.json", tmp_path / "one.json"])
    assert [each.top(1)[0][0] for each in found] == ["setosa", "virginica", "setosa"]
    assert {name for name, _ in found[0].top(3)} == {
        *("setosa", "versicolor", "virginica")
    }
    np.testing.assert_array_equal(
        found[0].outputs["probabilities"], found[2].outputs["probabilities"]
    )


@pytest.mark.slow
def test_sentences(tmp_path, capsys):
    run = zoo.train("text_cnn", output=tmp_path / "run")
    text = zoo.load_dataset("toy_polarity").test
    (tmp_path / "two.txt").write_text("\n".join(text.x[:2]) + "\n")
    found = predict(run, [tmp_path / "two.txt", text.x[0], "warm, moving"])
    labels = [run.config["labels"][i] for i in text.y[:2]]
    assert [each.top(1)[0][0] for each in found[:2]] == labels
    assert found[2].source == text.x[0]
    assert "does not know 'warm', " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.png", b"no picture", "not a readable image"),
        ("x.npy", b"no array", "not a readable .npy file"),
        ("x.npz", b"no archive", "not a readable .npz file"),
        (
            "x.json",
            b"[[1, 2]]",
            "holds int64 of shape .1, 2.; mlp.iris takes tables of 4",
        ),
        (
            "x.json",
            b'[["a", "b", "c", "d"]]',
            "line 1 holds no numbers; mlp.iris takes",
        ),
        ("x.json", b"[[1, 2], [3]]", "line 1 holds an array of shape .2,.; mlp.iris"),
        ("x.csv", b"1,2", "has 2 columns and no header; mlp.iris takes 4"),
        ("x.json", b"[]", "x.json holds no samples"),
        ("x.json", b"[[1, 2, NaN, 4]]", "x.json, row 1 holds NaN or infinity"),
        ("x.json", b"[[1, 2, Infinity, 4]]", "row 1 holds NaN or infinity"),
        ("x.json", b'{"a": 1}', "x.json has 1 columns; mlp.iris takes 4"),
        ("x.json", b"\xff\xfe[", "not a readable .json file"),
        ("x.xyz", b"1", "x.xyz has no suffix of a form that is read: .csv, "),
    ],
)
def test_a_file_that_is_none(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    model = "lenet5.mnist" if name == "x.png" else "mlp.iris"
    with pytest.raises(DatasetError, match=message):
        predict(model, [tmp_path / name])


def test_no_samples(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((0, 4)))
    with pytest.raises(DatasetError, match="x.npy holds no samples"):
        predict("mlp.iris", [tmp_path / "x.npy"])


def test_sixteen_bits_are_scaled_rather_than_cut_off(tmp_path, seven, capsys):
    plain = seven(ink=255, paper=0)
    values = np.asarray(Image.open(plain)).astype("uint16") * 257
    Image.fromarray(values).save(tmp_path / "deep.png")
    deep, plain = predict("lenet5.mnist", [tmp_path / "deep.png", plain])
    assert deep.top(10) == plain.top(10)
    assert "deep.png was scaled from 16 to 8 bits" in capsys.readouterr().err


def test_the_range_of_a_rescaling_is_that_of_its_pictures(tmp_path, digits, capsys):
    image = digits.test.x[0]
    pixels = (image[..., 0] * (255 / 16)).astype("uint8")
    Image.fromarray(pixels).save(tmp_path / "x.png")
    np.save(tmp_path / "x.npy", image[None])
    picture, array = predict("vae.digits", [tmp_path / "x.png", tmp_path / "x.npy"])
    assert "scaled to 0..16" in capsys.readouterr().err
    np.testing.assert_allclose(picture.outputs["code"], array.outputs["code"], atol=0.1)


def test_a_transparent_picture_lies_on_white(tmp_path):
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "x.png")
    pixels, changes = pictures.read_picture(tmp_path / "x.png", (None, None, 3))
    assert pixels.shape == (8, 8, 3)
    assert (pixels == 255).all()
    assert changes == ["laid on white"]


def test_a_photograph_is_turned_as_its_camera_was(tmp_path):
    picture = Image.new("L", (20, 10))
    exif = picture.getexif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    picture.save(tmp_path / "x.jpg", exif=exif)
    pixels, _ = pictures.read_picture(tmp_path / "x.jpg", (None, None, 1))
    assert pixels.shape == (20, 10, 1)


class Doubled(keras.Model):
    """Has a call of its own."""

    def call(self, inputs, training=None):
        """Doubles what the layers give."""
        return 2 * super().call(inputs)


@pytest.mark.parametrize("kind", ["sequential", "two", "override"])
def test_models_of_other_makers_are_called_as_they_are(kind, tmp_path):
    x = keras.Input((4,))
    y = keras.layers.Dense(2)(x)
    model = {
        "sequential": lambda: keras.Sequential([x, keras.layers.Dense(2)]),
        "two": lambda: keras.Model(x, [y, y + 1]),
        "override": lambda: Doubled(x, y),
    }[kind]()
    samples = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    np.save(tmp_path / "x.npy", samples)
    found = predict(model, [tmp_path / "x.npy"])
    expected = keras.tree.flatten(model(samples))
    for row, prediction in enumerate(found):
        assert len(prediction.outputs) == len(expected)
        for got, want in zip(prediction.outputs.values(), expected, strict=True):
            np.testing.assert_allclose(got, want[row], atol=1e-6)
