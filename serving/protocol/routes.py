"""The URLs of the REST API."""

import dataclasses
import functools
import re
from typing import Literal, cast
from urllib.parse import unquote

from serving.errors import invalid_argument
from serving.protocol.model_spec import ModelSpec

_MODEL = (
    r"/v1/models/(?P<name>[^/:]+)"
    r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
)
_POST = re.compile(_MODEL + ":(?P<method>classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(_MODEL + "(?P<metadata>/metadata)?", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"/v1/models(?:/versions/[0-9]+|/labels/[^/:]+)?(?:/metadata)?", re.IGNORECASE
)
_MAX_VERSION = 2**63 - 1

Method = Literal["predict", "classify", "regress", "status", "metadata"]
_ENDS: dict[Method, str] = {
    "predict": ":predict",
    "classify": ":classify",
    "regress": ":regress",
    "status": "",
    "metadata": "/metadata",
}


@dataclasses.dataclass(frozen=True)
class Route:
    """Target of a request."""

    method: Method
    spec: ModelSpec

    @functools.cached_property
    def template(self) -> str:
        """The pattern of the path.

        Example:

        >>> parse_route("GET", "/v1/models/lenet5/labels/stable/metadata").template
        '/v1/models/{model}/labels/{label}/metadata'
        """
        return f"/v1/models/{{model}}{self.spec.template}{_ENDS[self.method]}"


@functools.lru_cache(1024)
def parse_route(http_method: str, raw_path: str) -> Route:
    """Reads the method and the still percent-encoded path of a request.

    Raises:
        StatusError: INVALID_ARGUMENT for anything else, also for a wrong verb, as
            TensorFlow Serving answers.

    Example:

    >>> parse_route("POST", "/v1/models/lenet5/versions/2:predict")
    Route(method='predict', spec=ModelSpec(name='lenet5', version=2, label=None))
    """
    pattern = {"GET": _GET, "POST": _POST}.get(http_method)
    match = pattern.fullmatch(raw_path) if pattern else None
    if match is None:
        if http_method == "GET" and _NO_MODEL.fullmatch(raw_path):
            raise invalid_argument("Missing model name in request.")
        raise invalid_argument(f"Malformed request: {http_method} {raw_path}")
    label = match["label"]
    spec = ModelSpec(
        unquote(match["name"]),
        _version(match["version"]),
        None if label is None else unquote(label),
    )
    if http_method == "POST":
        return Route(cast(Method, match["method"].lower()), spec)
    return Route("metadata" if match["metadata"] else "status", spec)


def _version(digits: str | None) -> int | None:
    if digits is None:
        return None
    # The length is checked first: Python refuses to convert very long digits.
    if len(digits) > 4000 or int(digits) > _MAX_VERSION:
        raise invalid_argument(f"Failed to convert version: {digits} to numeric.")
    return int(digits)
