"""Starts workers, replaces those that die, and stops them."""

import asyncio
import collections
import contextlib
import functools
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from serving.errors import ServingError, StatusError
from serving.models.control_plane import ControlPlane, Key, WorkerGone
from serving.models.shared_state import BEAT_SECONDS, REFUSED_SECONDS, SharedState
from serving.options import ServerOptions
from serving.transport.channel import Channel, ChannelClosed
from serving.transport.zygote import start_zygote

logger = logging.getLogger(__name__)

_QUICK = 10.0  # seconds; who dies earlier waits before it is replaced
_LONGEST_WAIT = 30.0
_TRIES_AT_THE_START = 3
_STATUS_SECONDS = 1.0
_CLOSE_SECONDS = 2.0  # that logs and traces may take to be written behind the requests
_END_SECONDS = 1.0  # that killed workers may take to be gone
_FAULTS = {
    *(signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
}


class WorkerHandle:
    """A worker as its supervisor sees it; see `serving.models.control_plane.Worker`.

    Args:
        slot: Which of the workers it is.
        handlers: Answer the worker's requests, given the handle and the payload.
    """

    def __init__(
        self,
        slot: int,
        handlers: Mapping[str, Callable[["WorkerHandle", Any], Awaitable[Any]]],
    ) -> None:
        self.slot = slot
        self.process = 0
        self.beats = 0  # when they were last looked at
        self.silent_seconds = 0.0
        self.is_hung = False
        self.listens = False
        self.loaded: set[Key] = set()
        self.gone = asyncio.Event()
        self.cause: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.channel = Channel(
            {
                kind: functools.partial(handler, self)
                for kind, handler in handlers.items()
            },
            self.gone.set,
        )

    async def request(self, kind: str, payload: Any = None) -> Any:
        """Returns the worker's answer.

        Raises:
            StatusError: As raised there.
            WorkerGone: When it has died.
        """
        try:
            return await self.channel.request(kind, payload)
        except ChannelClosed:
            raise WorkerGone(f"A worker {await self.died_of()}") from None

    async def died_of(self) -> str:
        """Returns how it has ended; it is known a moment after its channel closes."""
        with contextlib.suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self.cause), _STATUS_SECONDS)
        return "has ended"


