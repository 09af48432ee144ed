"""Open Inference Protocol v2 over gRPC."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from serving.errors import StatusError
from serving.models.manager import ModelManager
from serving.models.scheduler import Scheduler
from serving.protocol.open_inference.documents import (
    EXTENSIONS,
    SERVER_NAME,
    index_rows,
)
from serving.protocol.open_inference.messages import (
    POOL,
    SERVICE,
    decode_infer_message,
    encode_infer_message,
    message,
    model_message,
)
from serving.protocol.open_inference.routes import model_spec
from serving.transport.grpc_calls import (
    INTERNAL_MESSAGE,
    CallLimit,
    Context,
    Method,
    answering,
)
from serving.transport.open_inference_rest import available_versions, statuses
from serving.transport.readiness import Readiness
from zoo.version import __version__

logger = logging.getLogger(__name__)


class OpenInferenceService:
    """The methods of `inference.GRPCInferenceService`.

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

    def handler(self, limit: CallLimit) -> grpc.GenericRpcHandler:
        """Returns what a server of `grpc.aio` adds.

        Args:
            limit: Counts the requests.
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
                answering(message(described[name].input_type.name), method, limit)
            )
            for name, method in methods.items()
        }
        handlers["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(
            self._streaming(limit)
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

    async def _infer(self, request: Any, deadline: float | None) -> bytes:
        spec = model_spec(request.model_name, request.model_version)
        with self._manager.use(spec) as servable:
            infer = decode_infer_message(request, servable.engine.signatures)
            outputs = await self._scheduler.run(
                servable, infer.signature_name, infer.inputs, deadline
            )
            return encode_infer_message(
                servable.name, servable.version, infer, outputs
            ).SerializeToString()

    def _streaming(self, limit: CallLimit) -> Any:
        request_class: Any = message("ModelInferRequest")
        response_class: Any = message("ModelStreamInferResponse")

        async def answer(data: bytes) -> bytes:
            """Answers one request; an error is an answer and not the end."""
            request = request_class()
            try:
                limit.add(len(data))
                try:
                    request = request_class.FromString(data)
                    response = response_class()
                    response.infer_response.MergeFromString(
                        await self._infer(request, None)
                    )
                    return response.SerializeToString()
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
                yield await answer(data)

        return answer_all
