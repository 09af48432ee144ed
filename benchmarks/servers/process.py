"""A server in processes of its own, from its start to the end of the last of them."""

import contextlib
import http.client
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

START_SECONDS = 120
STOP_SECONDS = 30
POLL_SECONDS = 0.005
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
READABLE = 800  # characters of the end of a log


class NotThereError(Exception):
    """A server that does not start, or does not answer what it is asked."""


def free_ports(count):
    """Returns ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Server:
    """Starts a command and waits for its first right answer; a context manager.

    A start compiles no source: Python keeps what it compiled, also where the
    environment says otherwise, and trials start each command before it is timed.

    Args:
        command: Makes the command of `http_port` and `grpc_port`.
        ready: Asks the server at an HTTP port; raises `OSError` or `ValueError` while
            it does not answer.

    Raises:
        NotThereError: It ended, or did not answer within 120 s.
    """

    def __init__(self, command, ready):
        self.http_port, self.grpc_port = free_ports(2)
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115, `stop` closes it
        self.command = command(self.http_port, self.grpc_port)
        start = time.perf_counter()
        self._process = psutil.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
            env={k: v for k, v in os.environ.items() if k != _NO_BYTECODE},
        )
        try:
            self._wait(ready, start)
        except BaseException:
            self.stop()
            raise
        self.seconds_to_first_answer = time.perf_counter() - start

    def _wait(self, ready, start):
        reason = "it does not listen"
        while time.perf_counter() - start < START_SECONDS:
            if self._process.poll() is not None:
                self._log.seek(0)
                raise NotThereError(f"it ended: {self._log.read()[-READABLE:].strip()}")
            try:
                ready(self.http_port)
            except (OSError, ValueError, http.client.HTTPException) as error:
                reason = str(error)
            else:
                return
            time.sleep(POLL_SECONDS)
        raise NotThereError(f"no right answer within {START_SECONDS} s: {reason}")

    def memory(self):
        """Returns PSS and RSS in MB of each process, the largest first."""
        found = []
        for process in self._processes():
            try:
                memory = process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            found.append({"pss_mb": memory.pss / 1e6, "rss_mb": memory.rss / 1e6})
        return sorted(found, key=lambda each: -each["pss_mb"])

    def stop(self):
        """Ends all processes with SIGTERM, and with SIGKILL after 30 s."""
        processes = [self._process, *self._processes() - {self._process}]
        if self._process.poll() is None:
            self._process.terminate()
        _, alive = psutil.wait_procs(processes, STOP_SECONDS)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive)
        self._log.close()

    def _processes(self):
        """Those of its session, and their descendants in sessions of their own."""
        found = set()
        for process in psutil.process_iter():
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(process.pid) == self._process.pid:
                    found |= {process, *process.children(recursive=True)}
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
