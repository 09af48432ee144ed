"""Models with shipped weights behind the default engine: their samples are answered."""

import pytest
import requests

import export
import serving

# One of each kind of signatures: pictures, tables, texts, series, codes.
MODELS = (
    "lenet5.mnist",
    "mlp.iris",
    "char_gru.tiny_shakespeare",
    "forecaster.toy_series",
    "vae.digits",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    for name in MODELS:
        export.export_model(name, base)
    with serving.Server(base, rest_api_port=0, port=0) as running:
        yield running


@pytest.mark.slow
def test_every_sample_of_every_signature_is_answered(server):
    url, calls = server.url, 0
    with requests.Session() as http:
        http.trust_env = False
        for path, item in http.get(f"{url}/openapi.json").json()["paths"].items():
            body = item.get("post", {}).get("requestBody", {})
            examples = body.get("content", {}).get("application/json", {})
            for name, example in examples.get("examples", {}).items():
                reply = http.post(url + path, json=example["value"], timeout=60)
                assert reply.status_code == 200, (path, name, reply.text[:300])
                calls += 1
        for name in MODELS:
            found = http.get(f"{url}/v1/models/{name}/metadata").json()
            assert found["model_spec"]["name"] == name
    assert calls > 10 * len(MODELS)
