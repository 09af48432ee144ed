"""Connections that send prepared bytes and say how it ended."""

import abc
import asyncio
import contextlib
import json
import ssl
from typing import Any

import httptools

from serving.bench.requests import Target

_LONGEST_WORDS = 300  # characters
_PREDICT = "/tensorflow.serving.PredictionService/Predict"


class Sender(abc.ABC):
    """Sends one request at a time.

    Args:
        target: What is measured.
        timeout: Seconds for a request.

    Attributes:
        words: What the server said with the first error of each kind.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self.words: dict[str, str] = {}

    def _noted(self, kind: str, words: str) -> str:
        if words:
            self.words.setdefault(kind, " ".join(words.split())[:_LONGEST_WORDS])
        return kind

    @abc.abstractmethod
    async def send(self, payload: bytes) -> str:
        """Sends and waits for the answer; returns the kind of error, or nothing."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Closes the connection."""


def make_sender(target: Target, timeout: float) -> Sender:
    """Returns a sender over a connection of its own."""
    kind = GrpcSender if target.is_grpc else HttpSender
    return kind(target, timeout)


class HttpSender(Sender):
    """HTTP/1.1 over one connection, which is opened again when it ends."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target, timeout)
        self._connection: _HttpConnection | None = None

    async def send(self, payload: bytes) -> str:
        """See `Sender.send`."""
        try:
            async with asyncio.timeout(self.timeout):
                if self._connection is None or self._connection.is_closed:
                    self._connection = await self._connect()
                status, words = await self._connection.ask(payload)
        except TimeoutError:
            await self.close()
            return "timeout"
        except (OSError, httptools.HttpParserError):
            await self.close()
            return "connection"
        return "" if status == 200 else self._noted(f"HTTP {status}", words)

    async def close(self) -> None:
        """See `Sender.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> "_HttpConnection":
        host, port = self.target.address
        _, connection = await asyncio.get_running_loop().create_connection(
            _HttpConnection,
            host,
            port,
            ssl=ssl.create_default_context() if self.target.is_tls else None,
        )
        return connection


class _HttpConnection(asyncio.Protocol):
    """Parses answers; who waits for one gets its status, and the words of an error."""

    def __init__(self) -> None:
        self.is_closed = False
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[tuple[int, str]] | None = None
        self._body: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def ask(self, payload: bytes) -> "asyncio.Future[tuple[int, str]]":
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(payload)
        return self._waiting

    def close(self) -> None:
        self.is_closed = True
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)

    def on_message_begin(self) -> None:
        self._body.clear()

    def on_body(self, data: bytes) -> None:
        if self._parser.get_status_code() != 200:
            self._body.append(data)

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        waiting = self._waiting
        # An informational answer, such as 100, comes before the answer.
        if waiting is not None and not waiting.done():
            words = _words(b"".join(self._body))
            waiting.set_result((self._parser.get_status_code(), words))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionResetError("the connection ended"))

    def _fail(self, error: Exception) -> None:
        self.is_closed = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)


def _words(body: bytes) -> str:
    """What the body of an error says.

    Example:

    >>> _words(b'{"error": "Servable not found"}'), _words(b"Not Found")
    ('Servable not found', 'Not Found')
    """
    text = body.decode(errors="replace")
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(json.loads(text)["error"])
    return text


class GrpcSender(Sender):
    """TensorFlow Serving's gRPC over a channel of its own."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target, timeout)
        import grpc.aio

        host, port = target.address
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_receive_message_length", -1),
        ]
        if target.is_tls:
            credentials = grpc.ssl_channel_credentials()
            self._channel = grpc.aio.secure_channel(authority, credentials, options)
        else:
            self._channel = grpc.aio.insecure_channel(authority, options)
        self._predict = self._channel.unary_unary(_PREDICT)
        self._error = grpc.aio.AioRpcError

    async def send(self, payload: bytes) -> str:
        """See `Sender.send`."""
        try:
            await self._predict(payload, timeout=self.timeout)
        except self._error as error:
            return self._noted(error.code().name, error.details() or "")
        return ""

    async def close(self) -> None:
        """See `Sender.close`."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._channel.close()
