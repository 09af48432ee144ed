"""One connection of HTTP/1.1: requests read in, responses written in their order."""

import asyncio
import collections
import http
import logging
import math
import socket
import struct
import time
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httptools

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.documents import error_document
from serving.transport import compression
from serving.transport.http_messages import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from serving.transport.http import HttpServer

logger = logging.getLogger(__name__)

NEVER = math.inf
PIPELINED = 16  # requests that wait on one connection before it is read no further
REQUEST_OVERHEAD = 1024  # bytes that a waiting request takes beside its body
MINIMUM_RATE = 500  # bytes a second, of a body or a response, as Apache's MinRate
LINGER_SECONDS = 5.0  # what a refused client still sends is read and dropped so long
HALF_CLOSED_SECONDS = 1.0
STALLED_SECONDS = 1.0
LONGEST_CHUNK = 16  # bytes of a chunk of one byte, with all that frames it
WRITE_BUFFER = 2**18

_SINGLE_HEADERS = frozenset({"host", "content-length", "transfer-encoding"})


class Exchange:
    """A request, or what it is refused with, and the way to answer it."""

    __slots__ = (
        "accept_encoding",
        "answered",
        "connection",
        "head_only",
        "is_abandoned",
        "keep_alive",
        "refusal",
        "request",
        "size",
        "started",
    )

    def __init__(
        self,
        connection: "HttpConnection",
        request: HttpRequest,
        size: int,
    ) -> None:
        self.connection = connection
        self.request = request
        self.started = time.perf_counter()  # That of the loop counts milliseconds.
        self.size = size
        self.accept_encoding = ""
        self.answered = False
        self.head_only = False
        self.is_abandoned = False
        self.keep_alive = False
        self.refusal: HttpResponse | None = None

    def respond(self, response: HttpResponse) -> None:
        """Answers the request; a second answer, or one that comes too late, is lost."""
        self.connection.answer(self, response)


