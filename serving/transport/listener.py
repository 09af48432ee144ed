"""Ports of a server: reserved once, then listened on by each of its workers."""

import dataclasses
import errno
import socket
import struct
import sys

from serving.errors import ServingError
from serving.options import ServerOptions

BACKLOG = 1024
# SO_ATTACH_FILTER and its struct sock_fprog are Linux', and Python does not name them.
_SO_ATTACH_FILTER = 26
# Refuses segments that open a connection (SYN without ACK) and takes all others.
_NO_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),  # load the flags of the TCP header
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # is it SYN alone?
    (0x06, 0, 0, 0),  # yes: drop
    (0x06, 0, 0, 0xFFFFFFFF),  # no: take
)


class Port:
    """A port that nobody else can take until it is closed.

    Several sockets of this server may listen on it, and the kernel spreads the
    connections over them (`SO_REUSEPORT`).

    Args:
        host: Address to listen on.
        number: The port; 0 takes a free one.
        flag: What the command line calls it.

    Raises:
        ServingError: When the address is taken, also by a server that would share it,
            or is not one of this machine.
    """

    def __init__(self, host: str, number: int, flag: str) -> None:
        if not 0 <= number <= 65535:
            raise ServingError(f"Port {number} is outside 0..65535. Use {flag}.")
        self.host, self.number, self._flag = host, number, flag
        try:
            self._family, _, _, _, self._address = socket.getaddrinfo(
                host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._take_it_alone()
            self._lock = self._locked()
            self._holder = self._bound()
        except OSError as error:
            raise self._error(error) from None

    @property
    def authority(self) -> str:
        """Host and port as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.number}"

    def listen(self) -> socket.socket:
        """Returns one more socket that listens on it.

        Raises:
            ServingError: When another program has taken it all the same.
        """
        try:
            listener = self._bound()
            listener.listen(BACKLOG)
        except OSError as error:
            raise self._error(error) from None
        listener.setblocking(False)
        return listener

    def close(self) -> None:
        """Lets others have it."""
        self._holder.close()
        self._lock.close()

    def _take_it_alone(self) -> None:
        """Fails where another socket listens, and learns the number of a free port."""
        with socket.socket(self._family, socket.SOCK_STREAM) as probe:
            # Else a restarted server would wait for the connections of the last one.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(self._address)
            probe.listen()
            self.number = probe.getsockname()[1]
        self._address = (self._address[0], self.number, *self._address[2:])

    def _locked(self) -> socket.socket:
        """Keeps out a second server while neither listens yet: the kernel would not."""
        lock = socket.socket(socket.AF_UNIX)
        if sys.platform == "linux":
            try:
                lock.bind(f"\0keras-serving-zoo {self._address}")
            except OSError:
                lock.close()
                raise
        return lock

    def _bound(self) -> socket.socket:
        bound = socket.socket(self._family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind(self._address)
        except OSError:
            bound.close()
            raise
        return bound

    def _error(self, error: OSError) -> ServingError:
        if error.errno == errno.EADDRINUSE:
            return ServingError(
                f"Port {self.number} at {self.host} is already in use. Stop the other "
                f"program, or choose another port with {self._flag} (0 takes a free "
                "one)."
            )
        return ServingError(
            f"Cannot listen at {self.host} port {self.number}: {error.strerror}. "
            f"Choose another --host or {self._flag}."
        )


@dataclasses.dataclass(frozen=True)
class Ports:
    """The ports of a server."""

    rest: Port
    grpc: Port

    @classmethod
    def of(cls, options: ServerOptions) -> "Ports":
        """Takes the ports that the options name.

        Raises:
            ServingError: When one of them is taken, or outside of what there is.
        """
        rest = Port(options.host, options.rest_api_port, "--rest_api_port")
        try:
            return cls(rest, Port(options.host, options.port, "--port"))
        except ServingError:
            rest.close()
            raise

    def close(self) -> None:
        """Lets others have them."""
        self.rest.close()
        self.grpc.close()


def refuse_new_connections(listener: socket.socket) -> None:
    """Makes a listening socket ignore new connections and keep those that it has.

    A socket that is closed resets the connections that the kernel has opened and the
    program has not accepted. After this call there are soon no such ones.
    """
    if sys.platform != "linux":
        return
    code = b"".join(struct.pack("HBBI", *each) for each in _NO_NEW_CONNECTIONS)
    import ctypes

    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(_NO_NEW_CONNECTIONS), ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
