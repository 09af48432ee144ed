"""Binds the address that a server listens on."""

import errno
import socket

from serving.errors import ServingError


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket that is bound to the address and does not listen yet.

    Raises:
        ServingError: When the address is taken or is not one of this machine.
    """
    if not 0 <= port <= 65535:
        raise ServingError(f"Port {port} is outside 0..65535. Use --rest-api-port.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise port_error(host, port, error) from None
    listener = socket.socket(family, kind)
    # Else a restarted server would wait for the connections of the last one.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise port_error(host, port, error) from None
    return listener


def port_error(host: str, port: int, error: OSError) -> ServingError:
    """Returns the error of an address that cannot be bound."""
    if error.errno == errno.EADDRINUSE:
        return ServingError(
            f"Port {port} at {host} is already in use. Stop the other program, or "
            "choose another port with --rest-api-port (0 takes a free one)."
        )
    return ServingError(
        f"Cannot listen at {host} port {port}: {error.strerror}. "
        "Choose another --host or --rest-api-port."
    )
