"""`serve_bytes`: image files become what `zoo predict` makes of them."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import export
import zoo
from export.signatures import images
from zoo.datasets import picture_fit
from zoo.inference.pictures import read_picture

DIGITS = "lenet5.digits"


def encoded(picture, format):
    file = io.BytesIO()
    picture.save(file, format)
    return file.getvalue()


def gradient(width, height, mode):
    """A picture that is smooth, so that resizing and JPEG change little of it."""
    y, x = np.mgrid[0:height, 0:width] / [[[height]], [[width]]]
    bands = [x, y, 1 - x, (x + y) / 2]
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = (255 * np.stack(bands[-channels:], axis=-1)).astype("uint8")
    return Image.fromarray(pixels.squeeze(), mode)


def strings(files):
    array = np.empty(len(files), object)
    array[:] = files
    return array


PICTURES = {
    "grey.png": (gradient(8, 8, "L"), "PNG"),
    "larger.png": (gradient(40, 24, "L"), "PNG"),
    "colour.png": (gradient(20, 20, "RGB"), "PNG"),
    "alpha.png": (gradient(16, 16, "RGBA"), "PNG"),
    "grey_alpha.png": (gradient(16, 16, "LA"), "PNG"),
    "palette.png": (gradient(16, 16, "RGB").quantize(64), "PNG"),
    "colour.jpg": (gradient(32, 32, "RGB"), "JPEG"),
    "grey.jpg": (gradient(9, 31, "L"), "JPEG"),
    "animal.bmp": (gradient(10, 12, "RGB"), "BMP"),
}


@pytest.mark.parametrize(
    ("channels", "fit"), [(1, "resize"), (3, "resize"), (3, "crop"), (1, "pad")]
)
@pytest.mark.parametrize("name", PICTURES)
def test_pixels_are_those_of_zoo_predict(tmp_path, name, channels, fit):
    """Pillow is the oracle; it rounds after each pass."""
    picture, format = PICTURES[name]
    (tmp_path / name).write_bytes(encoded(picture, format))
    expected, _ = read_picture(tmp_path / name, (8, 8, channels), fit=fit)
    shape = (8, 8, channels)
    image = keras.Input(shape, name="image")
    model = keras.Model(image, keras.layers.Rescaling(1 / 255)(image), name="mine")
    signature = export.signature.signature_of(model)
    of_files = images.ImageBytes(signature, shape, 1.0, fit, "")
    found = of_files._pixels((tmp_path / name).read_bytes())
    limit = 3 if format == "JPEG" else 1.5
    np.testing.assert_allclose(found, expected, atol=limit)


@pytest.mark.parametrize("fit", ["resize", "crop", "pad"])
@pytest.mark.parametrize("size", [(1, 40), (40, 1), (7, 9), (16, 8), (8, 8), (5, 5)])
def test_every_proportion_is_fitted_as_zoo_predict_does(size, fit):
    picture = gradient(*size, "L")
    expected = np.asarray(picture_fit.fitted(picture, (9, 6), fit))
    pixels = tf.cast(np.asarray(picture), tf.float32)[..., None]
    found = images.fitted(pixels, (6, 9), fit)[..., 0]
    np.testing.assert_allclose(found, expected, atol=1.5)


@pytest.mark.slow
def test_a_batch_of_files_is_answered_as_their_pixels_are(shipped, answer, tmp_path):
    model = zoo.create_model(DIGITS, pretrained=True)
    digits = zoo.load_dataset("digits").test.x[:4]
    files = []
    for i, (digit, kind) in enumerate(
        zip(digits, ["PNG", "PNG", "BMP", "GIF"], strict=True)
    ):
        pixels = (digit.squeeze() * (255 / 16)).round().astype("uint8")
        picture = Image.fromarray(pixels, "L").resize((8 * (i + 1),) * 2, 0)
        files.append(encoded(picture, kind))
    artifact = shipped(DIGITS)
    found = answer(artifact, "serve_bytes", {"image_bytes": strings(files)})
    expected = model.predict(digits, verbose=0)
    assert found["class_ids"].tolist() == expected.argmax(-1).tolist()
    np.testing.assert_allclose(
        found["probabilities"], tf.nn.softmax(expected), atol=0.02
    )


def test_the_manifest_says_what_is_done_to_a_file(shipped):
    signature = shipped(DIGITS).manifest["signatures"]["serve_bytes"]
    assert signature["description"] == (
        "PNG, JPEG, GIF or BMP files, made grey, resized to 8 x 8 pixels, 0..16; EXIF "
        "orientation is not applied"
    )
    assert signature["formats"] == ["saved_model"]
    assert signature["inputs"] == {"image_bytes": {"dtype": "string", "shape": [None]}}


def test_exif_orientation_is_not_applied(shipped, answer):
    """Pillow turns such a picture; here it is the same as without the mark."""
    picture = gradient(8, 8, "L")
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned, plain = io.BytesIO(), io.BytesIO()
    picture.save(turned, "JPEG", exif=exif)
    picture.save(plain, "JPEG")
    assert Image.open(turned).getexif()[0x0112] == 3
    inputs = {"image_bytes": strings([turned.getvalue(), plain.getvalue()])}
    one, other = answer(shipped(DIGITS), "serve_bytes", inputs)["probabilities"]
    np.testing.assert_array_equal(one, other)


def test_what_is_no_image_is_refused(shipped, answer):
    with pytest.raises(tf.errors.InvalidArgumentError):
        answer(shipped(DIGITS), "serve_bytes", {"image_bytes": strings([b"no image"])})


def _classifier(first, shape=(6, 6, 3), dtype="float32"):
    image = keras.Input(shape, name="image", dtype=dtype)
    x = first(image) if first else keras.ops.cast(image, "float32")
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(2, name="scores")(x), name="mine")


@pytest.mark.parametrize(
    ("model", "has"),
    [
        (_classifier(keras.layers.Rescaling(1 / 255)), True),
        (_classifier(keras.layers.Rescaling(1 / 127.5, offset=-1)), True),
        (_classifier(None, dtype="uint8"), True),
        # What range its pixels have is a guess, or a picture has no such shape.
        (_classifier(keras.layers.Rescaling(1 / 16)), False),
        (_classifier(keras.layers.Conv2D(3, 1)), False),
        (_classifier(keras.layers.Rescaling(1 / 255), (None, None, 3)), False),
        (_classifier(keras.layers.Rescaling(1 / 255), (6, 6, 5)), False),
    ],
)
def test_a_users_model_takes_files_where_nothing_is_a_guess(
    tmp_path, answer, model, has
):
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    assert ("serve_bytes" in artifact.manifest["signatures"]) is has
    if has:
        picture = gradient(6, 6, "RGB")
        inputs = {"image_bytes": strings([encoded(picture, "PNG")])}
        found = answer(artifact, "serve_bytes", inputs)["scores"]
        pixels = np.asarray(picture)[None].astype(model.inputs[0].dtype)
        np.testing.assert_allclose(found, model(pixels), atol=1e-5)
