"""TensorFlow Serving's REST API over HTTP."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any

from aiohttp import web

from serving.errors import Code, StatusError, invalid_argument
from serving.models.manager import ModelManager
from serving.models.scheduler import Scheduler
from serving.protocol.documents import (
    error_document,
    metadata_document,
    status_document,
)
from serving.protocol.predict import (
    PredictRequest,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.routes import Route, parse_route
from serving.protocol.signature_def import SignatureDef
from serving.transport.compression import decompress, too_large

logger = logging.getLogger(__name__)


class RestApi:
    """Answers requests about the models of a manager.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        executor: Reads and writes bodies, so that the event loop stays free.
        max_request_bytes: A longer body is answered with 413.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        executor: Executor,
        max_request_bytes: int,
    ) -> None:
        self._manager = manager
        self._scheduler = scheduler
        self._executor = executor
        self._max_request_bytes = max_request_bytes

    def application(self) -> web.Application:
        """Returns the aiohttp application; `protocol.routes` reads the URLs."""
        application = web.Application(client_max_size=self._max_request_bytes)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            route = parse_route(request.method, request.rel_url.raw_path)
            return _json_response(200, await self._answer(route, request))
        except StatusError as error:
            return _json_response(error.http_status, error_document(str(error)))
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            message = "Internal error. The server's log says more."
            return _json_response(Code.INTERNAL.http_status, error_document(message))

    async def _answer(self, route: Route, request: web.Request) -> bytes:
        if route.method == "status":
            return status_document(
                self._manager.status(route.spec.name, route.spec.version)
            )
        if route.method == "metadata":
            with self._manager.use(route.spec) as servable:
                return metadata_document(
                    servable.name, servable.version, servable.engine.signatures
                )
        body = await self._read_body(request)
        encoding = request.headers.get("Content-Encoding", "").lower()
        with self._manager.use(route.spec) as servable:
            predict = await self._in_thread(
                self._decode, body, encoding, servable.engine.signatures
            )
            outputs = await self._scheduler.run(
                servable, predict.signature_name, predict.inputs
            )
        return await self._in_thread(encode_predict_response, outputs, predict.format)

    def _decode(
        self,
        body: bytes,
        content_encoding: str,
        signatures: Mapping[str, SignatureDef],
    ) -> PredictRequest:
        plain = decompress(body, content_encoding, self._max_request_bytes)
        return decode_predict_request(plain, signatures)

    async def _in_thread(self, function: Callable, *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *args)

    async def _read_body(self, request: web.Request) -> bytes:
        # The announced length is refused before the first byte is kept. aiohttp
        # then reads the rest and drops it, so the client gets to see the answer.
        if (request.content_length or 0) > self._max_request_bytes:
            raise too_large(self._max_request_bytes)
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise too_large(self._max_request_bytes) from None
        except (ConnectionError, web.RequestPayloadError) as error:
            raise invalid_argument(f"The request body is cut off: {error}") from None


def _json_response(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")
