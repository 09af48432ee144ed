"""Sockets that several workers listen on, and how they stop."""

import errno
import socket

import pytest

from serving.errors import ServingError
from serving.options import ServerOptions
from serving.transport.listener import Port, Ports, refuse_new_connections


@pytest.fixture
def port():
    port = Port("127.0.0.1", 0, "--rest_api_port")
    yield port
    port.close()


def test_a_draining_listener_keeps_what_has_connected(port):
    with (
        port.listen() as listener,
        socket.create_connection(("127.0.0.1", port.number), 10) as early,
        socket.socket() as late,
    ):
        early.sendall(b"hello")
        refuse_new_connections(listener)
        late.settimeout(0.3)
        with pytest.raises(TimeoutError):
            late.connect(("127.0.0.1", port.number))
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            assert connection.recv(100) == b"hello"
            connection.sendall(b"bye")
            assert early.recv(100) == b"bye"
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_connections_are_spread_over_the_listeners(port):
    with port.listen() as first, port.listen() as second:
        clients = [
            socket.create_connection(("127.0.0.1", port.number), 10) for _ in range(64)
        ]
        counts = []
        for listener in (first, second):
            accepted = []
            try:
                while True:
                    accepted.append(listener.accept()[0])
            except BlockingIOError:
                counts.append(len(accepted))
            for connection in accepted:
                connection.close()
        for client in clients:
            client.close()
    assert sum(counts) == 64
    assert min(counts) > 0


def test_a_server_that_would_share_the_port_is_found(port):
    """Also one that is not ours: SO_REUSEPORT alone would let both have it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ServingError, match="already in use"):
            Port("127.0.0.1", other.getsockname()[1], "--port")


def test_a_server_that_does_not_listen_yet_has_its_port(port):
    with pytest.raises(ServingError, match=f"Port {port.number} .*already in use"):
        Port("127.0.0.1", port.number, "--port")


def test_a_restarted_server_does_not_wait_for_old_connections(port):
    with port.listen() as listener:
        listener.setblocking(True)
        client = socket.create_connection(("127.0.0.1", port.number), 10)
        connection, _ = listener.accept()
        connection.close()  # the end that closes first keeps the port for a minute
        client.recv(1)
        client.close()
    port.close()
    with socket.socket() as plain, pytest.raises(OSError) as error:
        plain.bind(("127.0.0.1", port.number))
    assert error.value.errno == errno.EADDRINUSE
    Port("127.0.0.1", port.number, "--port").close()


def test_both_ports_are_let_go_where_one_is_taken(port):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    options = ServerOptions(rest_api_port=free, port=port.number)
    with pytest.raises(ServingError, match=f"Port {port.number} .*--port"):
        Ports.of(options)
    Port("127.0.0.1", free, "--rest_api_port").close()


def test_authority_of_an_ipv6_address():
    try:
        port = Port("::1", 0, "--port")
    except ServingError:
        pytest.skip("this machine has no IPv6")
    assert port.authority == f"[::1]:{port.number}"
    port.close()
