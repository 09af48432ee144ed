"""Open Inference Protocol v2 over HTTP."""

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from serving.errors import Code, StatusError, invalid_argument
from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Inference, Outputs, Scheduler
from serving.models.servable import Servable
from serving.protocol.documents import State, error_document
from serving.protocol.model_spec import ModelSpec
from serving.protocol.open_inference.documents import (
    index_rows,
    model_document,
    server_document,
)
from serving.protocol.open_inference.infer_request import (
    decode_infer_request,
    parse_object,
)
from serving.protocol.open_inference.infer_response import encode_infer_response
from serving.protocol.open_inference.raw_request import decode_raw_request
from serving.protocol.open_inference.requests import InferRequest
from serving.protocol.open_inference.routes import Route, parse_route
from serving.protocol.signature_def import SignatureDef
from serving.transport.body_pool import BodyPool
from serving.transport.call import Call
from serving.transport.http_errors import INTERNAL_MESSAGE, error_response
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond
from serving.transport.readiness import Readiness

logger = logging.getLogger(__name__)

LARGE_JSON = 2**18  # bytes that the event loop does not parse
LARGE_VALUES = 100_000  # that it does not format
INFER = "ModelInfer"  # as metrics call it
HEADER_LENGTH = "Inference-Header-Content-Length"
_HEADER_LENGTH = HEADER_LENGTH.lower()
_DIGITS = 18


class OpenInferenceApi:
    """Answers what is below `/v2`.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
        bodies: Reads and writes large bodies.
        request_log: Takes samples of the requests.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        readiness: Readiness,
        bodies: BodyPool,
        request_log: RequestLog,
    ) -> None:
        self.manager = manager
        self.scheduler = scheduler
        self.bodies = bodies
        self.request_log = request_log
        self._readiness = readiness
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        route = parse_route(request.path)
        request.route = route.template
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
        call = request.call = Call(request.started)
        call.ask(INFER, spec.name)
        json_size = _json_size(request)
        inference = _Inference(self, self.manager.acquire(spec), request, call, respond)
        if (len(request.body) if json_size is None else json_size) > LARGE_JSON:
            self.run_aside(inference.decode_aside(json_size))
        else:
            inference.decode(json_size)

    def run_aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs what waits for another process."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _document(self, route: Route, request: HttpRequest) -> bytes:
        if route.method == "server":
            from zoo.version import __version__  # which takes long to find

            return server_document(__version__)
        if route.method == "live":
            return b'{"live":true}'
        if route.method == "index":
            return self._index(request)
        assert route.spec is not None
        with self.manager.use(route.spec) as servable:
            if route.method == "model_ready":
                return orjson.dumps({"name": servable.name, "ready": True})
            wanted = parse_qs(request.query).get("signature_name", [None])
            return model_document(
                servable.name,
                available_versions(self.manager, servable.name),
                servable.engine.name,
                servable.engine.signatures,
                wanted[-1],
            )

    def _index(self, request: HttpRequest) -> bytes:
        document = parse_object(request.body) if request.body else {}
        ready = document.get("ready", False)
        if type(ready) is not bool:
            raise invalid_argument("'ready' must be true or false.")
        return orjson.dumps(index_rows(statuses(self.manager), ready))


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


class _Inference:
    """An inference, from its body to its answer."""

    __slots__ = ("_api", "_call", "_infer", "_request", "_respond", "_servable")

    def __init__(
        self,
        api: OpenInferenceApi,
        servable: Servable,
        request: HttpRequest,
        call: Call,
        respond: Respond,
    ) -> None:
        self._api = api
        self._call = call
        call.version = servable.version
        self._servable = servable
        self._request = request
        self._respond = respond

    def decode(self, json_size: int | None) -> None:
        """Reads the body and submits the inference."""
        try:
            body, signatures = self._request.body, self._signatures
            if json_size == 0:
                self._submit(decode_raw_request(body, signatures))
            else:
                self._submit(decode_infer_request(body, json_size, signatures))
        except Exception as error:
            self._fail(error)

    async def decode_aside(self, json_size: int | None) -> None:
        """Reads a large body in another process."""
        arguments = (self._request.body, json_size, dict(self._signatures))
        try:
            self._submit(await self._run(decode_infer_request, *arguments))
        except Exception as error:
            self._fail(error)

    @property
    def _signatures(self) -> Mapping[str, SignatureDef]:
        return self._servable.engine.signatures

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await self._api.bodies.run(function, *arguments, request=self._request)

    def _submit(self, infer: InferRequest) -> None:
        self._infer = infer
        self._call.end_stage()
        self._request.work = inference = Inference(
            self._servable,
            infer.signature_name,
            infer.inputs,
            self._done,
            self._request.deadline,
        )
        self._api.scheduler.submit(inference)

    def _done(self, outputs: Outputs | None, error: StatusError | None) -> None:
        self._call.end_stage()
        if error is not None or outputs is None:
            self._fail(error or StatusError(Code.INTERNAL, INTERNAL_MESSAGE))
            return
        servable, infer = self._servable, self._infer
        self._api.request_log.log(servable, infer.signature_name, infer.inputs, outputs)
        try:
            values = sum(array.size for array in outputs.values())
            if values > LARGE_VALUES and not self._infer.binary:
                self._api.run_aside(self._encode_aside(outputs))
            else:
                servable = self._servable
                self._succeed(
                    *encode_infer_response(
                        servable.name, servable.version, self._infer, outputs
                    )
                )
        except Exception as raised:
            self._fail(raised)

    async def _encode_aside(self, outputs: Outputs) -> None:
        infer = dataclasses.replace(self._infer, inputs={})
        servable = self._servable
        arguments = (servable.name, servable.version, infer, outputs)
        try:
            self._succeed(*await self._run(encode_infer_response, *arguments))
        except Exception as error:
            self._fail(error)

    def _succeed(self, body: bytes, json_size: int | None) -> None:
        self._api.manager.release(self._servable)
        if json_size is None:
            self._respond(HttpResponse(200, body))
            return
        headers = ((HEADER_LENGTH, str(json_size)),)
        self._respond(HttpResponse(200, body, "application/octet-stream", headers))

    def _fail(self, error: Exception) -> None:
        self._api.manager.release(self._servable)
        if not isinstance(error, StatusError):
            logger.error("%s failed", self._servable.name, exc_info=error)
            error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
        self._respond(error_response(error))


def _json_size(request: HttpRequest) -> int | None:
    text = request.headers.get(_HEADER_LENGTH)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise invalid_argument(
            f"{HEADER_LENGTH} must be a number of bytes; received {text[:60]!r}.",
        )
    return int(text)
