"""Requests of the flows over httpx."""

import contextlib
import ssl
import time
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any
from urllib.parse import urlsplit

import httpx

from serving.client.errors import TransportError
from serving.client.rest_calls import Request, Response
from serving.errors import Code, ServingError

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def settings(
    base_url: str, headers: Mapping[str, str] | None, verify: Any
) -> dict[str, Any]:
    """Returns the arguments of a client of httpx.

    Raises:
        ServingError: If the address is none.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServingError(
            f"{base_url!r} is no address. Expected scheme, host and port, such as "
            "http://127.0.0.1:8501 or http://[::1]:8501."
        )
    is_local = parts.hostname in _LOOPBACK
    own = {"Content-Type": "application/json"}
    if is_local:
        own["Accept-Encoding"] = "identity"  # Compressing takes longer than sending.
    return {
        "headers": own | dict(headers or {}),
        # A proxy from the environment cannot reach this machine's loopback.
        "trust_env": not is_local,
        # Certificates are read from the disk, which plain HTTP need not wait for.
        "verify": verify if parts.scheme == "https" or not is_local else False,
    }


def timeouts(seconds: float, connect: float, read: float | None) -> httpx.Timeout:
    """Returns httpx's timeouts for one try of a call."""
    return httpx.Timeout(
        min(seconds, read or seconds), connect=min(seconds, connect), pool=seconds
    )


def response(status: int, headers: httpx.Headers, content: bytes) -> Response:
    """Returns what a flow receives of an answer."""
    asked = headers.get("Retry-After", "")
    return Response(status, float(asked) if asked.isdecimal() else None, content)


class Watch:
    """Ends an answer that comes too slowly, however often a part of it comes."""

    def __init__(self, base_url: str, request: Request) -> None:
        self._url = base_url + request.path
        self._timeout = request.timeout
        self._deadline = time.monotonic() + request.seconds

    def check(self) -> None:
        """Raises the error of a timeout if it is time."""
        if time.monotonic() > self._deadline:
            raise timed_out(self._url, self._timeout)


def timed_out(url: str, timeout: float) -> TransportError:
    """Returns the error of an answer that did not come in time."""
    return TransportError(
        Code.DEADLINE_EXCEEDED,
        f"{url} did not answer within {timeout:g} s. "
        "Send less at a time, or give the client a longer timeout.",
        was_sent=True,
    )


@contextlib.contextmanager
def translate_errors(
    base_url: str, request: Request, read_timeout: float | None
) -> Iterator[None]:
    """Raises what httpx raises as errors that a flow understands."""
    url = base_url + request.path
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise TransportError(
            Code.UNAVAILABLE,
            f"No server answers at {base_url}{_reason(error)}. Start one with "
            "`zoo serve --model-base-path DIR`, or check host and port.",
            is_retriable=not _is_about_certificates(error),
        ) from None
    except httpx.TimeoutException:
        raise timed_out(url, min(request.timeout, read_timeout or inf)) from None
    except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
        raise TransportError(
            Code.UNAVAILABLE,
            f"The connection to {base_url} broke before {request.path} was answered"
            f"{_reason(error)}. If this request does it each time, the server's log "
            "says more.",
            is_retriable=True,
            was_sent=True,
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TransportError(
            Code.UNKNOWN, f"The request to {url} failed{_reason(error)}."
        ) from None


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return f" ({text})" if text else ""


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
