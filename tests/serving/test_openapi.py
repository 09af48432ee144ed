"""The OpenAPI description: its examples work, and the answers are as it says."""

import json
import re

import jsonschema
import numpy as np
import pytest

import serving
from serving.models.samples import FILE, read_samples
from serving.protocol.openapi import samples, schemas
from serving.protocol.openapi.document import LoadedVersion, openapi_document
from serving.protocol.openapi.paths import CLASSIFY, REGRESS, model_paths
from serving.protocol.signature_def import SignatureDef, TensorInfo


@pytest.fixture(scope="module")
def fetch_document(http):
    return lambda server: http.get(f"{server.url}/openapi.json").json()


@pytest.fixture(scope="module")
def http():
    import requests

    with requests.Session() as session:
        session.trust_env = False
        yield session


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def bodies(operation):
    content = operation.get("requestBody", {}).get("content", {})
    examples = content.get("application/json", {}).get("examples", {})
    return {name: example["value"] for name, example in examples.items()}


def check(document, schema, value):
    """Raises unless a value satisfies a schema that refers to the document."""
    root = {"components": document["components"], "allOf": [schema]}
    jsonschema.Draft202012Validator(root).validate(value)


def test_every_example_works_and_its_answer_is_as_described(
    server, http, fetch_document
):
    document = fetch_document(server)
    tried = 0
    for path, method, operation in operations(document):
        examples = bodies(operation) or {"": None}
        for body in examples.values():
            answer = http.request(method, server.url + path, json=body)
            assert answer.status_code == 200, f"{path} {body}: {answer.text}"
            content = operation["responses"]["200"]["content"]
            kind = answer.headers["Content-Type"].partition(";")[0]
            check(document, content[kind]["schema"], answer.json())
            if body is not None:
                sent = operation["requestBody"]["content"]["application/json"]
                check(document, sent["schema"], body)
                tried += 1
    assert tried >= 3 * 4 * 2  # rows, columns and v2, of four models and versions


def test_errors_are_documented(server, http, fetch_document):
    document = fetch_document(server)
    for path, method, operation in operations(document):
        if not bodies(operation):
            continue
        for body, status in ((b"[]", 400), (b"{}", 400)):
            answer = http.request(method, server.url + path, data=body)
            assert answer.status_code == status
            reference = operation["responses"][str(status)]["$ref"]
            described = document["components"]["responses"][reference.split("/")[-1]]
            schema = described["content"]["application/json"]["schema"]
            check(document, schema, answer.json())


def test_paths_of_models_and_versions(server, fetch_document):
    paths = fetch_document(server)["paths"]
    for suffix in ("", "/versions/1"):
        for path, method in (
            ("/v1/models/image{}", "get"),
            ("/v1/models/image{}/metadata", "get"),
            ("/v1/models/image{}:predict", "post"),
            ("/v2/models/image{}", "get"),
            ("/v2/models/image{}/ready", "get"),
            ("/v2/models/image{}/infer", "post"),
        ):
            assert method in paths[path.format(suffix)]


def test_the_sample_of_an_artifact_is_the_example(copy_model, http, fetch_document):
    folder = copy_model("image")
    image = np.random.default_rng(0).random((1, 4, 4, 1), np.float32)
    path = folder / "1" / FILE
    path.parent.mkdir(exist_ok=True)
    np.savez(path, **{"serving_default/0/input/image": image})
    with serving.Server(folder, rest_api_port=0, engine="onnx") as server:
        document = fetch_document(server)
        (model,) = document["x-models"]
        (signature,) = model["signatures"]
        inputs = signature["sample"]["inputs"]
        assert np.array_equal(np.float32(inputs["image"]), image)
        predict = document["paths"]["/v1/models/image:predict"]["post"]
        examples = bodies(predict)
        assert examples["serving_default, columns"] == signature["sample"]
        assert examples["serving_default, rows"]["instances"] == inputs["image"]


def test_a_new_version_is_described(tmp_path, write_scale_model, wait_until, http):
    base = tmp_path / "models" / "a b<i>"
    base.mkdir(parents=True)
    write_scale_model(base / "1", 2)
    with serving.Server(
        base.parent, rest_api_port=0, engine="onnx", file_system_poll_wait_seconds=0.1
    ) as server:

        def paths():
            return http.get(f"{server.url}/openapi.json").json()["paths"]

        path = "/v1/models/a%20b%3Ci%3E/versions/{}:predict"
        assert path.format(1) in paths()
        write_scale_model(base / "2", 3)
        wait_until(lambda: path.format(2) in paths(), "version 2 is described")


@pytest.fixture
def write_npz(tmp_path):
    def write(**arrays):
        path = tmp_path / FILE
        path.parent.mkdir(exist_ok=True)
        np.savez(path, **arrays)
        return tmp_path

    return write


def test_samples_are_the_first_inputs_of_each_signature(write_npz):
    folder = write_npz(
        **{
            "a/0/input/x": np.float32([[1]]),
            "a/1/input/x": np.float32([[2], [3]]),
            "a/0/output/y": np.float32([[4]]),
            "b/0/input/text": np.array(["é"]),
            "b/0/input/bytes": np.frombuffer(b"ab\xffc", np.uint8),
            "b/0/input/bytes/lengths": np.array([[2, 1, 1]]),
        }
    )
    found = read_samples(folder)
    assert found["a"]["x"].tolist() == [[1]]
    assert found["b"]["text"].tolist() == ["é".encode()]
    assert found["b"]["bytes"].tolist() == [[b"ab", b"\xff", b"c"]]


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_without_a_readable_file_there_are_no_samples(tmp_path, content):
    if content is not None:
        (tmp_path / FILE).parent.mkdir()
        (tmp_path / FILE).write_bytes(content)
    assert read_samples(tmp_path) == {}


def test_samples_that_would_fill_the_memory_are_left_out(write_npz):
    big = np.zeros(2**21 + 1, np.float16)
    folder = write_npz(**{"a/0/input/x": big, "b/0/input/x": big[:4]})
    assert read_samples(folder).keys() == {"b"}


def signature(method=None, **inputs):
    infos = {name: TensorInfo(name, *of, f"{name}:0") for name, of in inputs.items()}
    names = {} if method is None else {"method_name": method}
    return SignatureDef("serving_default", infos, infos, **names)


def test_a_sample_that_does_not_fit_is_no_example():
    one = signature(x=("DT_FLOAT", (None, 2)))
    assert samples.fits({"x": np.float32([[1, 2]])}, one)
    assert not samples.fits({"x": np.float32([[1]])}, one)
    assert not samples.fits({"x": np.float32([[1, np.nan]])}, one)
    assert not samples.fits({"q": np.float32([[1, 2]])}, one)
    many = np.zeros((samples.MAX_ELEMENTS, 2), np.float32)
    assert not samples.fits({"x": many}, one)


@pytest.mark.parametrize(
    ("method", "name"), [(CLASSIFY, "classify"), (REGRESS, "regress")]
)
def test_examples_of_classify_and_regress(method, name):
    from serving.protocol.messages import message

    example = message("tensorflow.Example")()
    example.features.feature["x"].float_list.value.extend([0.1, 2])
    example.features.feature["n"].int64_list.value.append(3)
    example.features.feature["t"].bytes_list.value.append(b"hi")
    serialized = np.array([example.SerializeToString()], object)
    one = signature(method, inputs=("DT_STRING", (None,)))
    given = {"serving_default": {"inputs": serialized}}
    paths = model_paths("m", "/v1/models/m", "/v2/models/m", {one.name: one}, given)
    assert "/v1/models/m:predict" not in paths
    (body,) = bodies(paths[f"/v1/models/m:{name}"]["post"]).values()
    assert body["examples"] == [{"x": [0.1, 2.0], "n": 3, "t": {"b64": "aGk="}}]


@pytest.mark.parametrize(
    ("body", "is_valid"),
    [
        ({"instances": [[1.5, 2]]}, True),
        ({"instances": [{"x": [1, 2]}]}, True),
        ({"inputs": [[1, 2], [3, 4]]}, True),
        ({"inputs": {"x": [[1, 2]]}}, True),
        ({"instances": []}, False),
        ({"instances": [[1, 2, 3]]}, False),
        ({"instances": [[1, "2"]]}, False),
        ({"instances": [[1, 2], {"x": [1, 2]}]}, False),
        ({"signature_name": "q", "instances": [[1, 2]]}, False),
        ({"inputs": {"y": [[1, 2]]}}, False),
    ],
)
def test_the_schema_of_predict(body, is_valid):
    found = schemas.predict_requests(signature(x=("DT_FLOAT", (None, 2))))
    validator = jsonschema.Draft202012Validator(schemas.one_of(found))
    assert validator.is_valid(body) is is_valid


def test_scalars_have_no_rows():
    found = schemas.predict_requests(signature(x=("DT_FLOAT", ())))
    assert [list(each["properties"])[-1] for each in found] == ["inputs"]


def test_a_fixed_batch_fixes_the_number_of_rows():
    rows, _ = schemas.predict_requests(signature(x=("DT_INT8", (3,))))
    validator = jsonschema.Draft202012Validator(rows)
    assert validator.is_valid({"instances": [1, 2, 3]})
    assert not validator.is_valid({"instances": [1, 2]})
    assert not validator.is_valid({"instances": [1, 2, 300]})


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_page_loads_nothing_from_elsewhere(server, http, path):
    answer = http.get(server.url + path)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"https?://|\bsrc=|innerHTML|<link rel=\"style", answer.text)


def test_other_paths_and_methods(server, http):
    assert http.get(f"{server.url}/docs/x").status_code == 404
    answer = http.post(f"{server.url}/openapi.json", data=json.dumps({}))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("dtype", "shape"), [("DT_COMPLEX64", (None, 2)), ("DT_FLOAT", (10**7, 10**6))]
)
def test_one_model_without_a_sample_does_not_cost_the_document(dtype, shape):
    x = {"x": TensorInfo("x", dtype, shape, "x:0")}
    loaded = LoadedVersion(
        "m", 1, "onnx", {"predict": SignatureDef("predict", x, x)}, {}
    )
    document = json.loads(openapi_document([loaded], "1"))
    (signature,) = document["x-models"][0]["signatures"]
    assert "sample" not in signature
