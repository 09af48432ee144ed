"""Open Inference Protocol v2 over gRPC."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import grpc

from serving.errors import Code, StatusError
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
from serving.transport.call import Call
from serving.transport.grpc_calls import Context, Front, Method, status_of
from serving.transport.grpc_streams import OpenStreams
from serving.transport.open_inference_rest import INFER, available_versions, statuses
from serving.transport.pending_bytes import Unread
from serving.transport.readiness import Readiness
from serving.transport.telemetry import Stream

_STREAM = "ModelStreamInfer"
_INFER_RESPONSE = 2  # the field of ModelStreamInferResponse


class OpenInferenceService:
    """The methods of `inference.GRPCInferenceService`.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
        request_log: Takes samples of the requests.
        bodies: Writes large answers.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        readiness: Readiness,
        request_log: RequestLog,
        bodies: BodyPool,
    ) -> None:
        self._manager = manager
        self._scheduler = scheduler
        self._readiness = readiness
        self._request_log = request_log
        self._bodies = bodies

    def handler(self, front: Front, streams: OpenStreams) -> grpc.GenericRpcHandler:
        """Returns what a server of `grpc.aio` adds.

        Args:
            front: What the calls pass through.
            streams: Ends the streams when the server stops.
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
            name: front.unary(
                f"{SERVICE}/{name}", message(described[name].input_type.name), method
            )
            for name, method in methods.items()
        }
        handlers[_STREAM] = grpc.stream_stream_rpc_method_handler(
            self._streaming(front, streams)
        )
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    async def _server_live(self, request: Any, call: Call) -> bytes:
        return message("ServerLiveResponse")(live=True).SerializeToString()

    async def _server_ready(self, request: Any, call: Call) -> bytes:
        reasons: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        def report(found: list[str]) -> None:
            if not reasons.done():
                reasons.set_result(found)

        self._readiness.check(report)
        ready = not await reasons
        return message("ServerReadyResponse")(ready=ready).SerializeToString()

    async def _server_metadata(self, request: Any, call: Call) -> bytes:
        from zoo.version import __version__  # which takes long to find

        return message("ServerMetadataResponse")(
            name=SERVER_NAME, version=__version__, extensions=EXTENSIONS
        ).SerializeToString()

    async def _model_ready(self, request: Any, call: Call) -> bytes:
        try:
            with self._manager.use(model_spec(request.name, request.version)):
                ready = True
        except StatusError:  # Triton, too, says of an unknown one that it is not ready.
            ready = False
        return message("ModelReadyResponse")(ready=ready).SerializeToString()

    async def _model_metadata(self, request: Any, call: Call) -> bytes:
        spec = model_spec(request.name, request.version)
        with self._manager.use(spec) as servable:
            return model_message(
                servable.name,
                available_versions(self._manager, servable.name),
                servable.engine.name,
                servable.engine.signatures,
            ).SerializeToString()

    async def _repository_index(self, request: Any, call: Call) -> bytes:
        rows = index_rows(statuses(self._manager), request.ready)
        return message("RepositoryIndexResponse")(models=rows).SerializeToString()

    async def _infer(self, request: Any, call: Call, content: Any = None) -> bytes:
        call.ask(INFER, request.model_name)
        spec = model_spec(request.model_name, request.model_version)
        with self._manager.use(spec) as servable:
            call.version = servable.version
            infer = decode_infer_message(request, servable.engine.signatures, content)
            call.end_stage()
            outputs = await self._scheduler.run(
                servable, infer.signature_name, infer.inputs, call.deadline
            )
            call.end_stage()
            name, version, inputs = servable.name, servable.version, infer.inputs
            self._request_log.log(servable, infer.signature_name, inputs, outputs)
            infer = dataclasses.replace(infer, inputs={})
            arguments = (name, version, infer, outputs)
            if are_large(outputs):
                return await self._bodies.run(
                    write_infer_response, *arguments, deadline=call.deadline
                )
            return write_infer_response(*arguments)

    def _streaming(self, front: Front, streams: OpenStreams) -> Any:
        request_class: Any = message("ModelInferRequest")
        response_class: Any = message("ModelStreamInferResponse")

        async def answer_one(
            data: bytes, stream: Stream, context: Context
        ) -> tuple[bytes, Unread | None]:
            """Answers one request; an error is an answer and not the end.

            Returns:
                The answer, and what is counted of it.
            """
            request, call, code = request_class(), Call(), Code.CANCELLED
            call.ask(INFER, "")
            response, unread = b"", None
            try:
                front.limit.add(len(data))
                try:
                    if len(data) <= LARGE:
                        request = request_class.FromString(data)
                        answer = await self._infer(request, call)
                    else:
                        request, content = await front.reader.read(
                            request_class, data, None
                        )
                        answer = await self._infer(request, call, content)
                finally:
                    front.limit.remove(len(data))
                # The message is its only field.
                response = field_header(_INFER_RESPONSE, len(answer)) + answer
                unread = front.limit.hold(len(response), context)
                code = Code.OK
            except Exception as raised:
                error = status_of(raised, request_class)
                code = error.code
                refusal = response_class(error_message=str(error))
                refusal.infer_response.id = request.id
                response = refusal.SerializeToString()
            finally:
                stream.answered(call, code, len(response))
            return response, unread

        async def answer_all(
            requests: AsyncIterator[bytes], context: Context
        ) -> AsyncIterator[bytes]:
            with front.telemetry.stream(f"{SERVICE}/{_STREAM}", context) as stream:
                async for data in streams.requests(requests, context):
                    answer, unread = await answer_one(data, stream, context)
                    try:
                        yield answer
                    finally:
                        if unread is not None:
                            front.limit.let_go(unread)

        return answer_all
