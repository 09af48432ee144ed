"""How many connections the limit of open files leaves room for."""

import sys

RESERVED = 48  # descriptors of a worker for other things than connections


def raise_limit(max_connections: int) -> None:
    """Raises the limit of this process, as far as it may, to hold all connections.

    Args:
        max_connections: Of HTTP, and as many of gRPC.
    """
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * max_connections + RESERVED
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connection_limit(max_connections: int) -> int:
    """Returns how many connections of one transport, HTTP or gRPC, there may be.

    Args:
        max_connections: What is asked for; the limit of open files may allow less.
    """
    if sys.platform == "win32":
        return max_connections
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return max_connections
    return min(max_connections, max((soft - RESERVED) // 2, 1))
