"""One connection of HTTP/1.1: requests are answered in their order."""

import asyncio
import collections
import logging
from typing import TYPE_CHECKING, cast

import httptools

from serving.errors import Code, StatusError
from serving.transport import compression
from serving.transport.http_errors import error_response, internal_error, overloaded
from serving.transport.http_exchange import Exchange
from serving.transport.http_messages import HttpRequest, HttpResponse
from serving.transport.http_reader import NEVER, HttpReader
from serving.transport.http_writer import HttpWriter

if TYPE_CHECKING:
    from serving.transport.http import HttpServer

logger = logging.getLogger(__name__)

PIPELINED = 16  # requests that wait on one connection before it is read no further
LINGER_SECONDS = 5.0  # what a refused client still sends is read and dropped so long
HALF_CLOSED_SECONDS = 1.0
_CLIENT_LEFT = HttpResponse(Code.CANCELLED.http_status, b"", code=Code.CANCELLED)


class HttpConnection(asyncio.Protocol):
    """Answers the requests of a connection one after the other.

    Everything happens in callbacks of the event loop: no task and no timer for a
    request. `HttpServer` looks at the times after which something expires.

    Args:
        server: Options, counters and the APIs that answer.
    """

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._options = server.options
        self._loop = server.loop
        self._queue: collections.deque[Exchange] = collections.deque()
        self._current: Exchange | None = None
        self._advancing = False
        self._reading_paused = False
        self._discarding = False
        self._ended = False
        self._answer_expires = NEVER

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuses the connection at once when there are too many."""
        # That of uvloop is one in all but its base class.
        self._transport = transport = cast(asyncio.Transport, transport)
        server, options = self._server, self._options
        self._reader = HttpReader(
            options, server.hosts, server.pending, self._loop, self._on_request
        )
        self._writer = HttpWriter(transport, options, server.pending, self._loop)
        peer = transport.get_extra_info("peername")
        self.client = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        if not server.admit(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives back what the connection held, and ends the work that has not begun."""
        self._discarding = True
        self._server.forget(self)
        self._release(self._reader.take())
        self._writer.resume()
        for exchange in self._queue:
            self._release(exchange.size)
        self._queue.clear()
        self._answer_expires = NEVER
        exchange, self._current = self._current, None
        if exchange is None:
            return
        if exchange.answered:
            self._release(exchange.size)
            self._server.answered(exchange, _CLIENT_LEFT, 0)
            return
        # Who works on the request holds its body until he answers.
        exchange.is_abandoned = True
        exchange.cancel()

    def data_received(self, data: bytes) -> None:
        """Reads requests; malformed ones are answered with 400."""
        if self._discarding:
            return
        try:
            self._reader.feed(data)
        except httptools.HttpParserUpgrade:
            self._discarding = True  # We stay with HTTP/1.1 and read no further.
        except StatusError as error:
            self._refuse(error)
        if self._reading_paused:
            self._reader.pause()
        self._advance()

    def eof_received(self) -> bool:
        """Keeps a half-closed connection until its complete requests are answered."""
        self._ended = True
        self._discarding = True
        self._release(self._reader.take())
        # The client may have left, or only say no more: nothing tells. What still waits
        # for a thread after this time does not run for what is probably nobody.
        if self._current is not None:
            self._loop.call_later(HALF_CLOSED_SECONDS, self._current.cancel)
        return self._current is not None or bool(self._queue)

    def pause_writing(self) -> None:
        """Lets the client read its response before the next request is answered."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """Goes on with the next request."""
        self._writer.resume()
        self._advance()

    # Called by the server and by those who answer.

    @property
    def read_expires(self) -> float:
        """When what is being read, or waited for, is overdue."""
        return self._reader.expires

    @property
    def busy(self) -> bool:
        """Whether an accepted request waits for its answer or its way to the client."""
        return self._current is not None or bool(self._queue) or self._writer.is_busy

    def is_idle(self, now: float) -> bool:
        """Whether it has no request, or a body of which nothing came for a while."""
        return not self.busy and self._reader.is_stalled(now)

    def answer(self, exchange: Exchange, response: HttpResponse) -> None:
        """Writes the response, compressed where the client asked for it."""
        request = exchange.request
        # It refers to the request, and a cycle would wait for the garbage collector.
        request.work = None
        if exchange is not self._current or exchange.answered:
            if exchange.is_abandoned:
                exchange.is_abandoned = False
                self._release(exchange.size)
                self._server.answered(exchange, _CLIENT_LEFT, 0)
            return
        exchange.answered = True
        self._answer_expires = NEVER
        body, accepted = response.body, request.headers.get("accept-encoding")
        if (
            accepted is not None
            and len(body) >= compression.MINIMUM_SIZE
            and compression.accepts_gzip(accepted)
        ):
            if len(body) <= compression.INLINE_SIZE:
                self._write(exchange, response, compression.compress(body), "gzip")
            else:
                self._server.run_aside(self._compress(exchange, response))
        else:
            self._write(exchange, response, body)

    def expire(self, now: float) -> None:
        """Ends what is overdue."""
        reader, writer = self._reader, self._writer
        if writer.expires < now or (self._discarding and reader.expires < now):
            self.abort()
        elif self._answer_expires < now and self._current is not None:
            message = "Timed out waiting for notification"
            error = StatusError(Code.DEADLINE_EXCEEDED, message)
            self.answer(self._current, error_response(error))
        elif reader.expires < now:
            if not reader.in_headers and not reader.size:
                self._transport.close()  # Nothing was asked, so nothing is answered.
                return
            what = "headers" if reader.in_headers else "body"
            message = f"The {what} of the request did not come in time"
            self._refuse(StatusError(Code.DEADLINE_EXCEEDED, message, 408))
            self._advance()
        elif writer.expires < NEVER and not writer.makes_progress(now):
            self.abort()

    def close_if_idle(self) -> None:
        """Closes the connection unless it has a request to answer."""
        if not self.busy:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection now."""
        self._writer.abort()

    # The rest.

    def _release(self, size: int) -> None:
        self._server.pending.count -= size

    def _on_request(
        self, request: HttpRequest, size: int, head_only: bool, keep_alive: bool
    ) -> None:
        self._queue.append(Exchange(self, request, size, keep_alive, head_only))
        if not keep_alive:
            self._discarding = True
        elif len(self._queue) > PIPELINED and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    def _refuse(self, error: StatusError) -> None:
        """Answers with an error, in its turn, and reads no further."""
        if self._discarding:
            return
        request, head_only = self._reader.request()
        refusal, size = error_response(error), self._reader.take()
        self._queue.append(Exchange(self, request, size, False, head_only, refusal))
        self._discarding = True

    def _advance(self) -> None:
        """Starts the next request when the one before it is answered."""
        if self._advancing:
            return  # An answer that came at once; the loop below goes on.
        self._advancing = True
        while self._queue and self._current is None and self._writer.expires is NEVER:
            self._start(self._queue.popleft())
        self._advancing = False
        if self._current is not None or self._queue:
            return
        reader = self._reader
        if reader.wants_continue() and not reader.has_body and not self._discarding:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._reading_paused:
            self._reading_paused = False
            self._reader.resume()
            self._transport.resume_reading()

    def _start(self, exchange: Exchange) -> None:
        self._current = exchange
        if exchange.refusal is not None:
            self.answer(exchange, exchange.refusal)
            return
        request = exchange.request
        if request.deadline is not None:
            self._answer_expires = request.deadline
        encoding = request.headers.get("content-encoding")
        try:
            if encoding is not None and encoding.lower() != "identity":
                compression.check_encoding(encoding)
                self._server.run_aside(self._decompress(exchange))
            else:
                self._server.handle(request, exchange.respond)
        except Exception as error:
            self._fail(exchange, error)

    def _fail(self, exchange: Exchange, error: Exception) -> None:
        if not isinstance(error, StatusError):
            request = exchange.request
            logger.error("%s %s failed", request.method, request.path, exc_info=error)
            error = internal_error()
        self.answer(exchange, error_response(error))

    async def _decompress(self, exchange: Exchange) -> None:
        def grown(size: int) -> None:
            if exchange is not self._current:
                raise overloaded()  # The client left, so nobody waits for the rest.
            exchange.size += size
            self._server.pending.count += size
            if self._server.pending.is_full():
                raise overloaded()

        try:
            exchange.request.body = await compression.decompress(
                exchange.request.body,
                self._options.max_request_bytes,
                self._server.executor,
                grown,
            )
            self._server.handle(exchange.request, exchange.respond)
        except Exception as error:
            self._fail(exchange, error)

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
        headers = self._server.headers
        if not keep_alive:
            headers += "Connection: close\r\n"
        elif self._reader.http_version == "1.0":
            headers += "Connection: keep-alive\r\n"
        if encoding is not None:
            headers += f"Content-Encoding: {encoding}\r\nVary: Accept-Encoding\r\n"
        sent = None if exchange.head_only else body
        self._writer.write(response, sent, headers, len(body))
        self._current = None
        self._release(exchange.size)
        self._server.answered(exchange, response, 0 if sent is None else len(body))
        if not keep_alive:
            self._end(exchange)
            return
        if self._ended and not self._queue:
            self._transport.close()
            return
        if not self._queue and self._reader.expires is NEVER:
            idle = self._options.idle_timeout_seconds
            self._reader.expires = self._loop.time() + idle
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
        self._reader.expires = self._loop.time() + LINGER_SECONDS
