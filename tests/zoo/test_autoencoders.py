"""Sizes of convolutional autoencoders, and the two parts of every autoencoder."""

import keras
import numpy as np
import pytest

import export
import zoo
from tests.zoo.rows import ROWS
from zoo import tasks
from zoo.errors import ArgumentError
from zoo.inference.autoencoders import decoder, encoder

AUTOENCODERS = [
    row for row in ROWS if zoo.model_spec(row.name).family.startswith("autoencoder")
]
rows = pytest.mark.parametrize("row", AUTOENCODERS, ids=lambda row: row.name)


def build(row):
    keras.utils.set_random_seed(0)
    return zoo.create_model(row.name, **row.arguments)


def pictures(shape, size=3):
    return np.random.default_rng(1).random((size, *shape), "float32")


@pytest.mark.parametrize(
    "shape", [(64, 64, 1), (128, 128, 3), (9, 7, 2), (13, 30, 1), (1, 2, 1)]
)
def test_images_of_any_size_come_back_in_their_shape(shape):
    model = zoo.create_model(
        "conv_autoencoder", input_shape=shape, maximum=1.0, filters=(4, 4, 8, 8)
    )
    assert model.get_layer("code").output.shape == (None, 16)
    rebuilt = np.asarray(model(pictures(shape)))
    assert rebuilt.shape == (3, *shape)
    assert ((rebuilt > 0) & (rebuilt < 1)).all()


@pytest.mark.parametrize("wrong", [{"input_shape": (64,)}, {"filters": ()}])
def test_what_is_no_image_is_refused(wrong):
    with pytest.raises(ArgumentError, match=r"must be \(height, width, channels\)"):
        zoo.create_model("conv_autoencoder", **wrong)


def test_every_family_is_here():
    assert {"autoencoder", "conv_autoencoder", "vae"} <= {r.name for r in AUTOENCODERS}


@rows
def test_parts_make_the_whole(row):
    model = build(row)
    x = pictures(model.input_shape[1:])
    outputs = tasks.get(zoo.model_spec(row.name).task).outputs(model)
    whole = keras.Model(model.input, outputs)(x)
    codes = encoder(model)(x)
    assert codes.keys() == whole.keys() - {"reconstruction"}
    rebuilt = decoder(model)(codes["code"])
    for name, value in {**codes, **rebuilt}.items():
        np.testing.assert_allclose(value, whole[name], atol=1e-6, err_msg=name)


@rows
def test_parts_share_the_weights_of_the_whole(row):
    model = build(row)
    halves = [
        *encoder(model).trainable_weights,
        *decoder(model).trainable_weights,
    ]
    assert {*map(id, halves)} == {*map(id, model.trainable_weights)}


@rows
@pytest.mark.parametrize("part", [encoder, decoder])
def test_parts_export_with_parity(row, part, tmp_path):
    half = part(build(row))
    artifact = export.export_model(half, tmp_path)
    formats = artifact.manifest["parity"]["max_difference"]
    assert len(formats) == 2  # SavedModel and ONNX
    for differences in formats.values():
        assert differences.keys() == half.output.keys()
        assert max(differences.values()) < 1e-5


def test_a_model_without_a_code_has_no_parts():
    model = zoo.create_model("mlp")
    for part in (encoder, decoder):
        with pytest.raises(ArgumentError, match="no layer called 'code'"):
            part(model)
