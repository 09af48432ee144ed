"""Ends a connection of a gRPC client, which gRPC's library has no call for."""

import contextlib
import ipaddress
import os
import socket

from serving.transport.span_attributes import peer_address, split_address


def close_connection(peer: str) -> None:
    """Shuts the TCP connection of a client, with all of its calls.

    Clients at a Unix socket have no address, so none is found.

    Args:
        peer: As gRPC writes it, such as `ipv4:127.0.0.1:51234`.
    """
    host, port = split_address(peer_address(peer))
    if port is None:
        return
    import psutil  # Few clients are ever left, and it takes long to load.

    client = _plain(host), port
    for connection in psutil.Process().net_connections("tcp"):
        address = connection.raddr
        if not address or (_plain(address[0]), address[1]) != client:
            continue
        with (
            contextlib.suppress(OSError),  # It has ended meanwhile.
            socket.socket(fileno=os.dup(connection.fd)) as found,
        ):
            # Its descriptor may be another file's by now.
            if found.getpeername()[:2] == tuple(address):
                found.shutdown(socket.SHUT_RDWR)


def _plain(host: str) -> str:
    """An address without its zone, and that of IPv4 where IPv6 stands for it.

    >>> _plain("::ffff:127.0.0.1"), _plain("fe80::1%eth0")
    ('127.0.0.1', 'fe80::1')
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    return str(getattr(address, "ipv4_mapped", None) or address)
