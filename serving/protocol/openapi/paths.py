"""The operations on one version of a model."""

from collections.abc import Mapping
from typing import Any

from serving.protocol.openapi import samples, schemas
from serving.protocol.openapi.responses import answers, json_content
from serving.protocol.openapi.samples import Sample
from serving.protocol.openapi.schemas import Schema
from serving.protocol.signature_def import SignatureDef

CLASSIFY = "tensorflow/serving/classify"
REGRESS = "tensorflow/serving/regress"
_OF_METHOD = {CLASSIFY: "classify", REGRESS: "regress"}


def model_paths(
    tag: str,
    v1: str,
    v2: str,
    signatures: Mapping[str, SignatureDef],
    given: Mapping[str, Sample],
) -> dict[str, Any]:
    """Returns the paths of a model or of a version of it.

    Args:
        tag: What the operations are listed under.
        v1: The path of TensorFlow Serving's API.
        v2: The path of Open Inference Protocol v2.
        signatures: By name.
        given: Samples by signature.
    """
    predict = [s for s in signatures.values() if s.method_name not in _OF_METHOD]
    paths: dict[str, Any] = {
        v1: {"get": _get(tag, "Status", "ModelStatus")},
        f"{v1}/metadata": {"get": _get(tag, "Metadata", "ModelMetadata")},
        v2: {
            "get": _get(tag, "Metadata (v2)", "InferMetadata", [_signature(signatures)])
        },
        f"{v2}/ready": {"get": _get(tag, "Readiness (v2)", "ModelReady")},
    }
    if predict:
        paths[f"{v1}:predict"] = {"post": _predict(tag, predict, given)}
        paths[f"{v2}/infer"] = {"post": _infer(tag, predict, given)}
    for method, name in _OF_METHOD.items():
        known = [s for s in signatures.values() if s.method_name == method]
        if known:
            paths[f"{v1}:{name}"] = {"post": _examples(tag, name, known, given)}
    return paths


def _signature(signatures: Mapping[str, SignatureDef]) -> dict[str, Any]:
    return {
        "name": "signature_name",
        "in": "query",
        "description": "Whose inputs and outputs are described.",
        "schema": {"enum": sorted(signatures)},
    }


def _get(
    tag: str, summary: str, schema: str, parameters: list[dict] | None = None
) -> dict[str, Any]:
    operation = {
        "tags": [tag],
        "summary": summary,
        "responses": answers(json_content(schemas.ref("schemas", schema))),
    }
    return operation | ({"parameters": parameters} if parameters else {})


def _post(
    tag: str,
    summary: str,
    request: list[Schema],
    examples: Mapping[str, Any],
    content: dict[str, Any],
) -> dict[str, Any]:
    body = {"schema": schemas.one_of(request)}
    if examples:
        body["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {
        "tags": [tag],
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": answers(content),
    }


def _predict(
    tag: str, signatures: list[SignatureDef], given: Mapping[str, Sample]
) -> dict[str, Any]:
    examples = {}
    for signature in signatures:
        sample = given.get(signature.name)
        if sample is None:
            continue
        rows = samples.row_body(sample, signature)
        if rows is not None:
            examples[f"{signature.name}, rows"] = rows
        columns = samples.column_body(sample, signature)
        examples[f"{signature.name}, columns"] = columns
    request = [s for each in signatures for s in schemas.predict_requests(each)]
    answer = [s for each in signatures for s in schemas.predict_answers(each)]
    content = json_content(schemas.one_of(answer))
    return _post(tag, "Predict", request, examples, content)


def _infer(
    tag: str, signatures: list[SignatureDef], given: Mapping[str, Sample]
) -> dict[str, Any]:
    examples = {}
    for signature in signatures:
        if signature.name in given:
            body = samples.infer_body(given[signature.name], signature)
            if body is not None:
                examples[signature.name] = body
    answer = schemas.one_of([schemas.infer_answer(each) for each in signatures])
    binary: dict[str, Any] = {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
        }
    }
    request = [schemas.infer_request(each) for each in signatures]
    operation = _post(
        tag, "Infer (v2)", request, examples, json_content(answer) | binary
    )
    operation["description"] = (
        "Tensors may stand as binary data behind the JSON, with the parameter "
        "binary_data_size and the header Inference-Header-Content-Length; the "
        "parameters binary_data and binary_data_output ask for such an answer."
    )
    return operation


def _examples(
    tag: str,
    name: str,
    signatures: list[SignatureDef],
    given: Mapping[str, Sample],
) -> dict[str, Any]:
    examples = {
        signature.name: samples.examples_body(given[signature.name], signature)
        for signature in signatures
        if signature.name in given
    }
    request = [schemas.examples_request(each) for each in signatures]
    results = schemas.closed({"results": {"type": "array"}})
    return _post(tag, name.title(), request, examples, json_content(results))
