"""SavedModel warm-up: a request that TensorFlow Serving replays when it loads."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from export.signature import NAME
from export.text_signature import AnySignature

FILE = Path("assets.extra", "tf_serving_warmup_requests")


def write(
    folder: Path, model_name: str, signatures: Mapping[str, AnySignature]
) -> None:
    """Writes one predict request for `serving_default`, as a `PredictionLog` record.

    Replaying it triggers lazy initialization before the first request of a user.

    Args:
        folder: Of the artifact.
        model_name: What the model is served as.
        signatures: Of the model, by name.

    Reference:
        TensorFlow Serving, SavedModel Warmup.
    """
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name = model_name
    request.model_spec.signature_name = NAME
    for name, array in signatures[NAME].sample(1).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
    log = prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(log.SerializeToString())
