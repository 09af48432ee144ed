"""The data plane: loaded models behind the transports, in one event loop."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from serving.errors import Code, ServingError, StatusError
from serving.models.manager import ModelManager
from serving.models.scheduler import Scheduler
from serving.options import ServerOptions
from serving.transport.channel import Channel, ChannelClosed
from serving.transport.listener import Port
from serving.transport.rest import RestApi


class Worker:
    """Loads what the supervisor tells, and answers requests.

    Args:
        options: Of the server.
        rest: The port of REST.
        slot: Which of the workers it is, from 0.
        on_supervisor_gone: Called when nobody tells it any more what to do.

    Attributes:
        manager: The loaded models.
        control: The channel to the supervisor, for requests and further handlers.
    """

    def __init__(
        self,
        options: ServerOptions,
        rest: Port,
        slot: int = 0,
        on_supervisor_gone: Callable[[], object] = lambda: None,
    ) -> None:
        self.options = options
        self.slot = slot
        self._rest = rest
        self.manager = ModelManager(options.engine, options.trust, self._on_unloaded)
        self._loader = ThreadPoolExecutor(max(1, options.num_load_threads), "load")
        self._bodies = ThreadPoolExecutor(options.rest_api_num_threads, "bodies")
        self._transports: list[_Rest] = []
        self.control = Channel(
            {
                "load": self._load,
                "publish": self._publish,
                "listen": self._listen,
                "drain": self._drain,
            },
            on_supervisor_gone,
        )

    async def open(self, supervisor: socket.socket) -> None:
        """Begins to answer the supervisor."""
        self._loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(self._loop)
        await self.control.open(supervisor)

    def close(self) -> None:
        """Ends the threads, and unloads everything after the last request."""
        self._loader.shutdown(wait=False, cancel_futures=True)
        self._bodies.shutdown(wait=False)
        self._scheduler.close()
        self.manager.close()

    async def _load(self, payload: dict[str, Any]) -> dict[str, Any]:
        servable = await self._loop.run_in_executor(
            self._loader,
            self.manager.load,
            payload["name"],
            payload["version"],
            Path(payload["path"]),
        )
        return {"engine": servable.engine.name}

    async def _publish(self, table: dict[str, Any]) -> None:
        self.manager.publish(table)

    async def _listen(self, payload: None) -> None:
        rest = _Rest(
            RestApi(
                self.manager,
                self._scheduler,
                self._bodies,
                self.options.max_request_bytes,
            )
        )
        try:
            await rest.start(self._rest.listen())
        except ServingError as error:
            raise StatusError(Code.UNAVAILABLE, str(error)) from None
        self._transports.append(rest)

    async def _drain(self, payload: None) -> None:
        await asyncio.gather(
            *(each.stop(self.options.drain_seconds) for each in self._transports)
        )

    def _on_unloaded(self, name: str, version: int) -> None:
        def tell() -> None:
            task = asyncio.ensure_future(_told(self.control, [name, version]))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)

        self._loop.call_soon_threadsafe(tell)


_tasks: set[asyncio.Future] = set()


async def _told(control: Channel, unloaded: list) -> None:
    with contextlib.suppress(ChannelClosed):  # The server ends.
        await control.request("unloaded", unloaded)


class _Rest:
    def __init__(self, api: RestApi) -> None:
        self._runner = web.AppRunner(
            api.application(),
            access_log=logging.getLogger("serving.access"),
            access_log_format='%a "%r" %s %b bytes in %D us',
            auto_decompress=False,
        )

    async def start(self, listener: socket.socket) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()

    async def stop(self, drain_seconds: float) -> None:
        self._runner._shutdown_timeout = drain_seconds
        await self._runner.cleanup()


def run_worker(
    options: ServerOptions, rest: Port, slot: int, supervisor: socket.socket
) -> None:
    """Runs a worker in this process until the supervisor is gone."""

    async def run() -> None:
        gone = asyncio.Event()
        await Worker(options, rest, slot, gone.set).open(supervisor)
        await gone.wait()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
        # Neither an inference that runs nor a destructor holds up the end.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