class HttpConnection(asyncio.Protocol):
    """Reads requests with httptools and answers them one after the other.

    Everything happens in callbacks of the event loop: no task and no timer for a
    request. `HttpServer` looks at the three times after which something expires.

    Args:
        server: Options, counters and the APIs that answer.

    Attributes:
        read_expires: When what is being read, or waited for, is overdue.
        answer_expires: When the request in work is overdue.
        write_expires: When the client has to have read what was written.
    """

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._options = server.options
        self._loop = server.loop
        self._queue: collections.deque[Exchange] = collections.deque()
        self._current: Exchange | None = None
        self._advancing = False
        self._reading_paused = False
        self._unsent = 0
        self._discarding = False
        self._ended = False
        self.read_expires = self.answer_expires = self.write_expires = NEVER
        self._reset_message()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuses the connection at once when there are too many."""
        # That of uvloop is one in all but its base class.
        self._transport = transport = cast(asyncio.Transport, transport)
        if not self._server.admit(self):
            transport.abort()
            return
        peer = transport.get_extra_info("peername")
        self.client = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        self._parser = httptools.HttpRequestParser(self)
        transport.set_write_buffer_limits(WRITE_BUFFER)
        self.read_expires = self._loop.time() + self._options.header_timeout_seconds

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives back what the connection held, and ends the work that has not begun."""
        self._discarding = True
        self._server.forget(self)
        self._release(self._message_size + self._unsent)
        for exchange in self._queue:
            self._release(exchange.size)
        self._message_size = self._unsent = 0
        self._queue.clear()
        self.read_expires = self.answer_expires = self.write_expires = NEVER
        exchange, self._current = self._current, None
        if exchange is None:
            return
        if exchange.answered:
            self._release(exchange.size)
            return
        # Who works on the request holds its body until he answers.
        exchange.is_abandoned = True
        _cancel(exchange)

    def data_received(self, data: bytes) -> None:
        """Parses what came; malformed requests are answered with 400."""
        if self._discarding:
            return
        headers = self._headers
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._discarding = True  # We stay with HTTP/1.1 and read no further.
        except httptools.HttpParserCallbackError as error:
            self._refuse_callback(error)
        except httptools.HttpParserError as error:
            self._refuse(invalid_argument(f"Malformed HTTP request: {error}"))
        if self._headers is headers:  # No new message has begun.
            self._fed += len(data)
            if self._fed > self._longest_message():
                self._refuse(self._headers_too_large())
        self._advance()

    def eof_received(self) -> bool:
        """Keeps a half-closed connection until its complete requests are answered."""
        self._ended = True
        self._discarding = True
        self._release(self._message_size)
        self._message_size = 0
        self.read_expires = NEVER
        # The client may have left, or only say no more: nothing tells. What still waits
        # for a thread after this time does not run for what is probably nobody.
        if self._current is not None:
            self._loop.call_later(HALF_CLOSED_SECONDS, _cancel, self._current)
        return self._current is not None or bool(self._queue)

    def pause_writing(self) -> None:
        """Starts the time in which the client has to read its response."""
        self._unsent = self._transport.get_write_buffer_size()
        self._server.pending.count += self._unsent
        self.write_expires = (
            self._loop.time()
            + self._options.body_timeout_seconds
            + self._unsent / MINIMUM_RATE
        )
        self._write_size, self._write_seen = self._unsent, self._loop.time()

    def resume_writing(self) -> None:
        """Goes on with the next request."""
        self._release(self._unsent)
        self._unsent = 0
        self.write_expires = NEVER
        self._advance()

    # Called by the parser.

    def on_message_begin(self) -> None:
        """Starts the time for the headers."""
        self._in_headers = True
        self.read_expires = self._loop.time() + self._options.header_timeout_seconds

    def on_url(self, url: bytes) -> None:
        """Takes the target, or a part of it."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; those that frame the message may come only once."""
        self._header_bytes += len(name) + len(value) + 4  # ": " and the line end
        if not self._in_headers:  # A trailer, which nothing here has a use for.
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
        self._in_headers = False
        if self._header_bytes + len(self._url) > self._options.max_header_bytes:
            raise self._headers_too_large()
        self._server.hosts.check(headers.get("host"), self._parser.get_http_version())
        self._message_size = REQUEST_OVERHEAD
        self._server.pending.count += REQUEST_OVERHEAD
        if self._server.pending.count > self._server.pending.limit:
            raise overloaded()
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
        if expect is not None:
            if expect.lower() != "100-continue":
                raise StatusError(
                    Code.INVALID_ARGUMENT, f"Expect {expect!r} is not supported", 417
                )
            self._continue_due = True
        self._body_started = self._loop.time()
        self.read_expires = self._body_started + self._options.body_timeout_seconds

    def on_body(self, data: bytes) -> None:
        """Takes a part of the body, as long as there is room for it."""
        self._body.append(data)
        self._body_size += len(data)
        self._message_size += len(data)
        self._server.pending.count += len(data)
        if self._body_size > self._options.max_request_bytes:
            raise compression.too_large(self._options.max_request_bytes)
        if self._server.pending.count > self._server.pending.limit:
            raise overloaded()
        # A body has to make progress, and not byte by byte.
        patience = self._options.body_timeout_seconds
        self.read_expires = min(
            self._loop.time() + patience,
            self._body_started + patience + self._body_size / MINIMUM_RATE,
        )

    def on_message_complete(self) -> None:
        """Queues the request."""
        method = self._parser.get_method().decode("latin-1")
        path, query = _split_target(self._url.decode("latin-1"))
        headers, now = self._headers, self._loop.time()
        timeout = self._options.rest_api_timeout_in_ms
        exchange = Exchange(
            self,
            HttpRequest(
                "GET" if method == "HEAD" else method,
                path,
                query,
                headers,
                self._body[0] if len(self._body) == 1 else b"".join(self._body),
                now + timeout / 1000 if timeout > 0 else None,
            ),
            self._message_size,
        )
        exchange.head_only = method == "HEAD"
        exchange.accept_encoding = headers.get("accept-encoding", "")
        exchange.keep_alive = (
            self._parser.should_keep_alive() and not self._parser.should_upgrade()
        )
        self._queue.append(exchange)
        self._reset_message()
        self.read_expires = NEVER
        if not exchange.keep_alive:
            self._discarding = True
        elif len(self._queue) > PIPELINED and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    # Called by the server and by those who answer.

    @property
    def busy(self) -> bool:
        """Whether an accepted request waits for its answer or its way to the client."""
        return (
            self._current is not None
            or bool(self._queue)
            or self._transport.get_write_buffer_size() > 0
        )

    def is_idle(self, now: float) -> bool:
        """Whether it has no request, or a body of which nothing came for a while."""
        if self.busy:
            return False
        stalled = now + self._options.body_timeout_seconds - STALLED_SECONDS
        return not self._message_size or self.read_expires < stalled

    def answer(self, exchange: Exchange, response: HttpResponse) -> None:
        """Writes the response, compressed where the client asked for it."""
        if exchange is not self._current or exchange.answered:
            if exchange.is_abandoned:
                exchange.is_abandoned = False
                self._release(exchange.size)
            return
        exchange.answered = True
        self.answer_expires = NEVER
        body = response.body
        if (
            exchange.accept_encoding
            and len(body) >= compression.MINIMUM_SIZE
            and compression.accepts_gzip(exchange.accept_encoding)
        ):
            if len(body) <= compression.INLINE_SIZE:
                self._write(exchange, response, compression.compress(body), "gzip")
            else:
                self._server.run_aside(self._compress(exchange, response))
        else:
            self._write(exchange, response, body)

    def expire(self, now: float) -> None:
        """Ends what is overdue."""
        if self.write_expires < now or (self._discarding and self.read_expires < now):
            self.abort()
        elif self.answer_expires < now and self._current is not None:
            message = "Timed out waiting for notification"
            self.answer(
                self._current,
                error_response(StatusError(Code.DEADLINE_EXCEEDED, message)),
            )
        elif self.read_expires < now:
            if not self._in_headers and not self._message_size:
                self._transport.close()  # Nothing was asked, so nothing is answered.
                return
            what = "headers" if self._in_headers else "body"
            message = f"The {what} of the request did not come in time"
            self._refuse(StatusError(Code.DEADLINE_EXCEEDED, message, 408))
            self._advance()

    def check_progress(self, now: float) -> None:
        """Ends a connection whose client reads nothing."""
        size = self._transport.get_write_buffer_size()
        if size < self._write_size:
            self._write_size, self._write_seen = size, now
        elif now > self._write_seen + self._options.body_timeout_seconds:
            self.abort()

    def close_if_idle(self) -> None:
        """Closes the connection unless it has a request to answer."""
        if not self.busy:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection now, and drops what the kernel still holds for it."""
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    # The rest.

    def _reset_message(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._header_bytes = self._fed = self._body_size = 0
        self._message_size = 0
        self._in_headers = self._continue_due = False
        self._body_started = 0.0

    def _release(self, size: int) -> None:
        self._server.pending.count -= size

    def _longest_message(self) -> int:
        """Returns how many bytes there may be of what has come of a message."""
        limit = self._options.max_header_bytes
        if self._in_headers:
            return limit
        # Trailers may be as long as headers; each byte of a body may be a chunk.
        return 2 * limit + LONGEST_CHUNK * self._body_size

    def _headers_too_large(self) -> StatusError:
        limit = self._options.max_header_bytes
        return StatusError(
            Code.RESOURCE_EXHAUSTED, f"Headers are larger than {limit} bytes", 431
        )

    def _refuse_callback(self, error: httptools.HttpParserCallbackError) -> None:
        # The parser wraps what its callbacks raise.
        cause = error.__context__
        if not isinstance(cause, StatusError):
            logger.error("Reading a request failed", exc_info=cause)
            cause = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
        self._refuse(cause)

    def _refuse(self, error: StatusError) -> None:
        """Answers with an error, in its turn, and reads no further."""
        if self._discarding:
            return
        nothing = HttpRequest("", "", "", {}, b"")
        exchange = Exchange(self, nothing, self._message_size)
        exchange.refusal = error_response(error)
        self._queue.append(exchange)
        self._reset_message()
        self.read_expires = NEVER
        self._discarding = True

    def _advance(self) -> None:
        """Starts the next request when the one before it is answered."""
        if self._advancing:
            return  # An answer that came at once; the loop below goes on.
        self._advancing = True
        while self._queue and self._current is None and self.write_expires is NEVER:
            self._start(self._queue.popleft())
        self._advancing = False
        if self._current is not None:
            return
        if self._continue_due and not self._queue:
            self._continue_due = False
            if self._body_size == 0 and not self._discarding:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._reading_paused and not self._queue:
            self._reading_paused = False
            self._transport.resume_reading()

    def _start(self, exchange: Exchange) -> None:
        self._current = exchange
        if exchange.refusal is not None:
            self.answer(exchange, exchange.refusal)
            return
        request = exchange.request
        if request.deadline is not None:
            self.answer_expires = request.deadline
        encoding = request.headers.get("content-encoding")
        try:
            if encoding is not None and encoding.lower() != "identity":
                compression.check_encoding(encoding)
                self._server.run_aside(self._decompress(exchange))
            else:
                self._server.handle(request, exchange.respond)
        except StatusError as error:
            self.answer(exchange, error_response(error))
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
            self.answer(exchange, error_response(error))

    async def _decompress(self, exchange: Exchange) -> None:
        def grown(size: int) -> None:
            if exchange is not self._current:
                raise overloaded()  # The client left, so nobody waits for the rest.
            exchange.size += size
            self._server.pending.count += size
            if self._server.pending.count > self._server.pending.limit:
                raise overloaded()

        try:
            exchange.request.body = await compression.decompress(
                exchange.request.body,
                self._options.max_request_bytes,
                self._server.executor,
                grown,
            )
            self._server.handle(exchange.request, exchange.respond)
        except StatusError as error:
            self.answer(exchange, error_response(error))
        except Exception:
            logger.exception("%s failed", exchange.request.path)
            error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
            self.answer(exchange, error_response(error))

    async def _compress(self, exchange: Exchange, response: HttpResponse) -> None:
        body = await self._loop.run_in_executor(
            self._server.executor, compression.compress, response.body
        )
        if exchange is self._current:
            self._write(exchange, response, body, "gzip")

    def _write(
        self,
        exchange: Exchange,
        response: HttpResponse,
        body: bytes,
        encoding: str | None = None,
    ) -> None:
        if self._transport.is_closing():
            return
        keep_alive = exchange.keep_alive and not self._server.stopping
        lines = [_status_line(response.status, response.content_type)]
        if not keep_alive:
            lines.append("Connection: close\r\n")
        elif self._parser.get_http_version() == "1.0":
            lines.append("Connection: keep-alive\r\n")
        if encoding is not None:
            lines.append(f"Content-Encoding: {encoding}\r\nVary: Accept-Encoding\r\n")
        lines += [f"{name}: {value}\r\n" for name, value in response.headers]
        lines.append(f"{self._server.headers}Content-Length: {len(body)}\r\n\r\n")
        head = "".join(lines).encode("latin-1")
        self._transport.write(head if exchange.head_only else head + body)
        self._current = None
        self._release(exchange.size)
        self._server.answered(self, exchange, response.status, len(body))
        if not keep_alive:
            self._end(exchange)
            return
        if self._ended and not self._queue:
            self._transport.close()
            return
        if not self._queue and self.read_expires is NEVER:
            self.read_expires = self._loop.time() + self._options.idle_timeout_seconds
        self._advance()

    def _end(self, exchange: Exchange) -> None:
        """Closes the connection behind the last response."""
        for waiting in self._queue:
            self._release(waiting.size)
        self._queue.clear()
        self._discarding = True
        if exchange.refusal is None or self._ended:
            self._transport.close()
            return
        # A client that still sends its body would lose the answer to a reset.
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self.read_expires = self._loop.time() + LINGER_SECONDS


INTERNAL_MESSAGE = "Internal error. The server's log says more."


def error_response(error: StatusError) -> HttpResponse:
    """Returns the response that carries an error, in one line."""
    return HttpResponse(error.http_status, error_document(" ".join(str(error).split())))


def overloaded() -> StatusError:
    """Returns the error of a request for which there is no room now."""
    return StatusError(
        Code.UNAVAILABLE, "The server holds too many request bodies. Try again later."
    )


def _cancel(exchange: Exchange) -> None:
    work = exchange.request.work
    if work is not None:
        work.cancel()


def _split_target(target: str) -> tuple[str, str]:
    if not target.startswith(("/", "*")):  # The absolute form, as a proxy sends it.
        try:
            parts = urlsplit(target)
        except ValueError as error:
            raise invalid_argument(f"Malformed HTTP request: {error}") from None
        return parts.path or "/", parts.query
    path, _, query = target.partition("?")
    return path, query


_STATUS_LINES: dict[tuple[int, str], str] = {}


def _status_line(status: int, content_type: str) -> str:
    line = _STATUS_LINES.get((status, content_type))
    if line is None:
        try:
            phrase = http.HTTPStatus(status).phrase
        except ValueError:
            phrase = "Client Closed Request" if status == 499 else "Unknown"
        line = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {content_type}\r\n"
        _STATUS_LINES[status, content_type] = line
    return line
