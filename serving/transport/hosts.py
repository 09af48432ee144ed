"""Which names a server on loopback may be called by.

A page from elsewhere can point its own name at 127.0.0.1 and then talk to the server as
if it came from there (DNS rebinding); its name in the `Host` header gives it away.
"""

import ipaddress
import socket

from serving.errors import Code, StatusError, invalid_argument
from serving.options import ServerOptions

_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}


class Hosts:
    """Checks the `Host` header where the server listens on loopback alone.

    Args:
        listener: The bound socket.
        options: `host`, which is allowed, and `allowed_hosts`.
    """

    def __init__(self, listener: socket.socket, options: ServerOptions) -> None:
        self._names = {name.lower() for name in options.allowed_hosts}
        self._names |= _LOOPBACK_NAMES | {options.host.lower()}
        self._checks = "*" not in self._names and _is_loopback(listener)
        self._seen: set[str] = set()

    def check(self, host: str | None, http_version: str) -> None:
        """Checks the header of a request.

        Raises:
            StatusError: When a request of HTTP/1.1 has none, or the name is not
                allowed.
        """
        if host in self._seen:
            return
        if host is None:
            if http_version == "1.1":
                raise invalid_argument("Malformed HTTP request: no Host header")
            return
        if self._checks and host_name(host) not in self._names:
            raise StatusError(
                Code.PERMISSION_DENIED,
                f"The server is not called {host[:80]!r}. "
                "Allow the name with --allowed_hosts.",
            )
        if len(self._seen) < 100:
            self._seen.add(host)


def host_name(host: str) -> str:
    """Returns the name or address in a `Host` header, without port and brackets.

    Example:

    >>> host_name("localhost:8501"), host_name("[::1]:8501"), host_name("Example.org")
    ('localhost', '::1', 'example.org')
    >>> host_name("localhost:80@example.org")
    'localhost:80@example.org'
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name, _, port = host.partition(":")
    return (name if port.isdigit() or not port else host).lower()


def _is_loopback(listener: socket.socket) -> bool:
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback
