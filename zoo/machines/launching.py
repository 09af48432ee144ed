"""Several workers on this machine, to try distributed training."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from zoo import messages
from zoo.errors import ArgumentError
from zoo.machines import isolation

SAVE_SECONDS = 30.0  # that workers may take to save and end after Ctrl-C
END_SECONDS = 15.0  # for the others, when one has failed, to notice and end


def launch(
    arguments: list[str], workers: int, *, insecure_network: bool = False
) -> int:
    """Runs `zoo` with the same arguments in several processes that find each other.

    The server of TensorFlow, by which they exchange data, listens on all interfaces
    and asks nobody for credentials: who reaches it reads and writes files as its user.
    So the workers have a network of their own, which nobody else is in.

    Their output comes line by line, with `[worker 0] ` and so on before it. When one
    fails, the others are stopped; however this function ends, it leaves none.

    Args:
        arguments: A command line, such as `["train", "lenet5"]`.
        workers: Number of processes.
        insecure_network: Whether they use the network of this machine instead.

    Returns:
        0 if all succeed, else the exit code of the first that failed: 128 and its
        number for a signal.

    Raises:
        ArgumentError: If the system offers no network of their own.
    """
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(workers)]
    processes: list[subprocess.Popen[str]] = []
    with contextlib.ExitStack() as readers:
        program = [sys.executable, "-P", "-m", "zoo"]
        if not insecure_network:
            program = readers.enter_context(_isolated())
        try:
            for index in range(workers):
                process = _start([*program, *arguments], addresses, index)
                processes.append(process)
                for stream, to in (
                    (process.stdout, sys.stdout),
                    (process.stderr, sys.stderr),
                ):
                    reader = threading.Thread(target=_copy, args=(stream, to, index))
                    reader.start()
                    readers.callback(reader.join)
            code = _first_failure(processes)
        except KeyboardInterrupt:
            _stop(processes, SAVE_SECONDS)
            raise
        finally:
            _stop(processes, END_SECONDS)
    return code


@contextlib.contextmanager
def _isolated() -> Iterator[list[str]]:
    try:
        with isolation.isolated_network() as holder:
            yield isolation.command(holder)
    except isolation.IsolationError as error:
        raise ArgumentError(
            "TensorFlow lets whoever reaches a worker read and write files, and this "
            f"system offers the workers no network of their own ({error}); give "
            "--insecure-network if nobody else reaches the ports of this machine."
        ) from error


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        # All are held at the same time, so that no two are the same.
        sockets = [
            held.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(count)
        ]
        return [held.getsockname()[1] for held in sockets]


def _start(
    command: list[str], addresses: list[str], index: int
) -> subprocess.Popen[str]:
    config = {
        "cluster": {"worker": addresses},
        "task": {"type": "worker", "index": index},
    }
    return subprocess.Popen(
        command,
        env=os.environ | {"TF_CONFIG": json.dumps(config)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Ctrl-C would reach them twice, and the second time ends them unsaved.
        start_new_session=True,
    )


def _copy(stream: TextIO, to: TextIO, index: int) -> None:
    with stream:
        for line in stream:
            # In one piece: lines of several workers must not run into each other.
            to.write(f"[worker {index}] {line.rstrip()}\n")
            to.flush()


def _first_failure(processes: list[subprocess.Popen[str]]) -> int:
    """Waits until one fails or all have succeeded; returns the exit code."""
    while True:
        codes = [process.poll() for process in processes]
        for index, code in enumerate(codes):
            if code:
                how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
                messages.warn(f"Worker {index} ended {how}; stopping the others.")
                return 128 - code if code < 0 else code
        if None not in codes:
            return 0
        time.sleep(0.1)


def _stop(processes: list[subprocess.Popen[str]], seconds: float) -> None:
    """Asks those that still run to end, and kills them where they do not in time."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    try:
        for process in processes:
            process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        pass
    finally:  # also when Ctrl-C comes once more
        for process in processes:
            process.kill()
            process.wait()
