"""Open Inference Protocol v2 over gRPC."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NoReturn

import grpc
import grpc.aio

from serving.errors import StatusError
from serving.models.manager import ModelManager
from serving.models.scheduler import Scheduler
from serving.protocol.model_spec import ModelSpec
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
from serving.transport.open_inference_rest import available_versions, statuses
from serving.transport.readiness import Readiness
from zoo.version import __version__

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

Context = grpc.aio.ServicerContext
Method = Callable[[Any, Context], Awaitable[Any]]


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

    def handler(self) -> grpc.GenericRpcHandler:
        """Returns what a server of `grpc.aio` adds."""
        return grpc.method_handlers_generic_handler(SERVICE, self._handlers())

    def _handlers(self) -> dict[str, grpc.RpcMethodHandler]:
        methods: dict[str, Method] = {
            "ServerLive": self._server_live,
            "ServerReady": self._server_ready,
            "ServerMetadata": self._server_metadata,
            "ModelReady": self._model_ready,
            "ModelMetadata": self._model_metadata,
            "ModelInfer": self._model_infer,
            "RepositoryIndex": self._repository_index,
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                _aborting(method), *_serializers(name)
            )
            for name, method in methods.items()
        }
        handlers["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(
            self._model_stream_infer, *_serializers("ModelStreamInfer")
        )
        return handlers

    async def _server_live(self, request: Any, context: Context) -> Any:
        return message("ServerLiveResponse")(live=True)

    async def _server_ready(self, request: Any, context: Context) -> Any:
        reasons: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        def report(found: list[str]) -> None:
            if not reasons.done():
                reasons.set_result(found)

        self._readiness.check(report)
        return message("ServerReadyResponse")(ready=not await reasons)

    async def _server_metadata(self, request: Any, context: Context) -> Any:
        return message("ServerMetadataResponse")(
            name=SERVER_NAME, version=__version__, extensions=EXTENSIONS
        )

    async def _model_ready(self, request: Any, context: Context) -> Any:
        try:
            with self._manager.use(model_spec(request.name, request.version)):
                return message("ModelReadyResponse")(ready=True)
        except StatusError:  # Triton, too, says of an unknown one that it is not ready.
            return message("ModelReadyResponse")(ready=False)

    async def _model_metadata(self, request: Any, context: Context) -> Any:
        spec = model_spec(request.name, request.version)
        with self._manager.use(spec) as servable:
            return model_message(
                servable.name,
                available_versions(self._manager, servable.name),
                servable.engine.name,
                servable.engine.signatures,
            )

    async def _repository_index(self, request: Any, context: Context) -> Any:
        rows = index_rows(statuses(self._manager), request.ready)
        return message("RepositoryIndexResponse")(models=rows)

    async def _model_infer(self, request: Any, context: Context) -> Any:
        remaining = context.time_remaining()
        loop = asyncio.get_running_loop()
        deadline = None if remaining is None else loop.time() + remaining
        return await self._infer(request, deadline)

    async def _model_stream_infer(
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Answers request after request; an error is an answer and not the end."""
        async for request in requests:
            try:
                yield message("ModelStreamInferResponse")(
                    infer_response=await self._infer(request, None)
                )
            except StatusError as error:
                answer: Any = message("ModelStreamInferResponse")(
                    error_message=str(error)
                )
                answer.infer_response.id = request.id
                yield answer

    async def _infer(self, request: Any, deadline: float | None) -> Any:
        spec: ModelSpec = model_spec(request.model_name, request.model_version)
        with self._manager.use(spec) as servable:
            infer = decode_infer_message(request, servable.engine.signatures)
            outputs = await self._scheduler.run(
                servable, infer.signature_name, infer.inputs, deadline
            )
            return encode_infer_message(servable.name, servable.version, infer, outputs)


def _aborting(method: Method) -> Method:
    async def answer(request: Any, context: Context) -> Any:
        try:
            return await method(request, context)
        except StatusError as error:
            return await _abort(context, error)

    return answer


async def _abort(context: Context, error: StatusError) -> NoReturn:
    await context.abort(_STATUS_CODES[error.code], str(error))


def _serializers(name: str) -> tuple[Callable, Callable]:
    method = POOL.FindServiceByName(SERVICE).methods_by_name[name]
    request = message(method.input_type.name)
    return request.FromString, message(method.output_type.name).SerializeToString
