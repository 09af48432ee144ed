"""The REST clients against the server."""

import numpy as np
import pytest

import serving
from serving import Client, Retries, ServingError

from .clients import REST_CLIENTS

ONCE = Retries(attempts=1)


@pytest.fixture(params=REST_CLIENTS)
def client(request, server):
    with request.param(server.url) as client:
        yield client


def test_two_outputs(client, predict_image):
    images = np.random.default_rng(2).normal(size=(5, 4, 4, 1)).astype(np.float32)
    outputs = client.predict("image", {"image": images})
    expected = predict_image(images)
    assert sorted(outputs) == ["class_ids", "probabilities"]
    assert outputs["probabilities"].dtype == np.float32
    assert outputs["class_ids"].dtype == np.int64
    np.testing.assert_allclose(
        outputs["probabilities"], expected["probabilities"], atol=1e-6
    )
    np.testing.assert_array_equal(outputs["class_ids"], expected["class_ids"])


def test_only_output_gets_its_name(client):
    outputs = client.predict("pair", {"a": [[1, 2]], "b": [3]}, version=1)
    assert {name: x.tolist() for name, x in outputs.items()} == {"total": [6.0]}


def test_name_with_signs_that_urls_use(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "a:b c%41" / "1", 2)
    server = serving.Server(tmp_path, rest_api_port=0)
    with server, Client(server.url) as client:
        outputs = client.predict("a:b c%41", {"x": [3.0]})
    assert outputs["y"].tolist() == [6.0]


def test_a_proxy_does_not_come_between(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with Client(server.url) as client:
        client.status("image")


def test_strings_and_bytes(client):
    outputs = client.predict("text", {"text": ["héllo", b"w\0"]})
    assert outputs["echo"].tolist() == ["héllo", "w\0"]
    assert outputs["raw_bytes"].tolist() == ["héllo".encode(), b"w\0"]


def test_status_and_metadata(client):
    (row,) = client.status("image", version=1)["model_version_status"]
    assert row["state"] == "AVAILABLE"
    assert client.metadata("image")["model_spec"]["version"] == "1"


@pytest.mark.parametrize(
    ("name", "inputs", "text"),
    [
        ("image", {"image": [[1.0]]}, r"400: .*(rank|reshape).*metadata"),
        ("image", {"picture": [1.0]}, "400: Missing named input: image"),
        ("none", {"x": [1.0]}, r"404: Servable not found for request: Latest\(none\)"),
        ("pair", {"a": [[1], [2, 3]]}, "'a' is no array: .*inhomogeneous"),
        ("pair", {"a": [None]}, "'a' is no array: it holds NoneType; expected numb"),
        ("pair", {"a": [["1", "2"]]}, "'a' takes float32. Received: strings, 1, 2."),
        ("pair", {"a": [[1e300, 2]]}, r"'a' takes float32, .* not hold 1e\+300"),
        ("pair", {"b": [1.5]}, "'b' takes int32, which does not hold 1.5"),
    ],
)
def test_refused_request(client, name, inputs, text):
    with pytest.raises(ServingError, match=text) as caught:
        client.predict(name, inputs)
    assert "\n" not in str(caught.value)


def test_unknown_signature_and_version(client):
    with pytest.raises(ServingError, match='pair has no signature "other"; it has ser'):
        client.predict("pair", {"a": [[1, 2]], "b": [1]}, signature_name="other")
    with pytest.raises(ServingError, match="404: Could not find version 9 of model"):
        client.status("pair", version=9)


def test_nobody_listens():
    expected = pytest.raises(ServingError, match=r"No server answers at .*zoo serve")
    with Client("http://127.0.0.1:1", retries=ONCE) as client, expected as caught:
        client.status("m")
    assert caught.value.code.name == "UNAVAILABLE"


@pytest.mark.parametrize("address", ["localhost:8501", "127.0.0.1", "ftp://a/", ""])
def test_address_that_is_none(address):
    with pytest.raises(ServingError, match="is no address. Expected scheme, host"):
        Client(address)


def test_public_names():
    assert {"Client", "Server", "ServingError", "serve"} <= set(serving.__all__)
    for name in serving.__all__:
        assert getattr(serving, name).__doc__
