"""SavedModel warm-up: requests that TensorFlow Serving replays when it loads."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from export.signatures.base import CLASSIFY, PREDICT, REGRESS, AnySignature

FILE = Path("assets.extra", "tf_serving_warmup_requests")
BATCH_SIZES = (1, 8, 32)


def write(
    folder: Path, model_name: str, signatures: Mapping[str, AnySignature]
) -> None:
    """Writes a request for each signature and batch size, as `PredictionLog` records.

    Replaying them triggers lazy initialization before the first request of a user. A
    signature of a fixed batch size has one request.

    Args:
        folder: Of the artifact.
        model_name: What the model is served as.
        signatures: Of the model, by name.

    Reference:
        TensorFlow Serving, SavedModel Warmup.
    """
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, signature in signatures.items():
            for inputs in _batches(signature):
                log = _LOGS[signature.method](model_name, name, inputs)
                writer.write(log.SerializeToString(deterministic=True))


def _batches(signature: AnySignature) -> Iterator[dict[str, np.ndarray]]:
    fixed = [spec.shape[0] for spec in signature.inputs if spec.shape.rank]
    sizes = BATCH_SIZES if None in fixed else BATCH_SIZES[:1]
    return map(signature.sample, sizes)


def _predict(model_name: str, name: str, inputs: dict[str, np.ndarray]) -> Any:
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    request = predict_pb2.PredictRequest()
    _address(request, model_name, name)
    for key, array in inputs.items():
        request.inputs[key].CopyFrom(_proto(array))
    log = prediction_log_pb2.PredictLog(request=request)
    return prediction_log_pb2.PredictionLog(predict_log=log)


def _proto(array: np.ndarray) -> Any:
    """Returns a tensor; one of numbers repeats its first, which is written once."""
    if array.dtype.kind not in "biuf":
        return tf.make_tensor_proto(array)
    if not array.size:
        return tf.make_tensor_proto(array)
    return tf.make_tensor_proto(array.flat[0], array.dtype, array.shape)


def _classify(model_name: str, name: str, inputs: dict[str, np.ndarray]) -> Any:
    from tensorflow_serving.apis import classification_pb2, prediction_log_pb2

    request = classification_pb2.ClassificationRequest()
    _address(request, model_name, name)
    _add_examples(request, inputs)
    log = prediction_log_pb2.ClassifyLog(request=request)
    return prediction_log_pb2.PredictionLog(classify_log=log)


def _regress(model_name: str, name: str, inputs: dict[str, np.ndarray]) -> Any:
    from tensorflow_serving.apis import prediction_log_pb2, regression_pb2

    request = regression_pb2.RegressionRequest()
    _address(request, model_name, name)
    _add_examples(request, inputs)
    log = prediction_log_pb2.RegressLog(request=request)
    return prediction_log_pb2.PredictionLog(regress_log=log)


def _address(request: Any, model_name: str, name: str) -> None:
    request.model_spec.name = model_name
    request.model_spec.signature_name = name


def _add_examples(request: Any, inputs: dict[str, np.ndarray]) -> None:
    (records,) = inputs.values()
    for each in records:
        request.input.example_list.examples.add().ParseFromString(each)


_LOGS = {PREDICT: _predict, CLASSIFY: _classify, REGRESS: _regress}
