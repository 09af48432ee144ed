"""The URLs of the REST API."""

import dataclasses
import re
from typing import Literal
from urllib.parse import unquote

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.model_spec import ModelSpec

_MODEL = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+))?"
_POST = re.compile(_MODEL + ":predict", re.IGNORECASE)
_GET = re.compile(_MODEL + "(?P<metadata>/metadata)?", re.IGNORECASE)
_MAX_VERSION = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Route:
    """Target of a request."""

    method: Literal["predict", "status", "metadata"]
    spec: ModelSpec


def parse_route(http_method: str, raw_path: str) -> Route:
    """Reads the method and the still percent-encoded path of a request.

    Raises:
        StatusError: NOT_FOUND outside `/v1/`, INVALID_ARGUMENT inside it, also
            for a wrong verb, as TensorFlow Serving answers.

    Example:

    >>> parse_route("POST", "/v1/models/lenet5/versions/2:predict")
    Route(method='predict', spec=ModelSpec(name='lenet5', version=2, label=None))
    """
    if not raw_path.lower().startswith("/v1/"):
        raise StatusError(
            Code.NOT_FOUND,
            f"Not found: {http_method} {raw_path}. Models live under /v1/models/NAME",
        )
    if http_method == "GET" and raw_path.lower() == "/v1/models":
        raise invalid_argument("Missing model name in request.")
    pattern = {"GET": _GET, "POST": _POST}.get(http_method)
    match = pattern.fullmatch(raw_path) if pattern else None
    if match is None:
        raise invalid_argument(f"Malformed request: {http_method} {raw_path}")
    if http_method == "POST":
        method = "predict"
    else:
        method = "metadata" if match["metadata"] else "status"
    spec = ModelSpec(unquote(match["name"]), _version(match["version"]))
    return Route(method, spec)


def _version(digits: str | None) -> int | None:
    if digits is None:
        return None
    # The length is checked first: Python refuses to convert very long digits.
    if len(digits) > 4000 or int(digits) > _MAX_VERSION:
        raise invalid_argument(f"Failed to convert version: {digits} to numeric.")
    return int(digits)
