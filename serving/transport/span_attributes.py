"""Names and attributes of spans, by OpenTelemetry's semantic conventions.

References: https://opentelemetry.io/docs/specs/semconv/http/http-spans and
https://opentelemetry.io/docs/specs/semconv/rpc/grpc
"""

from collections.abc import Mapping
from urllib.parse import unquote

from serving.errors import Code
from serving.transport.call import Call

Attributes = dict[str, str | int]

OTHER = "_OTHER"  # a method that there is not: clients make up any number of names

_METHODS = frozenset(
    ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
)
# The codes that are the server's fault; the others are its client's.
_SERVER_ERRORS = frozenset(
    (
        Code.UNKNOWN,
        Code.DEADLINE_EXCEEDED,
        Code.UNIMPLEMENTED,
        Code.INTERNAL,
        Code.UNAVAILABLE,
        Code.DATA_LOSS,
    )
)


def http_span_name(method: str, route: str) -> str:
    """Returns the name of the span of a request.

    Example:

    >>> http_span_name("POST", "/v1/models/{model}:predict")
    'POST /v1/models/{model}:predict'
    """
    name = method if method in _METHODS else "HTTP"
    return f"{name} {route}" if route else name


def http_request_attributes(
    method: str,
    path: str,
    query: str,
    route: str,
    headers: Mapping[str, str],
    client: str,
) -> Attributes:
    """Returns what is known of a request before it is answered."""
    known = method in _METHODS
    attributes: Attributes = {
        "http.request.method": method if known else OTHER,
        "url.path": path,
        "url.scheme": "http",
    }
    if not known:
        attributes["http.request.method_original"] = method
    if query:
        attributes["url.query"] = query
    if route:
        attributes["http.route"] = route
    if "user-agent" in headers:
        attributes["user_agent.original"] = headers["user-agent"]
    host, port = split_address(client)
    attributes["client.address"] = host
    return (
        attributes
        | _address("server", *split_address(headers.get("host", "")))
        | _address("network.peer", host, port)
    )


def http_response_attributes(status: int) -> tuple[Attributes, bool]:
    """Returns what the answer says, and whether it is an error of the server."""
    attributes: Attributes = {"http.response.status_code": status}
    is_error = status >= 500
    if is_error:
        attributes["error.type"] = str(status)
    return attributes, is_error


def grpc_request_attributes(method: str, peer: str) -> Attributes:
    """Returns what is known of a call before it is answered.

    Args:
        method: `package.Service/Method`.
        peer: As gRPC writes it.
    """
    attributes: Attributes = {"rpc.system.name": "grpc", "rpc.method": method}
    host, port = split_address(peer_address(peer))
    return attributes | _address("network.peer", host, port)


def grpc_response_attributes(code: Code) -> tuple[Attributes, bool]:
    """Returns what the answer says, and whether it is an error of the server."""
    attributes: Attributes = {"rpc.response.status_code": code.name}
    is_error = code in _SERVER_ERRORS
    if is_error:
        attributes["error.type"] = code.name
    return attributes, is_error


def model_attributes(call: Call) -> Attributes:
    """Returns what is known of the model of an inference."""
    attributes: Attributes = {"model.name": call.model_name}
    if call.version is not None:
        attributes["model.version"] = call.version
    return attributes


def peer_address(peer: str) -> str:
    """Returns host and port of a peer as gRPC writes it, or what stands for them.

    Example:

    >>> peer_address("ipv4:127.0.0.1:51234"), peer_address("ipv6:%5B::1%5D:51234")
    ('127.0.0.1:51234', '[::1]:51234')
    """
    return unquote(peer.partition(":")[2])


def split_address(address: str) -> tuple[str, int | None]:
    """Splits host and port.

    Example:

    >>> split_address("[::1]:8501"), split_address("localhost")
    (('::1', 8501), ('localhost', None))
    """
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit()):
        host, port = address, ""
    return host.removeprefix("[").removesuffix("]"), int(port[:9]) if port else None


def _address(name: str, host: str, port: int | None) -> Attributes:
    attributes: Attributes = {f"{name}.address": host} if host else {}
    if port is not None:
        attributes[f"{name}.port"] = port
    return attributes
