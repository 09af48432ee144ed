"""The answers that an operation documents."""

from typing import Any

from serving.protocol.openapi.schemas import NAMES, closed, ref

_ERRORS = {
    400: "The request is wrong; the error names what, and what was expected.",
    404: "There is no such model or version.",
    405: "The path answers another method.",
    408: "The request took too long to arrive.",
    411: "The length of the body is missing.",
    413: "The body is too large.",
    429: "There are too many requests.",
    431: "The headers are too large.",
    500: "The model or the server fails; the server's log says more.",
    501: "The type of a tensor is not supported.",
    503: "The server has too much to do, or no model to do it with.",
    504: "The answer took too long.",
}
_TEXT = {"type": "string"}
_TENSOR = closed(
    {
        "name": _TEXT,
        "datatype": _TEXT,
        "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}},
    }
)
_VERSION = closed(
    {
        "version": {"type": "string", "pattern": "^[0-9]+$"},
        "state": {"enum": ["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]},
        "status": closed({"error_code": _TEXT, "error_message": _TEXT}),
    }
)
SCHEMAS: dict[str, Any] = {
    "Error": closed({"error": _TEXT}),
    "ModelStatus": closed(
        {"model_version_status": {"type": "array", "items": _VERSION}}
    ),
    "ModelMetadata": closed(
        {"model_spec": {"type": "object"}, "metadata": {"type": "object"}}
    ),
    "ServerMetadata": closed({"name": _TEXT, "version": _TEXT, "extensions": NAMES}),
    "InferMetadata": closed(
        {
            "name": _TEXT,
            "versions": NAMES,
            "platform": _TEXT,
            "inputs": {"type": "array", "items": _TENSOR},
            "outputs": {"type": "array", "items": _TENSOR},
            "parameters": closed({"signature_name": _TEXT, "signature_names": NAMES}),
        }
    ),
    "ModelReady": closed({"name": _TEXT, "ready": {"const": True}}),
    "Live": closed({"live": {"const": True}}),
    "Ready": closed({"ready": {"const": True}}),
    "Healthy": closed({"status": {"const": "ok"}}),
    "Index": {
        "type": "array",
        "items": closed(
            {"name": _TEXT, "version": _TEXT, "state": _TEXT, "reason": _TEXT}
        ),
    },
}


def json_content(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the content of an answer in JSON."""
    return {"application/json": {"schema": schema}}


def answers(content: dict[str, Any]) -> dict[str, Any]:
    """Returns the answer of a success, and all errors."""
    errors = {str(status): ref("responses", f"Error{status}") for status in _ERRORS}
    return {"200": {"description": "OK", "content": content}} | errors


def error_components() -> dict[str, Any]:
    """Returns the errors that `answers` refers to."""
    content = json_content(ref("schemas", "Error"))
    return {
        f"Error{status}": {"description": text, "content": content}
        for status, text in _ERRORS.items()
    }
