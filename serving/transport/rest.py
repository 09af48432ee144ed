"""TensorFlow Serving's REST API."""

import logging

from serving.errors import Code, StatusError
from serving.models.manager import ModelManager
from serving.models.scheduler import Inference, Outputs, Scheduler
from serving.models.servable import Servable
from serving.protocol.documents import metadata_document, status_document
from serving.protocol.predict import (
    Format,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.routes import Route, parse_route
from serving.transport.http_connection import INTERNAL_MESSAGE, error_response
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond

logger = logging.getLogger(__name__)


class RestApi:
    """Answers requests about the models of a manager.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
    """

    def __init__(self, manager: ModelManager, scheduler: Scheduler) -> None:
        self._manager = manager
        self._scheduler = scheduler

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        route = parse_route(request.method, request.path)
        if route.method == "predict":
            self._predict(route, request, respond)
        elif route.method == "status":
            versions = self._manager.status(route.spec.name, route.spec.version)
            respond(HttpResponse(200, status_document(versions)))
        else:
            with self._manager.use(route.spec) as servable:
                body = metadata_document(
                    servable.name, servable.version, servable.engine.signatures
                )
            respond(HttpResponse(200, body))

    def _predict(self, route: Route, request: HttpRequest, respond: Respond) -> None:
        servable = self._manager.acquire(route.spec)
        try:
            predict = decode_predict_request(request.body, servable.engine.signatures)
            call = _PredictCall(self._manager, servable, predict.format, respond)
            inference = Inference(
                servable,
                predict.signature_name,
                predict.inputs,
                call.done,
                request.deadline,
            )
            self._scheduler.submit(inference)
        except BaseException:
            self._manager.release(servable)
            raise


class _PredictCall:
    """What is left to do when the outputs are there."""

    __slots__ = ("_format", "_manager", "_respond", "_servable")

    def __init__(
        self, manager: ModelManager, servable: Servable, form: Format, respond: Respond
    ) -> None:
        self._manager = manager
        self._servable = servable
        self._format = form
        self._respond = respond

    def done(self, outputs: Outputs | None, error: StatusError | None) -> None:
        self._manager.release(self._servable)
        if error is None:
            try:
                body = encode_predict_response(outputs or {}, self._format)
                self._respond(HttpResponse(200, body))
                return
            except StatusError as raised:
                error = raised
            except Exception:
                logger.exception("The answer of %s failed", self._servable.name)
                error = StatusError(Code.INTERNAL, INTERNAL_MESSAGE)
        self._respond(error_response(error))
