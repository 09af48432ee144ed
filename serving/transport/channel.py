"""Messages between the supervisor and a worker, over a pair of sockets.

A message is its length (four bytes, big-endian) and JSON:

    {"id": 7, "kind": "load", "payload": {"name": "lenet5", ...}}
    {"id": 7, "result": {"engine": "onnx"}}
    {"id": 7, "error": [3, "the message of a StatusError"]}

Both ends send requests and answer those of the other. The supervisor asks a worker to

- `load` a version (`name`, `version`, `path`); the answer names its engine;
- `publish` the table of all models: which versions are available, and their labels;
- `listen` on the ports;
- give its `metrics`, whatever the handler for that kind returns;
- `drain`: stop accepting, finish what was accepted.

A worker tells the supervisor that it has `unloaded` a version, and asks it for the
`metrics` of all workers (a list) or to `reload_config` (a serialized
`ModelServerConfig` in base64).
"""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from serving.errors import Code, StatusError

logger = logging.getLogger(__name__)

Handler = Callable[[Any], Awaitable[Any]]
_LENGTH = 4


class ChannelClosed(Exception):  # noqa: N818 (it is an event as much as an error)
    """The other end is gone."""


class Channel(asyncio.Protocol):
    """One end of a connection.

    Args:
        handlers: By kind of request, a coroutine function from payload to result. More
            may be added while it is open.
        on_close: Called once when the other end is gone.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        on_close: Callable[[], object] = lambda: None,
    ) -> None:
        self.handlers = dict(handlers)
        self._on_close = on_close
        self._buffer = bytearray()
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport | None = None

    async def open(self, connection: socket.socket) -> None:
        """Begins to read."""
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: self, connection
        )

    async def request(self, kind: str, payload: Any = None) -> Any:
        """Returns the answer of the other end.

        Raises:
            StatusError: As raised there.
            ChannelClosed: When it is gone, now or before it has answered.
        """
        if self._transport is None or self._transport.is_closing():
            raise ChannelClosed
        self._last_id += 1
        answer = asyncio.get_running_loop().create_future()
        self._pending[self._last_id] = answer
        self._send({"id": self._last_id, "kind": kind, "payload": payload})
        return await answer

    def close(self) -> None:
        """Closes this end."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
            if len(self._buffer) < end:
                return
            message = json.loads(self._buffer[_LENGTH:end])
            del self._buffer[:end]
            if "kind" in message:
                task = asyncio.create_task(self._answer(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                self._resolve(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(ChannelClosed())
        self._pending.clear()
        self._on_close()

    def _resolve(self, message: dict[str, Any]) -> None:
        answer = self._pending.pop(message["id"])
        if answer.done():  # Nobody waits any more.
            return
        if "error" in message:
            code, text = message["error"]
            answer.set_exception(StatusError(Code(code), text))
        else:
            answer.set_result(message["result"])

    async def _answer(self, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": message["id"]}
        try:
            answer["result"] = await self.handlers[message["kind"]](message["payload"])
        except StatusError as error:
            answer["error"] = [error.code, str(error)]
        except ChannelClosed:
            answer["error"] = [Code.UNAVAILABLE, "The supervisor is stopping."]
        except Exception as error:
            logger.exception("The message %r failed", message["kind"])
            answer["error"] = [Code.INTERNAL, f"{type(error).__name__}: {error}"]
        self._send(answer)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(len(body).to_bytes(_LENGTH, "big") + body)
