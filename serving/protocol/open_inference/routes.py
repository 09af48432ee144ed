"""The URLs of Open Inference Protocol v2."""

import dataclasses
import functools
import re
from typing import Literal
from urllib.parse import unquote

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.model_spec import ModelSpec

PREFIX = "/v2"

Method = Literal["server", "live", "ready", "index", "infer", "model", "model_ready"]
_MODEL = re.compile(
    r"/v2/models/(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?(?:/(?P<method>infer|ready))?"
)
_OF_SERVER: dict[str, Method] = {
    "/v2": "server",
    "/v2/": "server",
    "/v2/health/live": "live",
    "/v2/health/ready": "ready",
    "/v2/repository/index": "index",
}
_OF_MODEL: dict[str | None, Method] = {
    None: "model",
    "ready": "model_ready",
    "infer": "infer",
}
_ENDS: dict[Method, str] = {"model": "", "model_ready": "/ready", "infer": "/infer"}
_PATHS = {method: path.rstrip("/") for path, method in _OF_SERVER.items()}
_POST = ("infer", "index")
_MAX_VERSION = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Route:
    """Target of a request; `spec` is None for what is not about one model."""

    method: Method
    spec: ModelSpec | None = None

    @property
    def verb(self) -> str:
        """The one HTTP method that it answers."""
        return "POST" if self.method in _POST else "GET"

    @functools.cached_property
    def template(self) -> str:
        """The pattern of the path; a label stands where versions do.

        Example:

        >>> parse_route("/v2/models/lenet5/versions/2/infer").template
        '/v2/models/{model}/versions/{version}/infer'
        """
        if self.spec is None:
            return _PATHS[self.method]
        version = "/versions/{version}" if self.spec.template else ""
        return f"/v2/models/{{model}}{version}{_ENDS[self.method]}"


@functools.lru_cache(1024)
def parse_route(raw_path: str) -> Route:
    """Reads the still percent-encoded path of a request.

    A version that is not a number is a version label.

    Raises:
        StatusError: NOT_FOUND where the protocol has nothing.

    Example:

    >>> parse_route("/v2/models/lenet5/versions/2/infer")
    Route(method='infer', spec=ModelSpec(name='lenet5', version=2, label=None))
    >>> parse_route("/v2/health/live").verb
    'GET'
    """
    match = _MODEL.fullmatch(raw_path)
    if match is not None:
        name, version, method = match.groups()
        return Route(_OF_MODEL[method], model_spec(unquote(name), version))
    method = _OF_SERVER.get(raw_path)
    if method is None:
        raise StatusError(
            Code.NOT_FOUND,
            f"Not found: {raw_path}. Models live under /v2/models/NAME",
        )
    return Route(method)


def model_spec(name: str, version: str | None) -> ModelSpec:
    """Reads a version as the protocol has it: a number, a label, or none of both.

    Raises:
        StatusError: INVALID_ARGUMENT for a number beyond 64 bits.
    """
    if not version:
        return ModelSpec(name)
    if not (version.isascii() and version.isdigit()):
        return ModelSpec(name, label=unquote(version))
    # The length is checked first: Python refuses to convert very long digits.
    if len(version) > 100 or int(version) > _MAX_VERSION:
        raise invalid_argument(f"Version {version[:100]} is not a number of 64 bits.")
    return ModelSpec(name, int(version))
