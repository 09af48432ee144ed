"""`encode`, `decode`, `reconstruct`, `generate` and `sample`."""

import keras
import numpy as np
import pytest

import export
import zoo
from zoo.inference.autoencoders import decoder, encoder
from zoo.inference.generators import generator, sample
from zoo.inference.squares import standard_normal

FORMATS = ("saved_model", "onnx")
BOTH = pytest.mark.parametrize("format", FORMATS)


@pytest.fixture(scope="module")
def digits():
    return zoo.load_dataset("digits").test.x[:5].astype("float32")


@BOTH
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("autoencoder.digits", marks=pytest.mark.slow),
        pytest.param("conv_autoencoder.digits", marks=pytest.mark.slow),
        pytest.param("sparse_autoencoder.digits", marks=pytest.mark.slow),
        "vae.digits",
    ],
)
def test_encode_decode_and_reconstruct(shipped, answer, digits, name, format):
    model, artifact = zoo.create_model(name, pretrained=True), shipped(name)
    encoded = answer(artifact, "encode", {"image": digits}, format)
    expected = encoder(model)(digits)
    assert encoded.keys() == expected.keys()
    for output, values in expected.items():
        np.testing.assert_allclose(encoded[output], values, atol=1e-4)
    codes = {"code": encoded["code"]}
    decoded = answer(artifact, "decode", codes, format)["reconstruction"]
    expected = decoder(model)(encoded["code"])["reconstruction"]
    np.testing.assert_allclose(decoded, expected, atol=1e-5)
    found = answer(artifact, "reconstruct", {"image": digits}, format)
    assert found.keys() == {"reconstruction"}
    # At inference a variational autoencoder decodes the mean of the posterior.
    np.testing.assert_allclose(found["reconstruction"], decoded, atol=1e-4)


def test_samples_are_decoded_codes_of_the_prior(shipped, answer):
    artifact = shipped("vae.digits")
    model = zoo.create_model("vae.digits", pretrained=True)
    found = answer(artifact, "sample", {"seed": np.arange(2000)})
    expected = decoder(model)(found["code"])["reconstruction"]
    np.testing.assert_allclose(found["sample"], expected, atol=1e-5)
    assert found["code"].shape == (2000, 8)
    np.testing.assert_allclose(found["code"].mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(np.cov(found["code"].T), np.eye(8), atol=0.15)


def test_a_seed_draws_the_same_in_every_format_and_in_python(shipped, answer):
    artifact = shipped("vae.digits")
    seeds = np.array([3, 7, 2**40, 7, 0, 2**63 - 1, -5])
    found = [answer(artifact, "sample", {"seed": seeds}, f) for f in FORMATS]
    for each in found:
        np.testing.assert_allclose(each["code"], standard_normal(seeds, 8), atol=1e-5)
        np.testing.assert_allclose(each["sample"][3], each["sample"][1], atol=1e-6)
    assert len(np.unique(found[0]["code"].round(4), axis=0)) == 6
    drawn = sample("vae.digits", 1, seed=7)
    np.testing.assert_allclose(found[1]["sample"][1], drawn[0], atol=1e-5)


def test_only_generative_models_have_samples_and_in_both_formats(shipped):
    assert "sample" not in shipped("autoencoder.digits").manifest["signatures"]
    signatures = shipped("vae.digits").manifest["signatures"]
    for name in ("encode", "decode", "reconstruct", "sample"):
        assert signatures[name]["formats"] == list(FORMATS)


@pytest.mark.slow
def test_the_generator_of_a_conditional_game(tmp_path, answer):
    keras.utils.set_random_seed(0)
    model = zoo.create_model("conditional_gan", filters=(4,), num_classes=3, latents=4)
    artifact = export.export_model(model, tmp_path)
    codes = standard_normal(np.arange(5), 4)
    class_ids = np.array([2, 0, 1, 2, 0], "int32")
    given = {"code": codes, "class_id": class_ids}
    expected = generator(model).predict(given, verbose=0)["sample"]
    for format in FORMATS:
        made = answer(artifact, "generate", given, format)["sample"]
        np.testing.assert_allclose(made, expected, atol=1e-5)
        seeds = {"seed": np.arange(5), "class_id": class_ids}
        drawn = answer(artifact, "sample", seeds, format)
        np.testing.assert_allclose(drawn["sample"], expected, atol=1e-5)
