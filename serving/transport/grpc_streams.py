"""Streams of gRPC, whose clients may never end them, end with the server."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from serving.errors import Code, StatusError
from serving.transport.grpc_calls import Context, abort

T = TypeVar("T")
_STOPPING = "The server is stopping."


class OpenStreams:
    """Ends the streams that wait for their clients once the server stops."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[Any] | None] = set()
        self._are_ended = False

    def end(self) -> None:
        """Ends those that wait now, and the others when they begin to."""
        self._are_ended = True
        for task in self._waiting:
            if task is not None:
                task.cancel()

    async def requests(
        self, requests: AsyncIterator[T], context: Context
    ) -> AsyncIterator[T]:
        """Yields the requests of a stream; ends it with UNAVAILABLE at the end."""
        following = functools.partial(anext, requests)
        while True:
            try:
                request = await self.run(following, context)
            except StopAsyncIteration:
                return
            yield request

    async def run(self, wait: Callable[[], Awaitable[T]], context: Context) -> T:
        """Returns what a stream waits for; ends it with UNAVAILABLE at the end."""
        if not self._are_ended:
            task = asyncio.current_task()
            self._waiting.add(task)
            try:
                return await wait()
            except asyncio.CancelledError:
                if not self._are_ended:
                    raise
            finally:
                self._waiting.discard(task)
        return await abort(context, StatusError(Code.UNAVAILABLE, _STOPPING))
