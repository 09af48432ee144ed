"""Logs samples of the requests, as the `logging_config` of a model asks for.

A log is a file of TFRecords that hold `PredictionLog` messages: `zoo bench` sends it,
and as `assets.extra/tf_serving_warmup_requests` it warms a version up.
"""

import errno
import logging
import os
import queue
import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from serving.models.servable import Servable
from serving.models.tf_record import record_bytes

logger = logging.getLogger(__name__)

Arrays = Mapping[str, np.ndarray]

LARGEST_RECORD = 2**20  # bytes; checksums of larger ones would hold up requests
_LONGEST_QUEUE = 200


class _Target(NamedTuple):
    rate: float
    prefix: str


class _Sample(NamedTuple):
    prefix: str
    model: str
    version: int
    signature_name: str
    inputs: Arrays
    outputs: Arrays
    method: str


class RequestLog:
    """Writes sampled requests in a thread of its own; no request waits for it.

    Each process writes a file of its own for each `filename_prefix`,
    `PREFIX-TIME-PROCESS.tfrecord`. While the disk is slower than the requests, samples
    are left out; one line in the log says so, and one that a file cannot be written.
    """

    def __init__(self) -> None:
        self._targets: dict[str, _Target] = {}
        self._queue: queue.Queue[_Sample | None] = queue.Queue(_LONGEST_QUEUE)
        self._files: dict[str, IO[bytes]] = {}
        self._thread: threading.Thread | None = None
        self._reported: set[str] = set()

    def configure(self, configs: Mapping[str, bytes]) -> None:
        """Takes over a serialized `LoggingConfig` for each model; empty for none."""
        self._targets = {
            model: target
            for model, config in configs.items()
            if config and (target := _target(config)) is not None
        }
        if self._targets and self._thread is None:
            self._thread = threading.Thread(
                target=self._write_all, name="request log", daemon=True
            )
            self._thread.start()

    def log(
        self,
        servable: Servable,
        signature_name: str,
        inputs: Arrays,
        outputs: Arrays,
        method: str = "predict",
    ) -> None:
        """Logs a request and its answer, or not; called in the event loop's thread.

        Args:
            servable: The version that has answered.
            signature_name: Of the signature.
            inputs: Arrays by input name; serialized examples for `classify` and
                `regress`.
            outputs: Arrays by output name.
            method: `predict`, `classify` or `regress`.
        """
        target = self._targets.get(servable.name)
        if target is None or random.random() >= target.rate:
            return
        sample = _Sample(
            target.prefix,
            servable.name,
            servable.version,
            signature_name,
            inputs,
            outputs,
            method,
        )
        try:
            self._queue.put_nowait(sample)
        except queue.Full:
            self._report("full", "Requests come faster than they can be logged")

    def close(self) -> None:
        """Writes what is waiting, and ends."""
        if self._thread is not None:
            self._targets = {}
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _write_all(self) -> None:
        while (sample := self._queue.get()) is not None:
            try:
                self._write(sample)
            except OSError as error:
                self._report(
                    sample.prefix,
                    f"Requests are not logged to {sample.prefix}: {error.strerror}",
                )
            except Exception:
                logger.exception("A request of %s was not logged", sample.model)
        for file in self._files.values():
            file.close()

    def _write(self, sample: _Sample) -> None:
        record = _prediction_log(sample)
        if len(record) > LARGEST_RECORD:
            self._report(
                f"large {sample.model}",
                f"Requests of {sample.model} with more than {LARGEST_RECORD} bytes are "
                "not logged",
            )
            return
        file = self._files.get(sample.prefix)
        if file is None:
            started = time.strftime("%Y%m%d-%H%M%S")
            path = Path(f"{sample.prefix}-{started}-{os.getpid()}.tfrecord")
            file = self._files[sample.prefix] = path.open("ab", buffering=0)
        data, end = record_bytes(record), file.seek(0, os.SEEK_END)
        try:
            if file.write(data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            file.truncate(end)  # Part of a record would make the rest unreadable.
            raise
        self._reported.discard(sample.prefix)

    def _report(self, about: str, line: str) -> None:
        if about not in self._reported:
            self._reported.add(about)
            logger.error("%s.", line)


def _target(config: bytes) -> _Target | None:
    # Here and below: only servers that log need protobuf for it.
    from serving.protocol.messages import message

    parsed = message("tensorflow.serving.LoggingConfig").FromString(config)
    rate = parsed.sampling_config.sampling_rate
    prefix = parsed.log_collector_config.filename_prefix
    return _Target(rate, prefix) if rate > 0 and prefix else None


def _prediction_log(sample: _Sample) -> bytes:
    from serving.protocol.messages import message

    log = message("tensorflow.serving.PredictionLog")()
    spec = log.log_metadata.model_spec
    spec.name, spec.signature_name = sample.model, sample.signature_name
    spec.version.value = sample.version
    log.log_metadata.timestamp_secs = int(time.time())
    exchange = getattr(log, f"{sample.method}_log")
    exchange.request.model_spec.CopyFrom(spec)
    exchange.response.model_spec.CopyFrom(spec)
    _FILL[sample.method](exchange, sample.inputs, sample.outputs)
    return log.SerializeToString()


def _fill_predict(exchange: Any, inputs: Arrays, outputs: Arrays) -> None:
    from serving.protocol.tensor_proto import encode_tensor_proto

    for name, array in inputs.items():
        encode_tensor_proto(array, exchange.request.inputs[name])
    for name, array in outputs.items():
        encode_tensor_proto(array, exchange.response.outputs[name])


def _fill_classify(exchange: Any, inputs: Arrays, outputs: Arrays) -> None:
    from serving.protocol.classification import classification_result

    count = _fill_examples(exchange.request.input, inputs)
    exchange.response.result.CopyFrom(classification_result(outputs, count))


def _fill_regress(exchange: Any, inputs: Arrays, outputs: Arrays) -> None:
    from serving.protocol.regression import regression_result

    count = _fill_examples(exchange.request.input, inputs)
    exchange.response.result.CopyFrom(regression_result(outputs, count))


def _fill_examples(request_input: Any, inputs: Arrays) -> int:
    (examples,) = inputs.values()
    for example in examples:
        request_input.example_list.examples.add().MergeFromString(example)
    return len(examples)


_FILL = {
    "predict": _fill_predict,
    "classify": _fill_classify,
    "regress": _fill_regress,
}
