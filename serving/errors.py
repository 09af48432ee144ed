"""Errors of serving: for who runs a server or a client, and for who sent a request."""

import enum

from zoo.errors import ZooError


class ServingError(ZooError):
    """One clear line: what was wrong and what to do."""


class Code(enum.IntEnum):
    """Canonical status codes, numbered as in gRPC."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @property
    def http_status(self) -> int:
        """The HTTP status that TensorFlow Serving answers with.

        Example:

        >>> Code.NOT_FOUND.http_status, Code.UNAVAILABLE.http_status
        (404, 503)
        """
        return _HTTP_STATUS[self]


_HTTP_STATUS = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}


class StatusError(Exception):
    """A request that ends with a canonical code and a message for the client.

    Args:
        code: The canonical code.
        message: One line for the client.
        http_status: The HTTP status, where it is not that of the code.

    Example:

    >>> error = StatusError(Code.NOT_FOUND, "Servable not found for request: Latest(m)")
    >>> error.code.name, error.http_status, str(error)
    ('NOT_FOUND', 404, 'Servable not found for request: Latest(m)')
    """

    def __init__(
        self, code: Code, message: str, http_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = code.http_status if http_status is None else http_status


def invalid_argument(message: str) -> StatusError:
    """Returns the error of a request that the client has to change."""
    return StatusError(Code.INVALID_ARGUMENT, message)
