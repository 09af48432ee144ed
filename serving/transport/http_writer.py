"""Responses to bytes of a connection, and how long a client may take to read them."""

import asyncio
import http
import socket
import struct

from serving.options import ServerOptions
from serving.transport.http_messages import HttpResponse
from serving.transport.http_reader import MINIMUM_RATE, NEVER
from serving.transport.pending_bytes import PendingBytes, Unread

WRITE_BUFFER = 2**18


class HttpWriter:
    """Writes to a transport.

    Args:
        transport: Of the connection.
        options: Timeouts.
        pending: Counts what clients have not read.
        loop: The event loop, for its clock.

    Attributes:
        expires: When the client has to have read what was written.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        options: ServerOptions,
        pending: PendingBytes,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._transport = transport
        self._options = options
        self._pending = pending
        self._loop = loop
        self._unread: Unread | None = None
        self.expires = NEVER
        transport.set_write_buffer_limits(WRITE_BUFFER)

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way to the client."""
        return self._transport.get_write_buffer_size() > 0

    def write(
        self,
        response: HttpResponse,
        body: bytes | None,
        more_headers: str,
        length: int,
    ) -> None:
        """Writes a response.

        Args:
            response: Status and headers.
            body: As it travels; None for the head alone.
            more_headers: Lines of those that the connection and the server add.
            length: Size of the body, also where it does not travel.
        """
        lines = [_status_line(response.status, response.content_type), more_headers]
        lines += [f"{name}: {value}\r\n" for name, value in response.headers]
        lines.append(f"Content-Length: {length}\r\n\r\n")
        head = "".join(lines).encode("latin-1")
        self._transport.write(head if body is None else head + body)

    def pause(self) -> None:
        """Starts the time in which the client has to read its response."""
        now = self._loop.time()
        size = self._transport.get_write_buffer_size()
        self._unread = self._pending.hold(size, self.abort)
        patience = self._options.body_timeout_seconds
        self.expires = now + patience + size / MINIMUM_RATE
        self._size, self._seen = size, now

    def resume(self) -> None:
        """Ends that time."""
        if self._unread is not None:
            self._pending.let_go(self._unread)
            self._unread = None
        self.expires = NEVER

    def makes_progress(self, now: float) -> bool:
        """Whether the client still reads."""
        size = self._transport.get_write_buffer_size()
        if size < self._size:
            self._size, self._seen = size, now
        return now <= self._seen + self._options.body_timeout_seconds

    def abort(self) -> None:
        """Ends the connection now, and drops what the kernel still holds for it."""
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()


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
