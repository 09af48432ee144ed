"""Triton's HTTP client over real sockets: binary and JSON, all datatypes, async."""

import asyncio

import numpy as np
import pytest

import serving
from tests.serving.open_inference_models import ONNX_TYPES, values, write_identity

pytest.importorskip("geventhttpclient", reason="needs tritonclient[http]")
import tritonclient.http
import tritonclient.http.aio
from tritonclient.utils import InferenceServerException


@pytest.fixture(scope="module")
def identities(tmp_path_factory):
    base = tmp_path_factory.mktemp("identities")
    for name in ONNX_TYPES:
        write_identity(base / name / "1", name)
    with serving.Server(base, rest_api_port=0, engine="onnx") as running:
        yield running


def triton(server):
    return tritonclient.http.InferenceServerClient(server.url.removeprefix("http://"))


def given(name, array, datatype, binary=True):
    tensor = tritonclient.http.InferInput(name, array.shape, datatype)
    return tensor.set_data_from_numpy(array, binary_data=binary)


def text_bytes(array):
    """Strings as Triton's client returns them: as bytes."""
    if array.dtype != object:
        return array.tolist()
    return [x.encode() if isinstance(x, str) else x for x in array.flat]


@pytest.mark.parametrize("name", ONNX_TYPES)
@pytest.mark.parametrize("binary", [False, True])
def test_triton_client_sends_and_gets_every_datatype(identities, name, binary):
    array = values(name)
    with triton(identities) as client:
        output = tritonclient.http.InferRequestedOutput("y", binary_data=binary)
        inputs = [given("x", array, name, binary)]
        result = client.infer(name, inputs, outputs=[output], request_id="42")
    answer = result.as_numpy("y")
    assert result.get_response()["id"] == "42"
    assert answer.shape == (2, 2)
    assert text_bytes(answer) == text_bytes(array)


def test_triton_client_gets_all_outputs_binary_by_default(server, predict_image):
    image = np.random.default_rng(0).random((3, 4, 4, 1), np.float32)
    with triton(server) as client:
        result = client.infer("image", [given("image", image, "FP32")])
    for key, expected in predict_image(image).items():
        np.testing.assert_allclose(result.as_numpy(key), expected, rtol=1e-5)
        assert "binary_data_size" in result.get_output(key)["parameters"]


def test_triton_client_asks_for_versions_and_classes(server, predict_image):
    image = np.ones((2, 4, 4, 1), np.float32)
    output = tritonclient.http.InferRequestedOutput("probabilities", class_count=1)
    with triton(server) as client:
        result = client.infer(
            "image", [given("image", image, "FP32")], "1", outputs=[output]
        )
        scores = predict_image(image)["probabilities"]
        classes = [x.decode().split(":") for x in result.as_numpy("probabilities").flat]
        assert [int(index) for _, index in classes] == scores.argmax(-1).tolist()
        assert [float(v) for v, _ in classes] == pytest.approx(scores.max(-1), abs=1e-5)
        with pytest.raises(InferenceServerException) as caught:
            client.infer("image", [given("image", image, "FP32")], "7")
    assert caught.value.status() == "404"
    assert (
        caught.value.message() == "Servable not found for request: Specific(image, 7)"
    )


def test_triton_client_sends_bytes(server):
    texts = np.array([b"\xff\x00", b"", "é".encode()], object)
    if server.engine == "onnx":
        texts[0] = b"\x00"
    with triton(server) as client:
        result = client.infer("text", [given("text", texts, "BYTES")])
    assert result.as_numpy("echo").tolist() == texts.tolist()


def test_triton_client_compresses(server, predict_image):
    image = np.ones((1, 4, 4, 1), np.float32)
    with triton(server) as client:
        result = client.infer(
            "image",
            [given("image", image, "FP32")],
            request_compression_algorithm="gzip",
            response_compression_algorithm="gzip",
        )
    expected = predict_image(image)["class_ids"].tolist()
    assert result.as_numpy("class_ids").tolist() == expected


def test_triton_client_asynchronous(server, predict_image):
    images = np.random.default_rng(1).random((16, 1, 4, 4, 1), np.float32)

    async def infer_all():
        url = server.url.removeprefix("http://")
        async with tritonclient.http.aio.InferenceServerClient(url) as client:
            assert await client.is_server_live()
            calls = [client.infer("image", [given("image", x, "FP32")]) for x in images]
            return await asyncio.gather(*calls)

    found = [each.as_numpy("class_ids")[0] for each in asyncio.run(infer_all())]
    assert found == predict_image(images)["class_ids"].tolist()


def test_triton_client_asks_for_state_and_metadata(server):
    with triton(server) as client:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("image")
        assert client.is_model_ready("image", "1")
        assert not client.is_model_ready("nothing")
        assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
        metadata = client.get_model_metadata("image", "1")
        index = client.get_model_repository_index()
    assert metadata["versions"] == ["1"]
    assert metadata["inputs"] == [
        {"name": "image", "datatype": "FP32", "shape": [-1, 4, 4, 1]}
    ]
    assert {row["name"]: row["state"] for row in index} == dict.fromkeys(
        ("counter", "image", "pair", "text"), "READY"
    )
