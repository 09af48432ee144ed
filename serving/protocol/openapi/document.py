"""The whole document."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from serving.errors import StatusError
from serving.protocol.open_inference.documents import tensor_document
from serving.protocol.openapi import samples
from serving.protocol.openapi.paths import CLASSIFY, REGRESS, model_paths
from serving.protocol.openapi.responses import (
    SCHEMAS,
    answers,
    error_components,
    json_content,
)
from serving.protocol.openapi.samples import Sample
from serving.protocol.openapi.schemas import closed, ref
from serving.protocol.signature_def import SignatureDef

_DESCRIPTION = (
    "TensorFlow Serving's REST API (/v1) and Open Inference Protocol v2 (/v2) for the "
    "models that are loaded. /docs tries them out."
)


@dataclasses.dataclass(frozen=True)
class LoadedVersion:
    """A version that answers.

    Args:
        name: The model.
        version: Its number.
        engine: What runs it.
        signatures: By name.
        given: Samples by signature, which come with the artifact.
    """

    name: str
    version: int
    engine: str
    signatures: Mapping[str, SignatureDef]
    given: Mapping[str, Sample]


def openapi_document(versions: Iterable[LoadedVersion], package_version: str) -> bytes:
    """Writes the OpenAPI description of all versions that answer.

    The field `x-models` lists them for the page that tries them out: signatures,
    tensors, and a sample of each.

    Args:
        versions: Of each model in order; paths without a version are the last one's.
        package_version: The version of the server.
    """
    paths = dict(_server_paths())
    models = []
    for loaded in versions:
        given = {
            name: sample
            for name, signature in loaded.signatures.items()
            if (sample := _sample(signature, loaded.given.get(name))) is not None
        }
        quoted = quote(loaded.name, safe="")
        for suffix in ("", f"/versions/{loaded.version}"):
            paths |= model_paths(
                loaded.name,
                f"/v1/models/{quoted}{suffix}",
                f"/v2/models/{quoted}{suffix}",
                loaded.signatures,
                given,
            )
        models.append(_model(loaded, given))
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Model server",
            "version": package_version,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "responses": error_components()},
        "x-models": models,
    }
    return orjson.dumps(document)


def _server_paths() -> Iterable[tuple[str, Any]]:
    for path, summary, schema in (
        ("/healthz", "Liveness", "Healthy"),
        ("/readyz", "Readiness: every model answers an inference", "Healthy"),
        ("/v2", "Server metadata", "ServerMetadata"),
        ("/v2/health/live", "Liveness", "Live"),
        ("/v2/health/ready", "Readiness", "Ready"),
    ):
        responses = answers(json_content(ref("schemas", schema)))
        yield (
            path,
            {"get": {"tags": ["server"], "summary": summary, "responses": responses}},
        )
    ready = closed({"ready": {"type": "boolean"}}, ["ready"])
    yield (
        "/v2/repository/index",
        {
            "post": {
                "tags": ["server"],
                "summary": "All versions of all models",
                "requestBody": {"content": json_content(ready)},
                "responses": answers(json_content(ref("schemas", "Index"))),
            }
        },
    )


def _sample(signature: SignatureDef, sample: Sample | None) -> Sample | None:
    if sample is not None and samples.fits(sample, signature):
        return sample
    if signature.method_name in (CLASSIFY, REGRESS):
        return None  # An Example without features is none.
    try:
        smallest = samples.smallest_inputs(signature)
    except StatusError:
        return None
    return smallest if samples.fits(smallest, signature) else None


def _model(loaded: LoadedVersion, given: Mapping[str, Sample]) -> dict[str, Any]:
    return {
        "name": loaded.name,
        "version": str(loaded.version),
        "engine": loaded.engine,
        "signatures": [
            _signature(signature, given.get(name))
            for name, signature in loaded.signatures.items()
        ],
    }


def _signature(signature: SignatureDef, sample: Sample | None) -> dict[str, Any]:
    method = signature.method_name.rsplit("/", 1)[-1]
    found: dict[str, Any] = {
        "name": signature.name,
        "method": method if method in ("classify", "regress") else "predict",
        "inputs": list(map(tensor_document, signature.inputs.values())),
        "outputs": list(map(tensor_document, signature.outputs.values())),
    }
    if sample is not None:
        found["sample"] = (
            samples.column_body(sample, signature)
            if found["method"] == "predict"
            else samples.examples_body(sample, signature)
        )
    return found