class Supervisor:
    """The processes of a server.

    Args:
        options: Of the server.
        run_worker: What a worker does in its process, given what all of them share,
            its slot and its end of the channel.
        modules: What the processes import before workers are forked from them.
    """

    def __init__(
        self,
        options: ServerOptions,
        run_worker: Callable[[SharedState, int, socket.socket], None],
        modules: Sequence[str],
    ) -> None:
        self._options = options
        self._count = options.worker_count
        self._shared = SharedState(self._count)
        self._run_worker = functools.partial(run_worker, self._shared)
        self._workers: set[WorkerHandle] = set()
        self._starting: collections.deque[WorkerHandle] = collections.deque()
        self._by_process: dict[int, WorkerHandle] = {}
        self._modules = modules
        # Before any event loop and thread, so that the copy has neither.
        self._zygote, self._connection = start_zygote(self._run_worker, modules)

    async def run(self, plane: ControlPlane, on_started: Callable[[], object]) -> None:
        """Serves until SIGTERM, SIGHUP or SIGINT; a second SIGINT ends it at once.

        Args:
            plane: Decides what the workers load.
            on_started: Called once requests are answered.

        Raises:
            ServingError: When nothing can be served.
            KeyboardInterrupt: At the second SIGINT.
        """
        self._plane = plane
        self._loaded, self._started = asyncio.Event(), asyncio.Event()
        signals: asyncio.Queue[int] = asyncio.Queue()
        tasks = [asyncio.create_task(self._keep(slot)) for slot in range(self._count)]
        tasks.append(asyncio.create_task(self._serve(on_started)))
        tasks.append(asyncio.create_task(self._watch()))
        stop = asyncio.create_task(signals.get())
        with self._listening_to_the_zygote(), _stop_signals(signals):
            try:
                ended, _ = await asyncio.wait(
                    [stop, *tasks], return_when=asyncio.FIRST_COMPLETED
                )
                for task in ended - {stop}:
                    task.result()
                for task in tasks:
                    task.cancel()
                await self._drain(signals)
            finally:
                for task in [stop, *tasks]:
                    task.cancel()
                await asyncio.gather(stop, *tasks, return_exceptions=True)
                self._kill()

    async def _serve(self, on_started: Callable[[], object]) -> None:
        await self._plane.wait_for(self._count)
        await self._plane.start()
        self._loaded.set()
        await self._started.wait()
        on_started()
        await self._plane.poll()

    async def _keep(self, slot: int) -> None:
        """Runs one worker after another."""
        quick_deaths = 0
        while True:
            began = time.monotonic()
            worker = await self._spawn(slot)
            try:
                await self._plane.admit(worker)
                await self._loaded.wait()
                worker.listens = True  # REST does before the answer
                await worker.request("listen")
                self._started.set()
                await worker.gone.wait()
            except WorkerGone:
                pass
            except StatusError as error:
                if not self._started.is_set():
                    raise ServingError(str(error)) from None
                logger.error("Worker %d cannot take part: %s", slot, error)
                worker.channel.close()
            self._workers.discard(worker)
            self._plane.dismiss(worker)
            how = await worker.died_of()
            self._forget(worker)
            quick_deaths = quick_deaths + 1 if time.monotonic() - began < _QUICK else 0
            if quick_deaths >= _TRIES_AT_THE_START and not self._started.is_set():
                raise ServingError(f"No worker starts; the last one {how}.")
            wait = min(_LONGEST_WAIT, 0.1 * 2**quick_deaths) if quick_deaths > 1 else 0
            logger.error(
                "Worker %d (process %d) %s, which closed its connections; %s.",
                slot,
                worker.process,
                how,
                f"a new one starts in {wait:.1f} s" if wait else "a new one starts",
            )
            await asyncio.sleep(wait)

    async def _spawn(self, slot: int) -> WorkerHandle:
        worker = WorkerHandle(slot, self._plane.handlers())
        ours, theirs = socket.socketpair()
        # Where the zygote has just ended, this worker has, too.
        with theirs, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._connection, [str(slot).encode()], [theirs.fileno()])
        self._starting.append(worker)
        await worker.channel.open(ours)
        self._workers.add(worker)
        return worker

    async def _watch(self) -> None:
        """Kills workers that show no sign of life, and forgets old refusals."""
        # It counts its own seconds: where all processes were stopped for a while, as by
        # Ctrl-Z, no worker is late.
        seconds, patience = 2 * BEAT_SECONDS, self._options.worker_timeout_seconds
        while True:
            await asyncio.sleep(seconds)
            self._shared.expire()
            for worker in self._by_process.values():
                beats = self._shared.beats(worker.slot)
                is_silent = beats == worker.beats
                worker.beats = beats
                worker.silent_seconds = is_silent * (worker.silent_seconds + seconds)
                if worker.silent_seconds > patience > 0 and not worker.is_hung:
                    worker.is_hung = True
                    logger.error(
                        "Worker %d (process %d) has shown no sign of life for %g s and "
                        "is killed.",
                        worker.slot,
                        worker.process,
                        patience,
                    )
                    os.kill(worker.process, signal.SIGKILL)

    async def _drain(self, signals: asyncio.Queue[int]) -> None:
        """Lets the requests in flight end, in `drain_seconds`, and what logs them."""
        finished = asyncio.gather(
            *(worker.request("drain") for worker in self._workers if worker.listens),
            return_exceptions=True,
        )
        interrupted = asyncio.create_task(_interrupted(signals))
        done, _ = await asyncio.wait(
            [finished, interrupted],
            timeout=self._options.drain_seconds + _CLOSE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        interrupted.cancel()
        if interrupted in done:
            raise KeyboardInterrupt
        are_complete: list[Any] = [False]
        if finished in done:
            are_complete = finished.result()
        else:
            finished.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await finished
        if False in are_complete:
            logger.warning(
                "Requests were still running after %g s and are cut off.",
                self._options.drain_seconds,
            )

    def _kill(self) -> None:
        for worker in self._workers:
            worker.channel.close()
            if worker.process:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.process, signal.SIGKILL)
        self._wait_for_workers()
        self._connection.close()
        os.kill(self._zygote, signal.SIGKILL)  # It may be importing a library.
        os.waitpid(self._zygote, 0)

    def _wait_for_workers(self) -> None:
        """Lets the zygote collect its children, so that none outlives this process."""
        self._connection.settimeout(_END_SECONDS)
        with contextlib.suppress(OSError):
            while self._by_process and (message := self._connection.recv(4096)):
                verb, process, *_ = message.decode().split()
                if verb == "died":
                    self._by_process.pop(int(process), None)

    @contextlib.contextmanager
    def _listening_to_the_zygote(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        self._connection.setblocking(False)
        loop.add_reader(self._connection, self._on_zygote)
        try:
            yield
        finally:
            loop.remove_reader(self._connection)

    def _on_zygote(self) -> None:
        message = self._connection.recv(4096).decode()
        if not message:
            self._replace_zygote()
            return
        verb, process, *rest = message.split()
        if verb == "started":
            worker = self._starting.popleft()
            worker.process = int(process)
            self._by_process[worker.process] = worker
        else:
            ended = self._by_process.pop(int(process), None)
            if ended is not None:
                self._find_cause(ended, int(rest[0]))
                ended.cause.set_result(_how(int(rest[0])))

    def _forget(self, worker: WorkerHandle) -> None:
        """Forgets a worker of whose end nothing is said: the zygote ended before it."""
        if self._by_process.pop(worker.process, None) is not None:
            self._shared.forget(worker.slot)

    def _find_cause(self, worker: WorkerHandle, status: int) -> None:
        # A worker that others killed, or that ran out of memory, says nothing of what
        # it computed; one that was stopped, little.
        is_fault = os.WIFSIGNALED(status) and os.WTERMSIG(status) in _FAULTS
        if not (is_fault or worker.is_hung):
            self._shared.forget(worker.slot)
        elif count := self._shared.blame(worker.slot, is_certain=is_fault):
            logger.error(
                "Worker %d computed %d requests when it ended; what ends a worker "
                "alone, or was computed when two ended, is refused for %d s.",
                worker.slot,
                count,
                REFUSED_SECONDS,
            )

    def _replace_zygote(self) -> None:
        asyncio.get_running_loop().remove_reader(self._connection)
        self._connection.close()
        _, status = os.waitpid(self._zygote, 0)
        logger.error(
            "The process that starts workers %s; it is replaced.", _how(status)
        )
        self._starting.clear()
        self._zygote, self._connection = start_zygote(self._run_worker, self._modules)
        self._connection.setblocking(False)
        asyncio.get_running_loop().add_reader(self._connection, self._on_zygote)


def _how(status: int) -> str:
    """Says how a process has ended.

    Example:

    >>> _how(6), _how(256)
    ('died of SIGABRT', 'ended with exit code 1')
    """
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"died of {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


async def _interrupted(signals: asyncio.Queue[int]) -> None:
    while await signals.get() != signal.SIGINT:
        pass


@contextlib.contextmanager
def _stop_signals(signals: asyncio.Queue[int]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    ]
    previous = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, signals.put_nowait, number)
    try:
        yield
    finally:
        for number, handler in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
