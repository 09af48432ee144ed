"""A process that is forked for each new worker, with its libraries imported.

It runs nothing else and has no threads, so that its copies are sound; a worker that
died is replaced in milliseconds, also where TensorFlow takes seconds to import.

The supervisor sends the slot of a worker with one end of its channel, and receives
`started PID` and `died PID STATUS` (as of `os.waitpid`).
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence

_LARGEST = 4096

RunWorker = Callable[[int, socket.socket], None]


def tensorflow_runs() -> bool:
    """Returns whether TensorFlow runs in this process: its threads are not forked."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return False
    threading = tensorflow.config.threading
    threads = threading.get_intra_op_parallelism_threads()
    try:
        threading.set_intra_op_parallelism_threads(threads + 1)
    except RuntimeError:  # It can only be changed before.
        return True
    threading.set_intra_op_parallelism_threads(threads)
    return False


def start_zygote(
    run_worker: RunWorker, modules: Sequence[str]
) -> tuple[int, socket.socket]:
    """Forks the process; returns its id and the connection to it.

    Args:
        run_worker: What a worker does, given its slot and its end of the channel.
        modules: What is imported before the first worker is forked.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process:
        theirs.close()
        return process, ours
    code = 1
    try:
        gc.freeze()  # Objects of the caller may wait for threads that are not here.
        ours.close()
        _serve(theirs, run_worker, modules)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # Nothing of the caller's may run in this copy of it.


def _serve(
    connection: socket.socket, run_worker: RunWorker, modules: Sequence[str]
) -> None:
    # The terminal sends Ctrl-C to all; the supervisor decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # What modules define stays: to search it for garbage takes a tenth of the start. It
    # is never collected, so its pages stay shared.
    gc.disable()
    for module in modules:
        importlib.import_module(module)
    gc.freeze()
    gc.enable()
    wakeup, on_signal = os.pipe()
    os.set_blocking(on_signal, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(on_signal)
    while True:
        ready, _, _ = select.select([connection, wakeup], [], [])
        if wakeup in ready:
            os.read(wakeup, _LARGEST)
            for process, status in _ended():
                connection.send(f"died {process} {status}".encode())
        if connection not in ready:
            continue
        try:
            message, descriptors, _, _ = socket.recv_fds(connection, _LARGEST, 1)
        except ConnectionResetError:  # It has ended without reading who died.
            return
        if not message:
            return
        channel = socket.socket(fileno=descriptors[0])
        process = os.fork()
        if not process:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            connection.close()
            run_worker(int(message), channel)
            return
        channel.close()
        connection.send(f"started {process}".encode())


def _ended() -> list[tuple[int, int]]:
    ended = []
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not process:
            return ended
        ended.append((process, status))
