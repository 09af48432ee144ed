"""Chooses, inspects and loads the engine of a version."""

import functools
import logging
import math
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from export import inspection, manifest
from serving.engines import AUTO, choose_engine, find_engines
from serving.engines.base import Engine
from serving.engines.on_demand import OnDemandEngine
from serving.models.load_errors import load_error
from serving.options import ServerOptions
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    NUMPY_DTYPES,
    SignatureDef,
    TensorInfo,
)

logger = logging.getLogger(__name__)

LARGEST_TOLERANCE = 1e-4  # `zoo verify` believes no manifest with a larger one
_FAST, _COMPLETE, _SMALL = "onnx", "tensorflow", "litert"
_FAST_FORMAT, _COMPLETE_FORMAT = "onnx", "saved_model"
_DTYPES = {dtype.name: name for name, dtype in NUMPY_DTYPES.items()} | {
    "string": "DT_STRING"
}


def load_version(version_path: Path, options: ServerOptions) -> Engine:
    """Loads a version with the engine that the options ask for.

    `auto` takes ONNX Runtime for the signatures of which the manifest proves that the
    ONNX file computes what the model does. What only the SavedModel has, such as
    signatures of text and of encoded images, is answered by TensorFlow, which is loaded
    when a first call needs it: so a server starts fast and small, and lacks nothing.
    Without that proof it is the engine of the highest priority whose artifact is there.

    What is executed is inspected before it is loaded.

    Raises:
        ZooError: When there is nothing to load, or nothing to be trusted.
    """
    engine = first_engine(version_path, options)
    loaded = _load(version_path, engine, options)
    if (
        options.engine != AUTO
        or engine.name != _FAST
        or not _has(version_path, _COMPLETE)
    ):
        return loaded
    return _completed(version_path, options, loaded)


def first_engine(version_path: Path, options: ServerOptions) -> type[Engine]:
    """Returns the class of the engine that is loaded before a version serves.

    Raises:
        ZooError: When there is none.
    """
    name = options.engine
    if name == AUTO:
        if options.prefer_tflite_model and _has(version_path, _SMALL):
            name = _SMALL
        elif DEFAULT_SIGNATURE_NAME in _proven_signatures(_manifest(version_path)):
            name = _FAST
    return choose_engine(version_path, name)


def _load(version_path: Path, engine: type[Engine], options: ServerOptions) -> Engine:
    if not options.trust:
        inspection.check(version_path, engine.artifact)
    return engine(version_path, options)


def _load_on_demand(
    version_path: Path, engine: type[Engine], options: ServerOptions
) -> Engine:
    logger.info("Loading %s of %s on demand", engine.name, version_path)
    try:
        return _load(version_path, engine, options)
    except Exception as error:  # as of a version: one line for the client
        raise load_error(error) from error


def _completed(version_path: Path, options: ServerOptions, first: Engine) -> Engine:
    """Returns an engine that also has what only the SavedModel has."""
    content = _manifest(version_path)
    names = sorted(first.signatures.keys() & _proven_signatures(content))
    others = {
        name: _signature_def(name, described)
        for name, described in content["signatures"].items()
        if name not in names and _COMPLETE_FORMAT in described["formats"]
    }
    (second,) = find_engines(_COMPLETE)
    # `importlib.util.find_spec` would use up what makes the import of it quiet.
    if others and PathFinder.find_spec(second.library) is None:
        logger.warning(
            "%s is served without %s, which need TensorFlow",
            version_path,
            ", ".join(others),
        )
        others = {}
    logger.debug(  # Each worker says it.
        "%s: onnx for %s, as the manifest proves; tensorflow on demand for %s",
        version_path,
        ", ".join(names),
        ", ".join(others) or "nothing",
    )
    load = functools.partial(_load_on_demand, version_path, second, options)
    return OnDemandEngine(first, names, others, second, load)


def _has(version_path: Path, name: str) -> bool:
    (engine,) = find_engines(name)
    return (version_path / engine.artifact).is_file()


def _manifest(version_path: Path) -> dict[str, Any]:
    if (version_path / manifest.FILE).is_file():
        return manifest.read(version_path)
    return {"signatures": {}, "parity": {}}


def _proven_signatures(content: Mapping[str, Any]) -> set[str]:
    """Returns the signatures whose ONNX outputs differ by no more than rounding."""
    parity = content["parity"]
    tolerance = min(parity.get("tolerance", -1.0), LARGEST_TOLERANCE)
    figures = parity.get("max_difference", {}).get(_FAST_FORMAT, {})
    return {
        name
        for name, signature in content["signatures"].items()
        if _FAST_FORMAT in signature["formats"]
        and all(
            figures.get(each, math.inf) <= tolerance for each in signature["outputs"]
        )
    }


def _signature_def(name: str, content: Mapping[str, Any]) -> SignatureDef:
    """Returns a signature as the manifest describes it."""
    inputs, outputs = (
        {
            key: TensorInfo(
                key,
                _DTYPES.get(tensor["dtype"], "DT_INVALID"),
                None if tensor["shape"] is None else tuple(tensor["shape"]),
                key,
            )
            for key, tensor in sorted(content[side].items())
        }
        for side in ("inputs", "outputs")
    )
    method = content.get("method", "predict")
    return SignatureDef(name, inputs, outputs, f"tensorflow/serving/{method}")
