"""Requests that a server has logged, as TFRecords of `PredictionLog`."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from serving.errors import ServingError, StatusError
from serving.protocol.messages import message
from serving.protocol.tensor_proto import decode_tensor_proto


def read_batches(path: Path, model: str) -> list[dict[str, np.ndarray]]:
    """Reads the inputs of a model's predict requests.

    Args:
        path: A log, or an artifact's `assets.extra/tf_serving_warmup_requests`.
        model: Its name; a record without a name is anyone's.

    Raises:
        ServingError: If the file is none, or holds no such request.
    """
    kind = message("tensorflow.serving.PredictionLog")
    try:
        logs = [kind.FromString(record) for record in _records(path.read_bytes())]
        requests = [log.predict_log.request for log in logs]
        found = [
            {
                name: decode_tensor_proto(name, request.inputs[name])
                for name in sorted(request.inputs)
            }
            for request in requests
            if request.inputs and request.model_spec.name in ("", model)
        ]
    except (OSError, ValueError, StatusError) as error:
        raise ServingError(f"{path} is no log of requests: {error}") from None
    if not found:
        raise ServingError(f"{path} holds no predict requests for {model}.")
    return found


def _records(data: bytes) -> Iterator[bytes]:
    """Yields records: their length, its checksum, the bytes, their checksum."""
    position = 0
    while position < len(data):
        if position + 12 > len(data):
            raise ValueError("a record is cut off")
        (length,) = struct.unpack_from("<Q", data, position)
        begin = position + 12
        if begin + length + 4 > len(data):
            raise ValueError("a record is cut off")
        yield data[begin : begin + length]
        position = begin + length + 4
