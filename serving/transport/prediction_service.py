"""TensorFlow Serving's `PredictionService`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from serving.errors import Code, StatusError, invalid_argument
from serving.models.manager import ModelManager, Use
from serving.models.request_log import RequestLog
from serving.models.scheduler import Outputs, Scheduler
from serving.models.servable import Servable
from serving.protocol import classification, regression
from serving.protocol.examples import find_signature, serialize_examples
from serving.protocol.large_messages import (
    are_large,
    write_classification_response,
    write_predict_response,
    write_regression_response,
)
from serving.protocol.messages import message
from serving.protocol.model_messages import (
    check_metadata_fields,
    echoed_model,
    metadata_message,
    requested_model,
)
from serving.protocol.predict_messages import (
    decode_predict_message,
    encode_predict_message,
)
from serving.protocol.signature_def import SignatureDef
from serving.transport.body_pool import BodyPool
from serving.transport.call import Call
from serving.transport.grpc_calls import CallLimit, Method

SERVICE = "tensorflow.serving.PredictionService"
_INPUT = "inputs"  # of every signature that takes examples
_METHODS = {
    classification.METHOD_NAME: "classify",
    regression.METHOD_NAME: "regress",
}


class PredictionService:
    """Answers predictions, classifications and regressions.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        max_bytes: A tensor that needs more is refused.
        request_log: Takes samples of the requests.
        bodies: Writes large answers.
        limit: Counts what requests hold.
    """

    def __init__(
        self,
        manager: ModelManager,
        scheduler: Scheduler,
        max_bytes: int,
        request_log: RequestLog,
        bodies: BodyPool,
        limit: CallLimit,
    ) -> None:
        self._manager = manager
        self._scheduler = scheduler
        self._max_bytes = max_bytes
        self._request_log = request_log
        self._bodies = bodies
        self._limit = limit

    def methods(self) -> dict[str, Method]:
        """Returns what answers each method."""
        return {
            "Predict": self._predict,
            "Classify": self._classify,
            "Regress": self._regress,
            "MultiInference": self._multi_inference,
            "GetModelMetadata": self._get_model_metadata,
        }

    def _use(self, request: Any, call: Call, api: str) -> Use:
        """Notes what is asked for; acquires the model of a request for a block."""
        call.ask(api, request.model_spec.name)
        return self._manager.use(requested_model(request))

    async def _predict(
        self,
        request: Any,
        call: Call,
        arrays: Mapping[str, np.ndarray] | None = None,
    ) -> bytes:
        with self._use(request, call, "Predict") as servable:
            call.version = servable.version
            predict = decode_predict_message(
                request, servable.engine.signatures, self._max_bytes, arrays
            )
            name, inputs = predict.signature_name, predict.inputs
            with self._limit.holding(inputs):
                call.end_stage()
                outputs = await self._scheduler.run(
                    servable, name, inputs, call.deadline
                )
                call.end_stage()
            self._request_log.log(servable, name, inputs, outputs)
            spec = echoed_model(request.model_spec, servable.version)
            names = predict.output_names
            if not are_large(outputs):
                return encode_predict_message(spec, outputs, names)
            return await self._written(
                write_predict_response, spec, outputs, names, call
            )

    async def _classify(
        self, request: Any, call: Call, content: np.ndarray | None = None
    ) -> bytes:
        with self._use(request, call, "Classify") as servable:
            call.version = servable.version
            signature = _signature(servable, request.model_spec)
            classification.check_signature(signature)
            examples = _examples(request, content)
            outputs = await self._run(servable, signature, "classify", examples, call)
            spec = echoed_model(request.model_spec, servable.version)
            return await self._written(
                write_classification_response, spec, outputs, len(examples), call
            )

    async def _regress(
        self, request: Any, call: Call, content: np.ndarray | None = None
    ) -> bytes:
        with self._use(request, call, "Regress") as servable:
            call.version = servable.version
            signature = _signature(servable, request.model_spec)
            regression.check_signature(signature)
            examples = _examples(request, content)
            outputs = await self._run(servable, signature, "regress", examples, call)
            spec = echoed_model(request.model_spec, servable.version)
            return await self._written(
                write_regression_response, spec, outputs, len(examples), call
            )

    async def _multi_inference(
        self, request: Any, call: Call, content: np.ndarray | None = None
    ) -> bytes:
        if not request.tasks:
            raise invalid_argument("Inference request must have at least one task")
        with self._use(request.tasks[0], call, "MultiInference") as servable:
            call.version = servable.version
            signatures = _task_signatures(request.tasks, servable)
            examples = _examples(request, content)
            inputs = {_INPUT: examples}
            names = [signature.name for signature, _ in signatures]
            call.end_stage()
            answers = await self._scheduler.run_jointly(
                servable, names, inputs, call.deadline
            )
            call.end_stage()
            response = message("tensorflow.serving.MultiInferenceResponse")()
            for task, (signature, method) in zip(
                request.tasks, signatures, strict=True
            ):
                name, outputs = signature.name, answers[signature.name]
                self._request_log.log(servable, name, inputs, outputs, _METHODS[method])
                result = response.results.add(
                    model_spec=echoed_model(task.model_spec, servable.version)
                )
                if task.method_name == classification.METHOD_NAME:
                    result.classification_result.CopyFrom(
                        classification.classification_result(outputs, len(examples))
                    )
                else:
                    result.regression_result.CopyFrom(
                        regression.regression_result(outputs, len(examples))
                    )
        return response.SerializeToString()

    async def _get_model_metadata(self, request: Any, call: Call) -> bytes:
        spec = requested_model(request)
        check_metadata_fields(request.metadata_field)
        with self._manager.use(spec) as servable:
            return metadata_message(
                servable.name, servable.version, servable.engine.signatures
            ).SerializeToString()

    async def _run(
        self,
        servable: Servable,
        signature: SignatureDef,
        method: str,
        examples: np.ndarray,
        call: Call,
    ) -> dict[str, np.ndarray]:
        inputs = {_INPUT: examples}
        call.end_stage()
        outputs = await self._scheduler.run(
            servable, signature.name, inputs, call.deadline
        )
        call.end_stage()
        self._request_log.log(servable, signature.name, inputs, outputs, method)
        return outputs

    async def _written(
        self,
        write: Callable[[bytes, Outputs, Any], bytes],
        spec: Any,
        outputs: Outputs,
        argument: Any,
        call: Call,
    ) -> bytes:
        """Writes an answer, a large one in another process."""
        arguments = (spec.SerializeToString(), outputs, argument)
        if are_large(outputs):
            return await self._bodies.run(write, *arguments, deadline=call.deadline)
        return write(*arguments)


def _examples(request: Any, detached: np.ndarray | None) -> np.ndarray:
    return serialize_examples(request.input) if detached is None else detached


def _signature(servable: Servable, model_spec: Any) -> SignatureDef:
    return find_signature(servable.engine.signatures, model_spec.signature_name)


def _task_signatures(tasks: Any, servable: Servable) -> list[tuple[SignatureDef, str]]:
    """Returns signature and method of each task of a multi-inference.

    Raises:
        StatusError: When they are not different ones of one model that read the same
            input, or do something else than classify and regress.
    """
    signatures: dict[str, tuple[SignatureDef, str]] = {}
    for task in tasks:
        if requested_model(task).name != servable.name:
            raise invalid_argument(
                "All ModelSpecs in a MultiInferenceRequest must access the same model "
                "name."
            )
        signature = _signature(servable, task.model_spec)
        if signature.name in signatures:
            raise invalid_argument(
                f"Duplicate evaluation of signature: {signature.name}"
            )
        if task.method_name == classification.METHOD_NAME:
            classification.check_signature(signature)
        elif task.method_name == regression.METHOD_NAME:
            regression.check_signature(signature)
        else:
            raise StatusError(
                Code.UNIMPLEMENTED,
                f"Unsupported signature method_name: {task.method_name}",
            )
        signatures[signature.name] = signature, task.method_name
    tensors = {each.inputs[_INPUT].tensor_name for each, _ in signatures.values()}
    if len(tensors) > 1:
        raise invalid_argument("Input tensor must be the same for all Signatures.")
    return list(signatures.values())
