"""Errors as responses of HTTP."""

from serving.errors import Code, StatusError
from serving.protocol.documents import error_document
from serving.transport.http_messages import HttpResponse

INTERNAL_MESSAGE = "Internal error. The server's log says more."


def error_response(error: StatusError) -> HttpResponse:
    """Returns the response that carries an error, in one line."""
    body = error_document(" ".join(str(error).split()))
    return HttpResponse(error.http_status, body, code=error.code)


def internal_error() -> StatusError:
    """Returns the answer to a client after an error that the log explains."""
    return StatusError(Code.INTERNAL, INTERNAL_MESSAGE)


def overloaded() -> StatusError:
    """Returns the error of a request for which there is no room now."""
    return StatusError(
        Code.UNAVAILABLE, "The server holds too many request bodies. Try again later."
    )
