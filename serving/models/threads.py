"""Threads that never keep the process from ending."""

import queue
import threading
from collections.abc import Callable


class DaemonThreads:
    """Runs tasks in daemon threads, as many as there are tasks at a time.

    `concurrent.futures` waits for its threads when the process ends, and with them for
    an inference whose client is gone. `start` and `finish` are called in one thread.
    """

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = 0
        self._busy = 0

    def start(self, task: Callable[[], None]) -> None:
        """Runs a task; `finish` has to be called once it has ended."""
        self._busy += 1
        if self._busy > self._threads:
            self._threads += 1
            name = f"predict-{self._threads}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
        self._tasks.put(task)

    def finish(self) -> None:
        """Notes that a task has ended."""
        self._busy -= 1

    def close(self) -> None:
        """Ends the threads; no task may be running or started afterwards."""
        for _ in range(self._threads):
            self._tasks.put(None)
        self._threads = 0

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
