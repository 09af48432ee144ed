"""Requests that a server has logged, as TFRecords of `PredictionLog`."""

from pathlib import Path
from typing import Any

from serving.bench.requests import Call
from serving.errors import ServingError, StatusError
from serving.models.tf_record import read_records
from serving.protocol.messages import message
from serving.protocol.tensor_proto import decode_tensor_proto


def read_calls(path: Path, model: str, signature_name: str | None = None) -> list[Call]:
    """Reads a model's predict requests.

    Args:
        path: A log, or an artifact's `assets.extra/tf_serving_warmup_requests`.
        model: Its name; a record without a name is anyone's.
        signature_name: Takes those of one signature only.

    Raises:
        ServingError: If the file is none, or holds no such request.
    """
    # Imported like this to name its error: protobuf is a client's, too.
    from google.protobuf.message import DecodeError

    kind = message("tensorflow.serving.PredictionLog")
    try:
        logs = [kind.FromString(record) for record in read_records(path)]
        calls = [
            _call(log.predict_log.request)
            for log in logs
            if log.predict_log.request.inputs
            and log.predict_log.request.model_spec.name in ("", model)
        ]
    except (OSError, DecodeError, StatusError) as error:
        raise ServingError(f"{path} is no log of requests: {error}") from None
    found = [call for call in calls if signature_name in (None, call.signature_name)]
    if not found:
        wanted = model if signature_name is None else f"{signature_name} of {model}"
        raise ServingError(f"{path} holds no predict requests for {wanted}.")
    return found


def _call(request: Any) -> Call:
    inputs = {
        name: decode_tensor_proto(name, request.inputs[name])
        for name in sorted(request.inputs)
    }
    return Call(inputs, request.model_spec.signature_name or "serving_default")
