"""Bytes of a connection to requests, within the limits of size and time."""

import asyncio
import logging
import math
from collections.abc import Callable
from urllib.parse import urlsplit

import httptools

from serving.errors import Code, StatusError, invalid_argument
from serving.options import ServerOptions
from serving.transport import compression
from serving.transport.hosts import Hosts
from serving.transport.http_errors import internal_error, overloaded
from serving.transport.http_messages import HttpRequest
from serving.transport.pending_bytes import PendingBytes

logger = logging.getLogger(__name__)

NEVER = math.inf
MINIMUM_RATE = 500  # bytes a second, of a body or a response, as Apache's MinRate
REQUEST_OVERHEAD = 1024  # bytes that a waiting request takes beside its body
STALLED_SECONDS = 1.0
LONGEST_CHUNK = 16  # bytes of a chunk of one byte, with all that frames it

# How a connection of HTTP/2 begins. In words of HTTP/1.1, because clients of gRPC that
# get a GOAWAY try again at once, and for ever.
_OF_HTTP_2 = b"PRI"
_HTTP_2 = (
    "This port speaks HTTP/1.1, and the client began with HTTP/2. Let it speak "
    "HTTP/1.1, or use the port of gRPC (--port) for gRPC."
)
_SINGLE_HEADERS = frozenset({"host", "content-length", "transfer-encoding"})

# Takes a request, the bytes counted for it, whether it wants the head of the response
# alone, and whether another one may follow.
OnRequest = Callable[[HttpRequest, int, bool, bool], None]


