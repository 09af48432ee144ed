"""Other processes that read and write large bodies, so that the event loop stays free.

A process is started when the first body needs it, knows `serving.protocol` and nothing
of models or TensorFlow, and ends when its socket is closed.
"""

import asyncio
import logging
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from serving.errors import Code, StatusError
from serving.transport.frames import receive, send
from serving.transport.http_messages import HttpRequest

logger = logging.getLogger(__name__)

PROCESSES = 2
LARGE = 2**20  # bytes of a body that the event loop does not parse
MEDIUM = 2**16  # nor these, unless they are an array of numbers
LARGE_OUTPUT = 10_000  # values that the event loop does not format
_ROOT = Path(__file__).parents[2]


class BodyPool:
    """Runs functions of `serving.protocol` in other processes.

    Args:
        processes: How many run at the same time; further calls wait.
    """

    def __init__(self, processes: int = PROCESSES) -> None:
        self._threads = ThreadPoolExecutor(processes, "body-pool")
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()

    async def run(
        self,
        function: Callable[..., Any],
        *args: Any,
        deadline: float | None = None,
        request: HttpRequest | None = None,
    ) -> Any:
        """Returns what the function returns.

        Args:
            function: One that can be imported.
            args: What it takes; bytes and arrays are sent without a copy.
            deadline: Time of the event loop's clock after which nobody waits.
            request: That it is done for, which gives the deadline and may end the wait
                for a process.

        Raises:
            StatusError: What the function raises, DEADLINE_EXCEEDED, UNAVAILABLE when
                the process died, or CANCELLED.
        """
        if request is not None:
            deadline = request.deadline
        seconds = deadline and deadline - asyncio.get_running_loop().time()
        expires = None if seconds is None else time.monotonic() + seconds
        future = self._threads.submit(self._call, expires, function, args)
        if request is not None:
            request.work = future
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancelled() or request is None:
                raise
            raise StatusError(Code.CANCELLED, "Cancelled") from None

    def close(self) -> None:
        """Ends the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()

    def _call(
        self, expires: float | None, function: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        seconds = None if expires is None else expires - time.monotonic()
        if seconds is not None and seconds <= 0:
            raise StatusError(Code.DEADLINE_EXCEEDED, "The request waited too long")
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = _Process()
        try:
            error, result = process.call(function, args, seconds)
        except TimeoutError:
            process.close()
            raise StatusError(
                Code.DEADLINE_EXCEEDED, "The body took too long to read"
            ) from None
        except (OSError, EOFError):
            process.close()
            logger.error("A process that reads large bodies died; another one starts")
            raise StatusError(
                Code.UNAVAILABLE, "The process that read the body died. Try again."
            ) from None
        self._idle.put(process)
        if error is not None:
            raise StatusError(*error)
        return result


class _Process:
    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # Isolated from the working directory, which may hold a stranger's modules.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _python_path()},
            )
        self._socket = ours

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float | None
    ) -> tuple[tuple[Code, str, int] | None, Any]:
        self._socket.settimeout(seconds)
        send(self._socket, (function, *map(_beside, args)))
        error, result = receive(self._socket)
        return error, _bytes(result)

    def close(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()


def main(descriptor: int) -> None:
    """Answers calls until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The server says when it ends.
    with socket.socket(fileno=descriptor) as connection:
        while True:
            try:
                function, *args = receive(connection)
            except EOFError:
                return
            answer = _answer(function, [_bytes(value) for value in args])
            send(connection, answer)
            del args, answer  # Else they would stay until the next call.


def _answer(function: Callable[..., Any], args: list[Any]) -> Any:
    try:
        return None, _beside(function(*args))
    except StatusError as error:
        return (error.code, str(error), error.http_status), None
    except Exception as error:
        message = f"Internal error: {type(error).__name__} while the body was read"
        return (Code.INTERNAL, message, Code.INTERNAL.http_status), None


def _beside(value: Any) -> Any:
    """Lets long bytes travel behind the pickle."""
    is_long = type(value) is bytes and len(value) > MEDIUM
    return pickle.PickleBuffer(value) if is_long else value


def _bytes(value: Any) -> Any:
    return bytes(value) if type(value) is memoryview else value


def _python_path() -> str:
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_ROOT), inherited] if inherited else [str(_ROOT)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
