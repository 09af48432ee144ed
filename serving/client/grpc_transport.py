"""What the blocking and the asynchronous transport over grpcio have in common."""

import re
from collections.abc import Mapping
from typing import Any

from serving.client.errors import TransportError
from serving.client.grpc_calls import Call, code_of
from serving.errors import Code

_LOOPBACK = ("localhost:", "127.0.0.1:", "[::1]:", "unix:")
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A worker is back within a second; a new connection is tried as often as we do.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.enable_retries", 0),  # `Retries` has the rule.
)
# How gRPC's core describes a connection that was never there, and one that broke.
_NEVER_SENT = re.compile(
    "failed to connect|resolv|sendmsg|no pick|connection refused", re.IGNORECASE
)
_BROKEN = re.compile(
    "stream removed|socket closed|connection reset|connection closed|connection aborted"
    "|broken pipe|recvmsg|goaway|transport closed|endpoint",
    re.IGNORECASE,
)


def options(target: str) -> list[tuple[str, int]]:
    """Returns the arguments of a channel."""
    # A proxy from the environment cannot reach this machine's loopback.
    return [*_OPTIONS, ("grpc.enable_http_proxy", int(not is_local(target)))]


def is_local(target: str) -> bool:
    """Whether an address is one of this machine.

    >>> is_local("unix:/run/zoo.sock"), is_local("models.example:8500")
    (True, False)
    """
    return target.startswith(_LOOPBACK)


def pairs(metadata: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """Returns metadata as gRPC takes it."""
    return tuple((name.lower(), value) for name, value in (metadata or {}).items())


def translate(target: str, call: Call, error: Any) -> TransportError:
    """Returns an error of gRPC as one that a flow understands."""
    code = code_of(error.code().value[0])
    details = " ".join((error.details() or code.name).split())[:1000]
    if code is Code.DEADLINE_EXCEEDED:
        return TransportError(
            code,
            f"{target} did not answer {call.method.name} within {call.timeout:g} s. "
            "Send less at a time, or give the client a longer timeout.",
            was_sent=True,
        )
    if code is not Code.UNAVAILABLE:
        return TransportError(
            code, f"{target} answered {call.method.name} with {code.name}: {details}"
        )
    if _NEVER_SENT.search(details):
        return TransportError(
            code,
            f"No server answers at {target} ({details}). Start one with "
            "`zoo serve --model-base-path DIR`, or check host and port.",
            is_retriable=True,
        )
    was_sent = bool(_BROKEN.search(details))
    said = (
        f"The connection to {target} broke before {call.method.name} was answered "
        f"({details}). If this request does it each time, the server's log says more."
        if was_sent
        else f"{target} answered {call.method.name} with {code.name}: {details}"
    )
    return TransportError(code, said, is_retriable=True, was_sent=was_sent)
