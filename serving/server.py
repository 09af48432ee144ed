"""A model server: models behind TensorFlow Serving's APIs."""

import asyncio
import functools
import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from serving.engines import find_engines
from serving.errors import ServingError, StatusError
from serving.models.config import Configuration
from serving.models.control_plane import ControlPlane
from serving.models.loading import first_engine
from serving.models.repository import find_versions
from serving.models.shared_state import SharedState
from serving.options import ServerOptions
from serving.transport.listener import Ports
from serving.transport.supervisor import Supervisor, WorkerHandle
from serving.transport.unix_socket import check_socket_path
from serving.transport.zygote import tensorflow_runs
from zoo.errors import ZooError
from zoo.keywords import takes_fields
from zoo.messages import printable

logger = logging.getLogger(__name__)

# The second reads warm-up requests, with protobuf.
_WORKERS_NEED = ("serving.transport.worker", "serving.protocol.predict_messages")


@takes_fields(ServerOptions)
def serve(model_base_path: str | os.PathLike | None = None, **options: Any) -> None:
    """Serves until SIGTERM or SIGINT, finishes the requests in flight, returns.

    This process becomes the supervisor of workers that are forked from it, so call it
    before you start threads or run TensorFlow. Prints a line for each model once it is
    served. A second SIGINT raises KeyboardInterrupt instead of waiting for requests.

    Args:
        model_base_path: As in `ServerOptions`.
        options: Its other fields.

    Raises:
        ServingError: When there is nothing to serve, a port is taken, or TensorFlow
            has run in this process, since its threads would be missing in workers.

    Example: `serve("models")` in one terminal, and in another
    `curl http://127.0.0.1:8501/v1/models/lenet5`.
    """
    given = ServerOptions(model_base_path, **options)
    configuration = _configuration(given)
    ports = Ports.of(given)
    try:
        libraries = _libraries(given, configuration)
        if tensorflow_runs():
            raise ServingError(
                "TensorFlow has run in this process, from which workers cannot be "
                "forked any more. Run `zoo serve`, or use `serving.Server` here."
            )
        work = functools.partial(_work, given, ports)
        supervisor = Supervisor(given, work, libraries)

        async def run() -> None:
            plane = ControlPlane(given, configuration)

            def on_started() -> None:
                print(*describe(plane, ports), sep="\n", flush=True)
                # In the words that scripts may wait for.
                logger.info("Running gRPC ModelServer at %s ...", ports.grpc.authority)
                logger.info("Exporting HTTP/REST API at:%s ...", ports.rest.authority)

            await supervisor.run(plane, on_started)

        asyncio.run(run())
    finally:
        ports.close()


class Server:
    """One worker in a thread of this process; a context manager starts and stops it.

    For tests and notebooks: a model that brings its process down takes this one along.

    Args:
        model_base_path: As in `ServerOptions`.
        options: Its other fields; `port` is a free one unless it is given.

    Example:

    >>> with Server("models", rest_api_port=0) as server:  # doctest: +SKIP
    ...     Client(server.url).predict("lenet5", {"image": image})
    """

    @takes_fields(ServerOptions)
    def __init__(
        self, model_base_path: str | os.PathLike | None = None, **options: Any
    ) -> None:
        options.setdefault("port", 0)
        self._options = ServerOptions(model_base_path, **options)
        _configuration(self._options)  # What is wrong with it is said at once.
        self._ports: Ports | None = None
        self._plane: ControlPlane | None = None
        self._thread: threading.Thread | None = None
        self._request_stop: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        """Address of REST for clients, known after `start`."""
        assert self._ports is not None
        return f"http://{self._ports.rest.authority}"

    @property
    def grpc_address(self) -> str:
        """Host and port of gRPC for clients, known after `start`."""
        assert self._ports is not None
        return self._ports.grpc.authority

    def start(self) -> int:
        """Loads the models, starts to answer and returns the port of REST.

        Raises:
            ServingError: When no model can be loaded or the port is taken.
        """
        ports = self._ports = Ports.of(self._options)
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(ports, started)),
            name="serving",
            daemon=True,
        )
        self._thread.start()
        try:
            started.result()
        except BaseException:
            self.stop()
            raise
        return ports.rest.number

    def stop(self) -> None:
        """Stops accepting, finishes the requests in flight and unloads the models."""
        if self._thread is not None:
            self._request_stop()
            self._thread.join()
            self._thread, self._request_stop = None, lambda: None

    def describe(self) -> list[str]:
        """Returns a line for each model: version, engine and URL."""
        assert self._plane is not None
        assert self._ports is not None
        return describe(self._plane, self._ports)

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    async def _run(self, ports: Ports, started: "Future[None]") -> None:
        from serving.transport.worker import Worker

        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        plane = self._plane = ControlPlane(self._options, Configuration(self._options))
        worker, handle = Worker(self._options, ports), WorkerHandle(0, plane.handlers())
        ours, theirs = socket.socketpair()
        await worker.open(theirs)
        await handle.channel.open(ours)
        try:
            await plane.admit(handle)
            await plane.start()
            await handle.request("listen")
        except Exception as error:
            if isinstance(error, StatusError):
                error = ServingError(str(error))
            started.set_exception(error)
        else:
            self._request_stop = lambda: loop.call_soon_threadsafe(stop.set)
            started.set_result(None)
            polling = asyncio.create_task(plane.poll())
            await stop.wait()
            polling.cancel()
            await handle.request("drain")
        worker.close()
        handle.channel.close()
        ports.close()


def describe(plane: ControlPlane, ports: Ports) -> list[str]:
    """Returns a line for each model that is served, and one with the addresses."""
    models = [
        f"Serving {_shown(name)} version {number} ({version.engine}) at "
        f"http://{ports.rest.authority}/v1/models/{_shown(name)}"
        for name, number, version in plane.available()
    ]
    return [
        *models,
        f"REST: http://{ports.rest.authority}; gRPC: {ports.grpc.authority}",
    ]


def _shown(name: str) -> str:
    return printable(name).replace("\n", "\\n")


def _work(
    options: ServerOptions,
    ports: Ports,
    shared: SharedState,
    slot: int,
    supervisor: socket.socket,
) -> None:
    # Not before: the supervisor itself needs nothing of what a worker imports.
    from serving.transport.worker import run_worker

    run_worker(options, ports, shared, slot, supervisor)


def _configuration(options: ServerOptions) -> Configuration:
    # What is wrong is an error now, and not one of each worker.
    find_engines(options.engine)
    if options.batching_parameters_file is not None:
        from serving.models.batching import read_batching_parameters

        read_batching_parameters(options)
    if options.grpc_socket_path is not None:
        check_socket_path(options.grpc_socket_path)
    if options.monitoring_config_file is not None:
        from serving.transport.monitoring import prometheus_path

        prometheus_path(options.monitoring_config_file)
    return Configuration(options)


def _libraries(options: ServerOptions, configuration: Configuration) -> list[str]:
    """Returns the modules that workers need, as far as it is known at the start."""
    found = set(_WORKERS_NEED)
    try:
        for model in configuration.models():
            for path in find_versions(model.base_path).values():
                found.add(first_engine(path, options).library)
    except (OSError, ZooError):
        pass  # What is wrong there is said when it is loaded.
    return sorted(found - {""})
