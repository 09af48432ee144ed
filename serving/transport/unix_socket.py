"""The Unix socket that gRPC listens at beside its port."""

import contextlib
import os
import socket
import stat
from pathlib import Path

from serving.errors import ServingError

_LONGEST = 107  # bytes, of Linux


def check_socket_path(path: Path) -> None:
    """Checks that a server may listen at a path.

    gRPC removes a socket that it finds there, also one at which another server listens,
    whose clients would not know what has happened.

    Raises:
        ServingError: When it is in use, is no socket, or cannot be made.
    """
    length = len(os.fsencode(path))
    if length > _LONGEST:
        raise _error(path, f"a path of a socket has {_LONGEST} bytes at most")
    if not path.parent.is_dir():
        raise _error(path, f"there is no folder {path.parent}")
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise _error(path, "it is there, and no socket")
        if _is_in_use(path):
            raise _error(path, "another server listens there")


def _is_in_use(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        try:
            client.connect(str(path))
        except BlockingIOError:  # Its server is busy.
            return True
        except OSError:  # It is left over from one that has ended.
            return False
    return True


def _error(path: Path, reason: str) -> ServingError:
    return ServingError(
        f"gRPC cannot listen at {path}: {reason}. Choose another --grpc-socket-path."
    )
