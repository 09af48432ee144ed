"""Open Inference Protocol v2 over gRPC."""

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from serving.errors import StatusError
from serving.metrics import Metrics
from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Scheduler
from serving.protocol.large_messages import LARGE, are_large, write_infer_response
from serving.protocol.open_inference.documents import (
    EXTENSIONS,
    SERVER_NAME,
    index_rows,
)
from serving.protocol.open_inference.messages import (
    POOL,
    SERVICE,
    decode_infer_message,
    message,
    model_message,
)
from serving.protocol.open_inference.routes import model_spec
from serving.protocol.tensor_proto import field_header
from serving.transport.body_pool import BodyPool
from serving.transport.grpc_calls import (
    INTERNAL_MESSAGE,
    CallLimit,
    Context,
    Method,
    Reader,
    answering,
    counted_method,
)
from serving.transport.open_inference_rest import available_versions, statuses
from serving.transport.readiness import Readiness
from zoo.version import __version__

logger = logging.getLogger(__name__)

_INFER_RESPONSE = 2  # the field of ModelStreamInferResponse


class OpenInferenceService:
    """The methods of `inference.GRPCInferenceService`.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
        metrics: Counts requests.
        request_log: Takes samples of the requests.
        bodies: Writes large answers.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        readiness: Readiness,
        metrics: Metrics,
        request_log: RequestLog,
        bodies: BodyPool,
    ) -> None:
        self._manager = manager
        self._scheduler = scheduler
        self._readiness = readiness
        self._request_log = request_log
        self._bodies = bodies
        self._infer = counted_method(
            "ModelInfer",
            self._run,
            lambda request: request.model_name,
            metrics,
            manager,
        )

    def handler(self, limit: CallLimit, reader: Reader) -> grpc.GenericRpcHandler:
        """Returns what a server of `grpc.aio` adds.

        Args:
            limit: Counts the requests.
            reader: Reads large messages.
        """
        methods: dict[str, Method] = {
            "ServerLive": self._server_live,
            "ServerReady": self._server_ready,
            "ServerMetadata": self._server_metadata,
            "ModelReady": self._model_ready,
            "ModelMetadata": self._model_metadata,
            "ModelInfer": self._infer,
            "RepositoryIndex": self._repository_index,
        }
        described = POOL.FindServiceByName(SERVICE).methods_by_name
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                answering(
                    message(described[name].input_type.name), method, limit, reader
                )
            )
            for name, method in methods.items()
        }
        handlers["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(
            self._streaming(limit, reader)
        )
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    async def _server_live(self, request: Any, deadline: float | None) -> bytes:
        return message("ServerLiveResponse")(live=True).SerializeToString()

    async def _server_ready(self, request: Any, deadline: float | None) -> bytes:
        reasons: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        def report(found: list[str]) -> None:
            if not reasons.done():
                reasons.set_result(found)

        self._readiness.check(report)
        ready = not await reasons
        return message("ServerReadyResponse")(ready=ready).SerializeToString()

    async def _server_metadata(self, request: Any, deadline: float | None) -> bytes:
        return message("ServerMetadataResponse")(
            name=SERVER_NAME, version=__version__, extensions=EXTENSIONS
        ).SerializeToString()

    async def _model_ready(self, request: Any, deadline: float | None) -> bytes:
        try:
            with self._manager.use(model_spec(request.name, request.version)):
                ready = True
        except StatusError:  # Triton, too, says of an unknown one that it is not ready.
            ready = False
        return message("ModelReadyResponse")(ready=ready).SerializeToString()

    async def _model_metadata(self, request: Any, deadline: float | None) -> bytes:
        spec = model_spec(request.name, request.version)
        with self._manager.use(spec) as servable:
            return model_message(
                servable.name,
                available_versions(self._manager, servable.name),
                servable.engine.name,
                servable.engine.signatures,
            ).SerializeToString()

    async def _repository_index(self, request: Any, deadline: float | None) -> bytes:
        rows = index_rows(statuses(self._manager), request.ready)
        return message("RepositoryIndexResponse")(models=rows).SerializeToString()

    async def _run(
        self, request: Any, deadline: float | None, content: Any = None
    ) -> bytes:
        spec = model_spec(request.model_name, request.model_version)
        with self._manager.use(spec) as servable:
            infer = decode_infer_message(request, servable.engine.signatures, content)
            outputs = await self._scheduler.run(
                servable, infer.signature_name, infer.inputs, deadline
            )
            name, version, inputs = servable.name, servable.version, infer.inputs
            self._request_log.log(servable, infer.signature_name, inputs, outputs)
            infer = dataclasses.replace(infer, inputs={})
            arguments = (name, version, infer, outputs)
            if are_large(outputs):
                return await self._bodies.run(
                    write_infer_response, *arguments, deadline=deadline
                )
            return write_infer_response(*arguments)

    def _streaming(self, limit: CallLimit, reader: Reader) -> Any:
        request_class: Any = message("ModelInferRequest")
        response_class: Any = message("ModelStreamInferResponse")

        async def answer_one(data: bytes) -> bytes:
            """Answers one request; an error is an answer and not the end."""
            request = request_class()
            try:
                limit.add(len(data))
                try:
                    if len(data) <= LARGE:
                        request = request_class.FromString(data)
                        answer = await self._infer(request, None)
                    else:
                        request, content = await reader.read(request_class, data, None)
                        answer = await self._infer(request, None, content)
                    # The message is its only field.
                    return field_header(_INFER_RESPONSE, len(answer)) + answer
                finally:
                    limit.remove(len(data))
            except DecodeError:
                text = "Failed to parse ModelInferRequest."
            except StatusError as error:
                text = str(error)
            except Exception:
                logger.exception("A request of a stream failed")
                text = INTERNAL_MESSAGE
            response = response_class(error_message=text)
            response.infer_response.id = request.id
            return response.SerializeToString()

        async def answer_all(
            requests: AsyncIterator[bytes], context: Context
        ) -> AsyncIterator[bytes]:
            async for data in requests:
                yield await answer_one(data)

        return answer_all
