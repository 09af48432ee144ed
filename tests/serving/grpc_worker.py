"""A worker that answers `y = 2 x` over gRPC and dies of some requests.

`python grpc_worker.py PORT`: workers may share a port.
"""

import os
import sys
import time
from concurrent import futures

import grpc
import numpy as np

from serving.protocol.messages import message
from serving.protocol.tensor_proto import decode_tensor_proto, encode_tensor_proto

POISON, BUSY, REFUSED, SLOW, TEXT = -1, -2, -3, -4, -5
_SIGNATURES = {"x": ("inputs", 1), "y": ("outputs", 1), "words": ("outputs", 7)}
_asked = []


def predict(request, context):
    x = decode_tensor_proto("x", request.inputs["x"])
    first = float(x.ravel()[0]) if x.size else 0
    _asked.append(first)
    if first == POISON:
        os._exit(1)
    if first == SLOW:
        time.sleep(3)
    if first == REFUSED:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "bad\nshape")
    if first == BUSY and _asked.count(BUSY) % 3:
        context.abort(grpc.StatusCode.UNAVAILABLE, "too much to do")
    answer = message("tensorflow.serving.PredictResponse")()
    encode_tensor_proto(2 * x, answer.outputs["y"])
    if first == TEXT:
        words = np.array(["é".encode(), b"\xff"], object)
        encode_tensor_proto(words, answer.outputs["words"])
        encode_tensor_proto(words[:1], answer.outputs["raw_bytes"])
    return answer


def metadata(request, context):
    if request.model_spec.name != "m":
        context.abort(grpc.StatusCode.NOT_FOUND, "Servable not found for request: ...")
    signatures = message("tensorflow.serving.SignatureDefMap")()
    signature = signatures.signature_def["serving_default"]
    for name, (kind, dtype) in _SIGNATURES.items():
        info = getattr(signature, kind)[name]
        info.dtype = dtype
        info.tensor_shape.dim.add(size=-1)
    answer = message("tensorflow.serving.GetModelMetadataResponse")()
    answer.model_spec.CopyFrom(request.model_spec)
    answer.model_spec.version.value = request.model_spec.version.value or 7
    packed = answer.metadata["signature_def"]
    packed.type_url = "type.googleapis.com/tensorflow.serving.SignatureDefMap"
    packed.value = signatures.SerializeToString()
    return answer


def status(request, context):
    answer = message("tensorflow.serving.GetModelStatusResponse")()
    answer.model_version_status.add(version=7, state=30)
    return answer


def classify(request, context):
    answer = message("tensorflow.serving.ClassificationResponse")()
    for example in request.input.example_list.examples:
        row = answer.result.classifications.add()
        name = example.features.feature["name"].bytes_list.value[0].decode()
        row.classes.add(label=name, score=0.75)
    return answer


def regress(request, context):
    answer = message("tensorflow.serving.RegressionResponse")()
    both = request.input.example_list_with_context
    year = both.context.features.feature["year"].int64_list.value[0]
    for example in both.examples:
        (age,) = example.features.feature["age"].float_list.value
        answer.result.regressions.add(value=year + age)
    return answer


def start(port):
    handlers = [
        _service(
            "PredictionService",
            Predict=(predict, "PredictRequest"),
            Classify=(classify, "ClassificationRequest"),
            Regress=(regress, "RegressionRequest"),
            GetModelMetadata=(metadata, "GetModelMetadataRequest"),
        ),
        _service("ModelService", GetModelStatus=(status, "GetModelStatusRequest")),
    ]
    options = [("grpc.max_receive_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers, options=options)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


def _service(name, **methods):
    handlers = {
        method: grpc.unary_unary_rpc_method_handler(
            function,
            request_deserializer=message(f"tensorflow.serving.{request}").FromString,
            response_serializer=lambda answer: answer.SerializeToString(),
        )
        for method, (function, request) in methods.items()
    }
    return grpc.method_handlers_generic_handler(f"tensorflow.serving.{name}", handlers)


if __name__ == "__main__":
    running, _ = start(int(sys.argv[1]))
    running.wait_for_termination()
