"""Runs a version before it serves: its warm-up requests, or zeros."""

import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from serving.engines.base import Engine
from serving.errors import StatusError, invalid_argument
from serving.models.batching import has_independent_rows
from serving.models.profile import Profile, count_elements
from serving.models.tf_record import read_records
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME

logger = logging.getLogger(__name__)

FILE = Path("assets.extra", "tf_serving_warmup_requests")
MAX_RECORDS = 1000
MAX_TENSOR_BYTES = 2**30
# A first call compiles and allocates; a short one is repeated to see what calls take.
_REPEATED_SECONDS = 0.02

Inputs = Mapping[str, np.ndarray]


def warm_up(engine: Engine, version_path: Path) -> dict[str, Profile]:
    """Runs the requests in `assets.extra/tf_serving_warmup_requests` once.

    A signature without requests gets zeros, where all sizes are known and a call has no
    side effects; one that refuses them is served nevertheless.

    Returns:
        What was learned of each signature.

    Raises:
        StatusError: When the file is damaged or a request fails, as TensorFlow Serving
            does not serve such a version either.

    Reference:
        TensorFlow Serving, SavedModel Warmup.
    """
    profiles = new_profiles(engine)
    samples: dict[str, Inputs] = {}
    for name, inputs in _requests(engine, version_path / FILE):
        _run(engine, name, inputs, profiles[name])
        samples.setdefault(name, inputs)
    for name, profile in profiles.items():
        if name not in samples and not profile.traits.has_side_effects:
            samples |= _run_zeros(engine, name, profile, version_path)
    for name, sample in samples.items():
        profiles[name].has_independent_rows = has_independent_rows(
            engine, engine.signatures[name], sample
        )
    return profiles


def new_profiles(engine: Engine) -> dict[str, Profile]:
    """Returns what is known of each signature before any has run."""
    return {name: Profile(engine.traits(name)) for name in engine.signatures}


def _requests(engine: Engine, path: Path) -> Iterator[tuple[str, Inputs]]:
    """Yields signature and inputs of each record that the engine can run."""
    if not path.is_file():
        return
    # Imported here: protobuf takes long to load.
    from google.protobuf.message import DecodeError

    from serving.protocol.messages import message

    log_type = message("tensorflow.serving.PredictionLog")
    for count, record in enumerate(_records(path), 1):
        if count > MAX_RECORDS:
            raise invalid_argument(
                "Number of warmup records exceeds the maximum "
                f"({MAX_RECORDS}) at {path}"
            )
        try:
            log: Any = log_type.FromString(record)
        except DecodeError:
            raise invalid_argument(
                f"Failed to parse warmup record {count} from {path}"
            ) from None
        kind = log.WhichOneof("log_type")
        if kind not in _DECODERS:
            continue
        request = getattr(log, kind).request
        name = request.model_spec.signature_name or DEFAULT_SIGNATURE_NAME
        if name in engine.signatures and engine.is_ready(name):
            yield name, _DECODERS[kind](request, engine.signatures[name].inputs)


def _records(path: Path) -> Iterator[bytes]:
    try:
        yield from read_records(path)
    except StatusError as error:
        hint = "Please verify your warmup data is in TFRecord format."
        raise StatusError(error.code, f"{error}. {hint}") from None


def _decode_tensors(request: Any, infos: Mapping) -> Inputs:
    from serving.protocol.tensor_proto import decode_tensor_proto

    missing = sorted(infos.keys() - request.inputs.keys())
    if missing:
        raise invalid_argument(f"Warm-up request without the input '{missing[0]}'")
    return {
        name: decode_tensor_proto(name, request.inputs[name], MAX_TENSOR_BYTES)
        for name in infos
    }


def _decode_examples(request: Any, infos: Mapping) -> Inputs:
    from serving.protocol.examples import serialize_examples

    return dict.fromkeys(infos, serialize_examples(request.input))


_DECODERS = {
    "predict_log": _decode_tensors,
    "classify_log": _decode_examples,
    "regress_log": _decode_examples,
}


def _run(engine: Engine, name: str, inputs: Inputs, profile: Profile) -> None:
    started = time.perf_counter()
    engine.predict(name, inputs)
    seconds = time.perf_counter() - started
    if seconds < _REPEATED_SECONDS and not profile.traits.has_side_effects:
        started = time.perf_counter()
        engine.predict(name, inputs)
        seconds = time.perf_counter() - started
    elements = count_elements(inputs)
    if elements is not None:
        profile.record(elements, seconds)


def _run_zeros(
    engine: Engine, name: str, profile: Profile, version_path: Path
) -> dict[str, Inputs]:
    infos = engine.signatures[name].inputs
    zeros = {key: info.zeros() for key, info in infos.items()}
    inputs = {key: array for key, array in zeros.items() if array is not None}
    if len(inputs) < len(zeros):
        return {}
    try:
        _run(engine, name, inputs, profile)
    except StatusError as error:
        logger.warning(
            "%s is served without warm-up of %s: %s", version_path, name, error
        )
        return {}
    return {name: inputs}
