"""What a manifest, and a format's own metadata, say of a model."""

import datetime
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from export import naming, nan_semantics
from export.formats import Format
from export.signature import NAME
from export.signatures import columns
from export.signatures.base import AnySignature
from zoo.datasets.vocabulary import as_json
from zoo.inference.pictures import trained_pixels
from zoo.runs.trained import Trained
from zoo.tasks.waveforms import sampling_rate
from zoo.weights.transfer import is_target_scale

_PACKAGES = ("keras-serving-zoo", "keras", "tensorflow")
_PREPROCESSING = "inside the model: send raw values"


def nan_differs(folder: Path) -> dict[str, Any]:
    """Names the operators of the ONNX file for which NaN means something else."""
    file = folder / "model.onnx"
    found = nan_semantics.concerned(file) if file.is_file() else []
    return {"nan_differs": {"onnx": found}} if found else {}


def with_batch_sizes(
    signatures: Mapping[str, Any], folder: Path, formats: Sequence[Format]
) -> dict[str, Any]:
    """Adds the batch size that the file of a format takes where the model takes any.

    Args:
        signatures: Of the manifest.
        folder: Of the artifact.
        formats: Those that were written.

    Returns:
        The signatures, each with `"batch_sizes": {format: size}` where there is one.
    """
    found = {name: dict(each) for name, each in signatures.items()}
    for chosen in formats:
        described = chosen.describe(folder).get("signatures", {})
        for name, each in chosen.held(found).items():
            size = _batch_size(described.get(name, each))
            if size is not None and size != _batch_size(each):
                each.setdefault("batch_sizes", {})[chosen.name] = size
    return found


def _batch_size(signature: Mapping[str, Any]) -> int | None:
    """Returns the first size of all inputs; None where it is open or they differ."""
    shapes = [each["shape"] for each in signature["inputs"].values()]
    sizes = {shape[0] if shape else None for shape in shapes}
    return sizes.pop() if len(sizes) == 1 else None


def describe(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    formats: Sequence[Format],
) -> dict[str, Any]:
    """Returns the manifest of a model, but for its files and figures."""
    is_of_pictures = len(signatures[NAME].inputs[0].shape) == 4
    pixels = trained_pixels(source) if is_of_pictures else None
    packages = _PACKAGES + tuple(name for each in formats for name in each.packages)
    return {
        "formats": [each.name for each in formats],
        "task": source.task,
        "dataset": source.dataset,
        "labels": source.labels,
        "targets": list(source.targets),
        "vocabulary": as_json(source.vocabulary),
        "signatures": {
            name: each.describe() | {"formats": _holding(name, signatures, formats)}
            for name, each in signatures.items()
        },
        "preprocessing": {
            "where": _PREPROCESSING,
            "layers": _adapted(source.model),
            "pixels": None if pixels is None else pixels._asdict(),
            **_read_as(source, is_of_pictures),
        },
        **_columns(source, signatures),
        "postprocessing": {"layers": _adapted(source.model, of_targets=True)},
        "input_statistics": _input_statistics(source, signatures),
        "parameters": source.model.count_params(),
        **source.origin,
        "versions": {name: metadata.version(name) for name in packages},
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _read_as(source: Trained, is_of_pictures: bool) -> dict[str, Any]:
    """What clients do to files before they send them."""
    if is_of_pictures:
        return {"fit": source.reading.get("fit", "resize")}
    if source.text_column is not None:
        return {"text_column": source.text_column}
    rate = sampling_rate(source.model)
    return {} if rate is None else {"sampling_rate": rate}


def _holding(
    name: str, signatures: Mapping[str, AnySignature], formats: Sequence[Format]
) -> list[str]:
    return [each.name for each in formats if name in each.select(signatures)]


def _columns(source: Trained, signatures: Mapping[str, AnySignature]) -> dict[str, Any]:
    """Columns of a table, and the tensor of each in the signature of columns."""
    found: dict[str, Any] = {"columns": [each.as_json() for each in source.columns]}
    if columns.NAME in signatures:
        specs = signatures[columns.NAME].inputs
        pairs = zip(source.columns, specs, strict=True)
        found["column_tensors"] = {c.name: str(spec.name) for c, spec in pairs}
    return found if source.columns else {}


def _input_statistics(
    source: Trained, signatures: Mapping[str, AnySignature]
) -> dict[str, Any]:
    """Statistics of the training by the name of the input, for servers."""
    known = source.input_statistics
    inputs = list(signatures[NAME].describe()["inputs"])
    if known is None or len(inputs) != 1:
        return {}
    return {inputs[0]: known.describe()}


def _adapted(model: keras.Model, *, of_targets: bool = False) -> list[dict[str, Any]]:
    """What layers measured of the inputs of the training, or of its targets."""
    layers = [
        layer
        for layer in model.layers
        if hasattr(layer, "adapt") and is_target_scale(layer) == of_targets
    ]
    names = naming.distinct([naming.without_count(layer) for layer in layers])
    return [
        {
            "name": name,
            "class": type(layer).__name__,
            "weights": {w.name: w.numpy().tolist() for w in layer.weights},
        }
        for name, layer in zip(names, layers, strict=True)
    ]


def metadata_of(source: Trained) -> dict[str, str]:
    """Returns what formats with a place for it say of a model."""
    return {
        "name": source.name,
        "task": source.task or "",
        "dataset": source.dataset or "",
        "labels": json.dumps(source.labels),
        "preprocessing": _PREPROCESSING,
        "producer": f"keras-serving-zoo {metadata.version('keras-serving-zoo')}",
    }