class HttpReader:
    """Parses one request after the other with httptools.

    Args:
        options: Limits and timeouts.
        hosts: Which names the server answers to.
        pending: Counts the bytes of bodies.
        loop: The event loop, for its clock.
        on_request: Called for each request.

    Attributes:
        expires: When what is being read, or waited for, is overdue.
        in_headers: Whether the headers of a request have begun and not ended.
        size: Bytes that are counted for a message whose headers are read.
    """

    def __init__(
        self,
        options: ServerOptions,
        hosts: Hosts,
        pending: PendingBytes,
        loop: asyncio.AbstractEventLoop,
        on_request: OnRequest,
    ) -> None:
        self._options = options
        self._hosts = hosts
        self._pending = pending
        self._loop = loop
        self._on_request = on_request
        self._parser = httptools.HttpRequestParser(self)
        self._time_left = NEVER
        self._reset()
        self.expires = loop.time() + options.header_timeout_seconds

    @property
    def http_version(self) -> str:
        """Of the last request."""
        return self._parser.get_http_version()

    @property
    def has_body(self) -> bool:
        """Whether a part of the body of the message has come."""
        return self._body_size > 0

    def feed(self, data: bytes) -> None:
        """Parses what came.

        Raises:
            StatusError: What the request is refused with; nothing may be fed any more.
            httptools.HttpParserUpgrade: What follows the request is no HTTP/1.1.
        """
        rest: memoryview | None = memoryview(data)
        while rest is not None:
            rest = self._parse(rest)

    def _parse(self, data: memoryview) -> memoryview | None:
        """Parses what came, up to the end of the headers that offer another protocol.

        Returns:
            What is left.
        """
        headers, end = self._headers, None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._offers_upgrade():
                raise
            end = upgrade.args[0]
        except httptools.HttpParserCallbackError as error:
            # The parser wraps what its callbacks raise.
            cause = error.__context__
            if isinstance(cause, StatusError):
                raise cause from None
            logger.error("Reading a request failed", exc_info=cause)
            raise internal_error() from None
        except httptools.HttpParserError as error:
            if self._parser.get_method() == _OF_HTTP_2:
                raise StatusError(Code.UNIMPLEMENTED, _HTTP_2, 505) from None
            raise invalid_argument(f"Malformed HTTP request: {error}") from None
        if end is not None:
            self._parse(memoryview(self._head_without_offer()))
            return data[end:]
        if self._headers is headers:  # No new message has begun.
            self._fed += len(data)
            if self._fed > self._longest_message():
                raise self._headers_too_large()
        return None

    def take(self) -> int:
        """Ends a message; returns the bytes that were counted for it."""
        size = self.size
        self._reset()
        self.expires = NEVER
        return size

    def request(self, body: bytes = b"") -> tuple[HttpRequest, bool]:
        """Returns what is known of the request, and whether it wants the head alone.

        Method and target are empty until the target has come.
        """
        if not self._url:
            return HttpRequest("", "", "", self._headers, body), False
        method = self._parser.get_method().decode("latin-1")
        path, query = _split_target(self._url.decode("latin-1"))
        timeout = self._options.rest_api_timeout_in_ms
        request = HttpRequest(
            "GET" if method == "HEAD" else method,
            path,
            query,
            self._headers,
            body,
            self._loop.time() + timeout / 1000 if timeout > 0 else None,
        )
        return request, method == "HEAD"

    def wants_continue(self) -> bool:
        """Whether the client waits for leave to send a body; says so once."""
        due, self._continue_due = self._continue_due, False
        return due

    def is_stalled(self, now: float) -> bool:
        """Whether there is no message, or a body of which nothing came for a while."""
        stalled = now + self._options.body_timeout_seconds - STALLED_SECONDS
        return not self.size or self.expires < stalled

    def pause(self) -> None:
        """Stops the time of what is being read: the server reads no further."""
        self._time_left = self.expires - self._loop.time()
        self.expires = NEVER

    def resume(self) -> None:
        """Lets it go on."""
        if self._time_left < NEVER:
            self.expires = self._loop.time() + self._time_left

    # Called by the parser.

    def on_message_begin(self) -> None:
        """Starts the time for the headers."""
        self.in_headers = True
        self.expires = self._loop.time() + self._options.header_timeout_seconds

    def on_url(self, url: bytes) -> None:
        """Takes the target, or a part of it."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; those that frame the message may come only once."""
        self._header_bytes += len(name) + len(value) + 4  # ": " and the line end
        if not self.in_headers:  # A trailer, which nothing here has a use for.
            if self._header_bytes > self._options.max_header_bytes:
                raise self._headers_too_large()
            return
        key = name.lower().decode("latin-1")
        text = value.decode("latin-1")
        if key in self._headers:
            if key in _SINGLE_HEADERS:
                raise invalid_argument(f"Malformed HTTP request: several {key} headers")
            text = f"{self._headers[key]}, {text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        """Refuses what is not worth reading a body for."""
        headers = self._headers
        self.in_headers = False
        if self._header_bytes + len(self._url) > self._options.max_header_bytes:
            raise self._headers_too_large()
        if self._offers_upgrade():
            return  # It is read once more without the offer.
        version = self._parser.get_http_version()
        self._hosts.check(headers.get("host"), version)
        if authority := _authority(self._url.decode("latin-1")):
            self._hosts.check(authority, version)
        self._count(REQUEST_OVERHEAD)
        encoding = headers.get("transfer-encoding")
        if encoding is not None and encoding.lower() != "chunked":
            raise StatusError(
                Code.UNIMPLEMENTED, f"Transfer-Encoding {encoding!r} is not supported"
            )
        length = headers.get("content-length")
        if length is not None and int(length) > self._options.max_request_bytes:
            raise compression.too_large(self._options.max_request_bytes)
        if length is None and encoding is None:
            return
        expect = headers.get("expect")
        if expect is not None and version != "1.0":
            if expect.lower() != "100-continue":
                raise StatusError(
                    Code.INVALID_ARGUMENT, f"Expect {expect!r} is not supported", 417
                )
            self._continue_due = True
        self._body_started = self._loop.time()
        self.expires = self._body_started + self._options.body_timeout_seconds

    def on_body(self, data: bytes) -> None:
        """Takes a part of the body, as long as there is room for it."""
        self._body.append(data)
        self._body_size += len(data)
        if self._body_size > self._options.max_request_bytes:
            raise compression.too_large(self._options.max_request_bytes)
        self._count(len(data))
        # A body has to make progress, and not byte by byte.
        patience = self._options.body_timeout_seconds
        self.expires = min(
            self._loop.time() + patience,
            self._body_started + patience + self._body_size / MINIMUM_RATE,
        )

    def on_message_complete(self) -> None:
        """Hands the request over."""
        if self._offers_upgrade():
            return
        parts = self._body
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        request, head_only = self.request(body)
        keep_alive = (
            self._parser.should_keep_alive() and not self._parser.should_upgrade()
        )
        self._on_request(request, self.take(), head_only, keep_alive)

    def _offers_upgrade(self) -> bool:
        """Whether the client would rather speak another protocol."""
        return self._parser.should_upgrade() and "upgrade" in self._headers

    def _head_without_offer(self) -> bytes:
        """Returns the head of a request as if it offered no other protocol.

        What comes behind it is its body, and the next request, which the parser would
        take for the other protocol: who offers HTTP/2, as Java's client does, has to be
        answered with HTTP/1.1 (RFC 9110, 7.8).
        """
        method, version = self._parser.get_method(), self._parser.get_http_version()
        line = b"%b %b HTTP/%b\r\n" % (method, self._url, version.encode())
        headers = [
            f"{name}: {value}\r\n"
            for name, value in self._headers.items()
            if name != "upgrade"
        ]
        self._parser = httptools.HttpRequestParser(self)
        self._reset()
        return line + "".join(headers).encode("latin-1") + b"\r\n"

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._header_bytes = self._fed = self._body_size = 0
        self.size = 0
        self.in_headers = self._continue_due = False
        self._body_started = 0.0

    def _count(self, size: int) -> None:
        self.size += size
        self._pending.count += size
        if self._pending.is_full():
            raise overloaded()

    def _longest_message(self) -> int:
        """Returns how many bytes there may be of what has come of a message."""
        limit = self._options.max_header_bytes
        if self.in_headers:
            return limit
        # Trailers may be as long as headers; each byte of a body may be a chunk.
        return 2 * limit + LONGEST_CHUNK * self._body_size

    def _headers_too_large(self) -> StatusError:
        limit = self._options.max_header_bytes
        if 2 * len(self._url) > limit:  # It is the larger part.
            message = f"The URL and the headers are larger than {limit} bytes"
            return StatusError(Code.RESOURCE_EXHAUSTED, message, 414)
        return StatusError(
            Code.RESOURCE_EXHAUSTED, f"Headers are larger than {limit} bytes", 431
        )


def _authority(target: str) -> str:
    """Returns whom a target in absolute form is for, or nothing for another one.

    Raises:
        StatusError: When it is malformed.
    """
    if target.startswith(("/", "*")):
        return ""
    try:
        return urlsplit(target).netloc
    except ValueError as error:
        raise invalid_argument(f"Malformed HTTP request: {error}") from None


def _split_target(target: str) -> tuple[str, str]:
    path, _, query = target.partition("?")
    if not path.startswith(("/", "*")):  # The absolute form, as a proxy sends it.
        _, slashes, rest = path.partition("://")
        path = f"/{rest.partition('/')[2]}" if slashes else path
    return path, query
