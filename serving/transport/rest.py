"""TensorFlow Serving's REST API."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from serving.errors import Code, StatusError
from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Inference, Outputs, Scheduler
from serving.protocol.documents import metadata_document, status_document
from serving.protocol.predict import (
    PredictRequest,
    decode_array_request,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.routes import Route, parse_route
from serving.protocol.signature_def import SignatureDef
from serving.transport.body_pool import LARGE, LARGE_OUTPUT, MEDIUM, BodyPool
from serving.transport.call import Call
from serving.transport.http_errors import INTERNAL_MESSAGE, error_response
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond

if TYPE_CHECKING:
    from serving.protocol.example_requests import ExamplesRequest

logger = logging.getLogger(__name__)


class RestApi:
    """Answers requests about the models of a manager.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        bodies: Reads and writes large bodies.
        request_log: Takes samples of the requests.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        bodies: BodyPool,
        request_log: RequestLog,
    ) -> None:
        self.manager = manager
        self.scheduler = scheduler
        self.bodies = bodies
        self.request_log = request_log
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        route = parse_route(request.method, request.path)
        spec, request.route = route.spec, route.template
        if route.method == "status":
            versions = self.manager.status(spec.name, spec.version, spec.label)
            respond(HttpResponse(200, status_document(versions)))
        elif route.method == "metadata":
            with self.manager.use(spec) as servable:
                body = metadata_document(
                    servable.name, servable.version, servable.engine.signatures
                )
            respond(HttpResponse(200, body))
        else:
            _Inference(self, route, request, respond).start()

    def run_aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs what waits for another process."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Inference:
    """A request for an inference, from its body to its answer."""

    __slots__ = (
        "_api",
        "_call",
        "_decoded",
        "_method",
        "_request",
        "_respond",
        "_servable",
    )

    def __init__(
        self, api: RestApi, route: Route, request: HttpRequest, respond: Respond
    ) -> None:
        self._api = api
        self._method = route.method
        self._request = request
        self._respond = respond
        self._call = request.call = Call(request.started)
        self._call.ask(route.method, route.spec.name)
        self._servable = api.manager.acquire(route.spec)
        self._call.version = self._servable.version

    def start(self) -> None:
        """Decodes the body, here or in another process, and submits the inference."""
        body = self._request.body
        try:
            signatures = self._servable.engine.signatures
            decoded = None
            if len(body) <= MEDIUM:
                decoded = decode(self._method, body, signatures)
            elif len(body) <= LARGE and self._method == "predict":
                decoded = decode_array_request(body, signatures)
            if decoded is None:
                self._api.run_aside(self._decode_aside(dict(signatures)))
            else:
                self._submit(decoded)
        except Exception as error:
            self._fail(error)

    async def _decode_aside(self, signatures: Mapping[str, SignatureDef]) -> None:
        arguments = (self._method, self._request.body, signatures)
        try:
            self._submit(await self._run(decode, *arguments))
        except Exception as error:
            self._fail(error)

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await self._api.bodies.run(function, *arguments, request=self._request)

    def _submit(self, decoded: "PredictRequest | ExamplesRequest") -> None:
        self._decoded = decoded
        self._call.end_stage()
        inference = Inference(
            self._servable,
            decoded.signature_name,
            decoded.inputs,
            self._done,
            self._request.deadline,
        )
        self._request.work = inference
        self._api.scheduler.submit(inference)

    def _done(self, outputs: Outputs | None, error: StatusError | None) -> None:
        self._call.end_stage()
        if error is not None or outputs is None:
            self._fail(error or StatusError(Code.INTERNAL, INTERNAL_MESSAGE))
            return
        decoded = self._decoded
        name, inputs = decoded.signature_name, decoded.inputs
        self._api.request_log.log(self._servable, name, inputs, outputs, self._method)
        encode, argument = _encoder(decoded)
        try:
            if sum(array.size for array in outputs.values()) <= LARGE_OUTPUT:
                self._succeed(encode(outputs, argument))
            else:
                self._api.run_aside(self._encode_aside(encode, outputs, argument))
        except Exception as raised:
            self._fail(raised)

    async def _encode_aside(
        self, encode: Callable[..., bytes], outputs: Outputs, argument: Any
    ) -> None:
        try:
            self._succeed(await self._run(encode, outputs, argument))
        except Exception as error:
            self._fail(error)

    def _succeed(self, body: bytes) -> None:
        self._api.manager.release(self._servable)
        self._respond(HttpResponse(200, body))

    def _fail(self, error: Exception) -> None:
        self._api.manager.release(self._servable)
        if not isinstance(error, StatusError):
            logger.error("%s failed", self._servable.name, exc_info=error)
            error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
        self._respond(error_response(error))


def decode(
    method: str, body: bytes, signatures: Mapping[str, SignatureDef]
) -> "PredictRequest | ExamplesRequest":
    """Reads the body of `:predict`, `:classify` or `:regress`."""
    if method == "predict":
        return decode_predict_request(body, signatures)
    # It needs protobuf, which predictions do not.
    from serving.protocol.example_requests import decode_examples_request

    return decode_examples_request(method, body, signatures)


def _encoder(
    decoded: "PredictRequest | ExamplesRequest",
) -> tuple[Callable[..., bytes], Any]:
    """Returns what writes the answer, and what it takes beside the outputs."""
    if isinstance(decoded, PredictRequest):
        return encode_predict_response, decoded.format
    return decoded.encode, decoded.count
