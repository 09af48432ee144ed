"""Open Inference Protocol v2 over HTTP."""

from urllib.parse import parse_qs

import numpy as np
import orjson

from serving.errors import StatusError, invalid_argument
from serving.models.manager import ModelManager
from serving.models.scheduler import Inference, Scheduler
from serving.models.servable import Servable
from serving.protocol.documents import State, error_document
from serving.protocol.model_spec import ModelSpec
from serving.protocol.open_inference.documents import (
    index_rows,
    model_document,
    server_document,
)
from serving.protocol.open_inference.infer_request import (
    InferRequest,
    decode_infer_request,
    parse_object,
)
from serving.protocol.open_inference.infer_response import encode_infer_response
from serving.protocol.open_inference.routes import Route, parse_route
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond
from serving.transport.readiness import Readiness
from zoo.version import __version__

HEADER_LENGTH = "Inference-Header-Content-Length"
_HEADER_LENGTH = HEADER_LENGTH.lower()
_DIGITS = 18


class OpenInferenceApi:
    """Answers what is below `/v2`.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
    """

    def __init__(
        self, manager: ModelManager, scheduler: Scheduler, readiness: Readiness
    ) -> None:
        self._manager = manager
        self._scheduler = scheduler
        self._readiness = readiness

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        route = parse_route(request.path)
        if request.method != route.verb:
            respond(method_not_allowed(request, route.verb))
        elif route.method == "infer":
            assert route.spec is not None
            self._infer(route.spec, request, respond)
        elif route.method == "ready":
            self._readiness.check(lambda reasons: respond(_ready_response(reasons)))
        else:
            respond(HttpResponse(200, self._document(route, request)))

    def _infer(self, spec: ModelSpec, request: HttpRequest, respond: Respond) -> None:
        json_size = _json_size(request)
        servable = self._manager.acquire(spec)
        try:
            infer = decode_infer_request(
                request.body, json_size, servable.engine.signatures
            )
        except BaseException:
            self._manager.release(servable)
            raise

        def done(
            outputs: dict[str, np.ndarray] | None, error: StatusError | None
        ) -> None:
            self._manager.release(servable)
            respond(_infer_response(servable, infer, outputs, error))

        self._scheduler.submit(
            Inference(
                servable, infer.signature_name, infer.inputs, done, request.deadline
            )
        )

    def _document(self, route: Route, request: HttpRequest) -> bytes:
        if route.method == "server":
            return server_document(__version__)
        if route.method == "live":
            return b'{"live":true}'
        if route.method == "index":
            return self._index(request)
        assert route.spec is not None
        with self._manager.use(route.spec) as servable:
            if route.method == "model_ready":
                return orjson.dumps({"name": servable.name, "ready": True})
            wanted = parse_qs(request.query).get("signature_name", [None])
            return model_document(
                servable.name,
                available_versions(self._manager, servable.name),
                servable.engine.name,
                servable.engine.signatures,
                wanted[-1],
            )

    def _index(self, request: HttpRequest) -> bytes:
        document = parse_object(request.body) if request.body else {}
        ready = document.get("ready", False)
        if type(ready) is not bool:
            raise invalid_argument("'ready' must be true or false.")
        return orjson.dumps(index_rows(statuses(self._manager), ready))


def available_versions(manager: ModelManager, name: str) -> list[int]:
    """Returns the versions of a model that may be asked for, in order."""
    rows = manager.status(name)
    return sorted(row.version for row in rows if row.state is State.AVAILABLE)


def statuses(manager: ModelManager) -> dict:
    """Returns the states of all versions, by model."""
    return {name: manager.status(name) for name in manager.names()}


def method_not_allowed(request: HttpRequest, verb: str) -> HttpResponse:
    """Returns the answer to a request with another HTTP method."""
    message = f"{request.path} answers {verb}; received {request.method}."
    return HttpResponse(405, error_document(message), headers=(("Allow", verb),))


def _ready_response(reasons: list[str]) -> HttpResponse:
    if not reasons:
        return HttpResponse(200, b'{"ready":true}')
    document = {"ready": False, "error": " ".join(reasons)}
    return HttpResponse(503, orjson.dumps(document))


def _infer_response(
    servable: Servable,
    infer: InferRequest,
    outputs: dict[str, np.ndarray] | None,
    error: StatusError | None,
) -> HttpResponse:
    try:
        if error is not None:
            raise error
        body, json_size = encode_infer_response(
            servable.name, servable.version, infer, outputs or {}
        )
    except StatusError as raised:
        return HttpResponse(raised.http_status, error_document(str(raised)))
    if json_size is None:
        return HttpResponse(200, body)
    headers = ((HEADER_LENGTH, str(json_size)),)
    return HttpResponse(200, body, "application/octet-stream", headers)


def _json_size(request: HttpRequest) -> int | None:
    text = request.headers.get(_HEADER_LENGTH)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise invalid_argument(
            f"{HEADER_LENGTH} must be a number of bytes; received {text[:60]!r}.",
        )
    return int(text)
