"""Errors of serving: for who runs a server or a client, and for who sent a request."""

import enum

from zoo.errors import ZooError


class ServingError(ZooError):
    """One clear line: what was wrong and what to do."""


class Code(enum.Enum):
    """Canonical status codes with the HTTP status that TensorFlow Serving maps them to.

    `PAYLOAD_TOO_LARGE` is ours: TensorFlow Serving sets no limit on a body.
    """

    INVALID_ARGUMENT = 400
    NOT_FOUND = 404
    PAYLOAD_TOO_LARGE = 413
    INTERNAL = 500
    UNIMPLEMENTED = 501


class StatusError(Exception):
    """A request that ends with a canonical code and a message for the client.

    Example:

    >>> error = StatusError(Code.NOT_FOUND, "Servable not found for request: Latest(m)")
    >>> error.code.value, str(error)
    (404, 'Servable not found for request: Latest(m)')
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid_argument(message: str) -> StatusError:
    """Returns the error of a request that the client has to change."""
    return StatusError(Code.INVALID_ARGUMENT, message)
