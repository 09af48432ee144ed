"""Requests of web pages from elsewhere, as TensorFlow Serving answers them."""

import re

from serving.errors import Code, StatusError
from serving.transport.http_messages import HttpRequest, HttpResponse

HEADERS = (
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: POST, GET\r\n"
    "Access-Control-Allow-Headers: Content-Type\r\n"
)


def preflight(request: HttpRequest) -> HttpResponse:
    """Answers what a browser asks before the request itself.

    Raises:
        StatusError: FAILED_PRECONDITION without an `Origin` of a page.
    """
    if not re.search("https?://", request.headers.get("origin", "")):
        raise StatusError(
            Code.FAILED_PRECONDITION, "Origin header is missing in CORS preflight"
        )
    return HttpResponse(200, b"")
