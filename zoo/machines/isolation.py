"""A network that only the workers of one launch are in: a namespace of Linux.

`python -m zoo.machines.isolation` holds one until its standard input ends, and with the
process id of a holder runs `zoo` in its network.
"""

import contextlib
import ctypes
import fcntl
import os
import runpy
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # flags of clone(2)
_SET_FLAGS, _UP = 0x8914, 1  # of netdevice(7)
_READY = "ready"


class IsolationError(Exception):
    """The system offers no network namespace."""


@contextlib.contextmanager
def isolated_network() -> Iterator[int]:
    """Holds a network that has nothing but a loopback interface.

    Yields:
        The process id of its holder, for `command`.

    Raises:
        IsolationError: If the system does not allow it.
    """
    with subprocess.Popen(
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C must not end it before the workers
    ) as holder:
        said = holder.stdout.readline().strip() if holder.stdout else ""
        if said != _READY:
            raise IsolationError(said or "it ended")
        try:
            yield holder.pid
        finally:
            holder.kill()


def command(holder: int) -> list[str]:
    """The beginning of a command line that runs `zoo` in the network of a holder."""
    return [sys.executable, "-P", "-m", __name__, str(holder)]


def is_reachable() -> bool:
    """Whether this process has a network interface that others may reach.

    False where nobody can say.
    """
    names = [name for _, name in socket.if_nameindex()]
    return any(not name.startswith("lo") for name in names)


def _hold() -> None:
    try:
        _make()
    except OSError as error:
        print(f"{error.strerror}", flush=True)
        return
    print(_READY, flush=True)
    sys.stdin.read()


def _make() -> None:
    """Enters a new network as oneself, and switches on its loopback interface."""
    if sys.platform != "linux":
        raise OSError(0, f"{sys.platform} has no network namespaces")
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER | _NEW_NET)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path("/proc/self", name).write_text(text)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def _enter(holder: int) -> None:
    for name in ("user", "net"):
        with Path(f"/proc/{holder}/ns/{name}").open() as file:
            _call("setns", file.fileno(), 0)


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        _hold()
    else:
        _enter(int(sys.argv.pop(1)))
        runpy.run_module("zoo", run_name="__main__", alter_sys=True)
