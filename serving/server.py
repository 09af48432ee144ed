"""A model server: the models of a folder behind the REST API."""

import asyncio
import contextlib
import logging
import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

from serving.errors import ServingError
from serving.models.manager import ModelManager
from serving.models.repository import ModelRepository
from serving.models.scheduler import Scheduler
from serving.options import ServerOptions
from serving.transport.http import HttpServer
from serving.transport.listener import bind, port_error
from serving.transport.rest import RestApi

logger = logging.getLogger(__name__)


def serve(
    model_base_path: str | Path,
    *,
    model_name: str | None = None,
    host: str = "127.0.0.1",
    rest_api_port: int = 8501,
    engine: str = "auto",
    trust: bool = False,
    max_request_bytes: int = 64 * 2**20,
    file_system_poll_wait_seconds: float = 1.0,
) -> None:
    """Serves until SIGTERM or SIGINT, finishes the requests in flight, returns.

    Prints a line for each model once it is served. A second SIGINT raises
    KeyboardInterrupt instead of waiting for the requests.

    Args: as for `Server`.

    Raises:
        ServingError: When there is nothing to serve or the port is taken.

    Example: `serve("models")` in one terminal, and in another
    `curl http://127.0.0.1:8501/v1/models/lenet5`.
    """
    server = Server(
        model_base_path,
        model_name=model_name,
        host=host,
        rest_api_port=rest_api_port,
        engine=engine,
        trust=trust,
        max_request_bytes=max_request_bytes,
        file_system_poll_wait_seconds=file_system_poll_wait_seconds,
    )
    with _stop_signals() as stop, server:
        for line in server.describe():
            print(line, flush=True)
        stop.get()


class Server:
    """A server in background threads; a context manager that starts and stops it.

    Args:
        model_base_path: One model, a folder of integer versions, or a folder
            of such folders.
        model_name: The name of the one model, or which of several to serve.
        host: Address to listen on.
        rest_api_port: Port to listen on; 0 takes a free one.
        engine: `tensorflow`, `onnx`, your own (see `register_engine`), or `auto`: the
            engine of the highest priority whose artifact is there, SavedModel first.
        trust: Load models that `export.inspect` refuses, too: those that would touch
            other files than their own, the network, or the host language.
        max_request_bytes: A longer body is answered with 413.
        file_system_poll_wait_seconds: Seconds between two polls for new versions;
            0 looks once, at the start.

    Example:

    >>> with Server("models", rest_api_port=0) as server:  # doctest: +SKIP
    ...     Client(server.url).predict("lenet5", {"image": image})
    """

    def __init__(
        self,
        model_base_path: str | Path,
        *,
        model_name: str | None = None,
        host: str = "127.0.0.1",
        rest_api_port: int = 8501,
        engine: str = "auto",
        trust: bool = False,
        max_request_bytes: int = 64 * 2**20,
        file_system_poll_wait_seconds: float = 1.0,
    ) -> None:
        self._repository = ModelRepository(model_base_path, model_name)
        self._manager = ModelManager(self._repository, engine, trust)
        self._host = host
        self._port = rest_api_port
        self._max_request_bytes = max_request_bytes
        self._poll_seconds = file_system_poll_wait_seconds
        self._thread: threading.Thread | None = None
        self._request_stop: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        """Address for clients, known after `start`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> int:
        """Loads the models, starts to answer and returns the port.

        Raises:
            ServingError: When no model can be loaded or the port is taken.
        """
        # Bound first, so that a taken port is an error before the models are loaded;
        # listening last, so that no client waits for the loading.
        listener = bind(self._host, self._port)
        try:
            self._load_models()
            self._port = listener.getsockname()[1]
            started: Future[None] = Future()
            self._thread = threading.Thread(
                target=lambda: asyncio.run(self._run(listener, started)),
                name="serving",
                daemon=True,
            )
            self._thread.start()
            started.result()
        except BaseException:
            listener.close()
            self.stop()
            raise
        return self._port

    def stop(self) -> None:
        """Stops accepting, finishes the requests in flight and unloads the models."""
        if self._thread is not None:
            self._request_stop()
            self._thread.join()
            self._thread, self._request_stop = None, lambda: None
        self._manager.close()

    def describe(self) -> list[str]:
        """Returns a line for each model: version, engine and URL."""
        return [
            f"Serving {servable.name} version {servable.version} "
            f"({servable.engine.name}) at {self.url}/v1/models/{servable.name}"
            for servable in self._manager.current()
        ]

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _load_models(self) -> None:
        self._manager.refresh()
        if not self._manager.current():
            raise ServingError(
                f"No model under {self._repository.base_path} could be loaded. "
                + " ".join(self._manager.failures())
            )

    async def _run(self, listener: socket.socket, started: Future[None]) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        scheduler = Scheduler(loop)
        options = ServerOptions(
            host=self._host, max_request_bytes=self._max_request_bytes
        )
        http = HttpServer({"/v1/": RestApi(self._manager, scheduler)}, options)
        try:
            await http.start(listener)
        except OSError as error:
            started.set_exception(port_error(self._host, self._port, error))
            return
        self._request_stop = lambda: loop.call_soon_threadsafe(stop.set)
        started.set_result(None)
        polling = asyncio.create_task(self._poll())
        await stop.wait()
        polling.cancel()
        await http.stop(options.drain_seconds)
        scheduler.close()

    async def _poll(self) -> None:
        reported = ""
        while self._poll_seconds > 0:
            await asyncio.sleep(self._poll_seconds)
            try:
                await asyncio.to_thread(self._manager.refresh)
                reported = ""
            except OSError as error:
                if str(error) != reported:
                    reported = str(error)
                    logger.warning("Still serving what is loaded: %s", reported)


@contextlib.contextmanager
def _stop_signals() -> Iterator[queue.SimpleQueue]:
    """Yields a queue that gets an item at SIGTERM or SIGINT.

    A SimpleQueue, because its `put` may interrupt its `get`; the lock of an
    Event would not survive that. Outside the main thread Python takes no
    handlers, and nothing is ever put.
    """
    signals: queue.SimpleQueue = queue.SimpleQueue()
    previous = {}

    def on_signal(number: int, frame: object) -> None:
        signals.put(number)
        signal.signal(signal.SIGINT, previous[signal.SIGINT])

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            previous[number] = signal.getsignal(number) or signal.SIG_DFL
        for number in previous:
            signal.signal(number, on_signal)
    try:
        yield signals
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
