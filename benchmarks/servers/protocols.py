"""What each protocol asks for the same images, and the probabilities in its answer."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.servers.load import Request, over_grpc, over_http

JSON = {"Content-Type": "application/json"}
HEADER_LENGTH = "Inference-Header-Content-Length"


class Protocol(NamedTuple):
    """How a server is asked.

    Args:
        request: Makes a request of float32 images `(batch, 28, 28, 1)`.
        probabilities: Reads the array `(batch, 10)` from the body of an answer.
        load: `over_http` or `over_grpc`.
    """

    request: Callable
    probabilities: Callable
    load: Callable = over_http

    def ask(self, port, images):
        """Returns the probabilities of some images.

        Raises:
            OSError: Nobody answered.
            ValueError: The answer was not a success.
        """
        request = self.request(images)
        if self.load is over_grpc:
            return self.probabilities(_ask_grpc(port, request))
        url = f"http://127.0.0.1:{port}{request.path}"
        sent = urllib.request.Request(url, request.body, request.headers)
        try:
            with urllib.request.urlopen(sent, timeout=60) as answer:
                return self.probabilities(answer.read())
        except urllib.error.HTTPError as error:
            raise ValueError(f"{error.code}: {error.read(200)!r}") from error


def _ask_grpc(port, request):
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            return channel.unary_unary(request.path)(request.body, timeout=60)
        except grpc.RpcError as error:
            raise ValueError(f"{error.code().name}: {error.details()}") from error


def _document(value):
    return json.dumps(value, separators=(",", ":")).encode()


def instances(path):
    """TensorFlow Serving's row format, which KServe calls v1."""

    def probabilities(body):
        rows = json.loads(body)["predictions"]
        return [row["probabilities"] if isinstance(row, dict) else row for row in rows]

    return Protocol(
        lambda images: Request(path, _document({"instances": images.tolist()}), JSON),
        probabilities,
    )


def own(path, output=None):
    """A document of the application's own: `{"image": [...]}`."""

    def probabilities(body):
        found = json.loads(body)
        return found if output is None else found[output]

    return Protocol(
        lambda images: Request(path, _document({"image": images.tolist()}), JSON),
        probabilities,
    )


def open_inference(model):
    """The Open Inference Protocol v2 over REST, numbers as JSON."""

    def request(images):
        tensor = {**_tensor(images), "data": images.ravel().tolist()}
        document = _document({"inputs": [tensor]})
        return Request(f"/v2/models/{model}/infer", document, JSON)

    def probabilities(body):
        output = _probabilities_of(json.loads(body)["outputs"])
        return np.reshape(output["data"], output["shape"])

    return Protocol(request, probabilities)


def open_inference_binary(model):
    """The binary tensor extension of v2: bytes of the arrays behind the document."""

    def request(images):
        raw = images.tobytes()
        tensor = {**_tensor(images), "parameters": {"binary_data_size": len(raw)}}
        output = {"name": "probabilities", "parameters": {"binary_data": True}}
        document = _document({"inputs": [tensor], "outputs": [output]})
        headers = {
            "Content-Type": "application/octet-stream",
            HEADER_LENGTH: str(len(document)),
        }
        return Request(f"/v2/models/{model}/infer", document + raw, headers)

    def probabilities(body):
        document, end = json.JSONDecoder().raw_decode(body.decode("latin-1"))
        output = _probabilities_of(document["outputs"])
        size = output["parameters"]["binary_data_size"]
        if end + size != len(body):
            raise ValueError("The sizes in the answer do not add up.")
        return np.frombuffer(body[end:], "float32").reshape(output["shape"])

    return Protocol(request, probabilities)


def open_inference_grpc(model):
    """`ModelInfer` of v2 with raw contents."""
    from tritonclient.grpc import service_pb2

    def request(images):
        message = service_pb2.ModelInferRequest(model_name=model)
        tensor = _tensor(images)
        message.inputs.add(**tensor)
        message.outputs.add(name="probabilities")
        message.raw_input_contents.append(images.tobytes())
        path = "/inference.GRPCInferenceService/ModelInfer"
        return Request(path, message.SerializeToString(), {})

    def probabilities(body):
        message = service_pb2.ModelInferResponse.FromString(body)
        names = [output.name for output in message.outputs]
        place = names.index("probabilities")
        shape = message.outputs[place].shape
        if message.raw_output_contents:
            raw = np.frombuffer(message.raw_output_contents[place], "float32")
        else:
            raw = np.array(message.outputs[place].contents.fp32_contents)
        return raw.reshape(shape)

    return Protocol(request, probabilities, over_grpc)


def tensorflow_serving_grpc(model):
    """`Predict` of TensorFlow Serving with `tensor_content`."""
    from tensorflow import make_ndarray, make_tensor_proto
    from tensorflow_serving.apis import predict_pb2

    def request(images):
        message = predict_pb2.PredictRequest()
        message.model_spec.name = model
        message.inputs["image"].CopyFrom(make_tensor_proto(images))
        message.output_filter.append("probabilities")
        path = "/tensorflow.serving.PredictionService/Predict"
        return Request(path, message.SerializeToString(), {})

    def probabilities(body):
        message = predict_pb2.PredictResponse.FromString(body)
        return make_ndarray(message.outputs["probabilities"])

    return Protocol(request, probabilities, over_grpc)


def _tensor(images):
    return {"name": "image", "shape": list(images.shape), "datatype": "FP32"}


def _probabilities_of(outputs):
    return next(output for output in outputs if output["name"] == "probabilities")
