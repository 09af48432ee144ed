"""Liveness and readiness for probes."""

import orjson

from serving.errors import Code, StatusError
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond
from serving.transport.open_inference_rest import method_not_allowed
from serving.transport.readiness import Readiness

PATHS = ("/healthz", "/readyz")


class HealthApi:
    """Answers `/healthz`, always, and `/readyz`, with 503 while a model does not.

    Args:
        readiness: Says which models answer.
    """

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        if request.path not in PATHS:
            raise StatusError(Code.NOT_FOUND, f"Not found: {request.path}.")
        request.route = request.path
        if request.method != "GET":
            respond(method_not_allowed(request, "GET"))
        elif request.path == "/healthz":
            respond(HttpResponse(200, b'{"status":"ok"}'))
        else:
            self._readiness.check(lambda reasons: respond(_response(reasons)))


def _response(reasons: list[str]) -> HttpResponse:
    if not reasons:
        return HttpResponse(200, b'{"status":"ok"}')
    document = {"status": "not ready", "error": " ".join(reasons), "reasons": reasons}
    return HttpResponse(503, orjson.dumps(document))
