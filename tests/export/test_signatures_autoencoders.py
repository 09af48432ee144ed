"""`encode`, `decode`, `reconstruct` and `sample`."""

import numpy as np
import pytest

import zoo
from zoo.inference.autoencoders import decoder, encoder

BOTH = pytest.mark.parametrize("format", ["saved_model", "onnx"])


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


def test_a_seed_always_draws_the_same_code(shipped, answer):
    artifact = shipped("vae.digits")
    alone = answer(artifact, "sample", {"seed": np.array([7])})
    among = answer(artifact, "sample", {"seed": np.array([3, 7, 2**40, 7])})
    np.testing.assert_array_equal(among["code"][1], alone["code"][0])
    np.testing.assert_array_equal(among["code"][3], alone["code"][0])
    assert len(np.unique(among["code"], axis=0)) == 3


def test_only_a_variational_autoencoder_has_samples_and_only_in_tensorflow(shipped):
    assert "sample" not in shipped("autoencoder.digits").manifest["signatures"]
    signatures = shipped("vae.digits").manifest["signatures"]
    assert signatures["sample"]["formats"] == ["saved_model"]
    for name in ("encode", "decode", "reconstruct"):
        assert signatures[name]["formats"] == ["saved_model", "onnx"]
