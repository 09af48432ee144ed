"""From a trained model to a published artifact."""

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
import numpy as np

from export import parity, publishing
from export.errors import ExportError
from export.formats import DEFAULT_FORMATS, Format, find_formats
from export.signature import NAME, default_signature, task_signatures
from export.text_signature import NAME as TEXT
from export.text_signature import AnySignature, text_signature
from zoo.datasets.vocabulary import as_json
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained

_PACKAGES = ("keras-serving-zoo", "keras", "tensorflow")
_PREPROCESSING = "inside the model: send raw values"


@dataclasses.dataclass(frozen=True)
class Artifact:
    """A published version of a model.

    Args:
        path: `<base>/<model>/<version>`.
        manifest: What `manifest.json` in it holds.
    """

    path: Path
    manifest: dict[str, Any]


def export_model(
    model_or_name: keras.Model | Run | str | Path,
    base_path: str | Path,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
    version: int | None = None,
) -> Artifact:
    """Writes a model in each format, compares their outputs with it, publishes them.

    Nothing appears in `<base_path>/<model>/` unless every format passes the parity
    check; then the version appears there in one step.

    Args:
        model_or_name: A model, a `Run`, a run folder, a `.keras` file, or a name
            whose weights ship.
        base_path: Folder of the models.
        formats: Names of formats: `"saved_model"`, `"onnx"`, or your own, registered
            with `@export.register_format`.
        version: A free version; the next one without it.

    Raises:
        ParityError: If the outputs of an artifact differ from the model's.
        ExportError: If it cannot be written, or the version is taken.
        ZooError: If there is no such model or format, or its weights are damaged.
    """
    chosen = find_formats(formats)
    if keras.backend.backend() != "tensorflow":
        raise ExportError(
            f"Export needs the TensorFlow backend, this is {keras.backend.backend()}; "
            "run it with KERAS_BACKEND=tensorflow on the run folder."
        )
    base = Path(base_path)
    source = trained(model_or_name)
    publishing.check_name(source.name)
    if version is not None:
        if version < 1:
            raise ExportError(f"`version` must be 1 or more. Received: {version}")
        publishing.check_free(base, source.name, version)
    _check_weights(source.model)
    signatures = _signatures(source, chosen)
    content = _describe(source, signatures, chosen)
    reference = parity.compute_reference(signatures)
    tolerance = parity.tolerance(source.model.weights)
    with publishing.staging(base, source.name) as folder:
        for each in chosen:
            _write(each, folder, each.select(signatures), _metadata(source))
        parity.save_reference(folder, reference)
        figures = parity.compare(
            folder, chosen, content["signatures"], reference, tolerance
        )
        return Artifact(
            *publishing.publish(
                folder, base, source.name, version, content | {"parity": figures}
            )
        )


def _check_weights(model: keras.Model) -> None:
    """Refuses a model that has diverged."""
    for weight in model.weights:
        if np.isnan(
            np.asarray(keras.ops.convert_to_numpy(weight)).astype("float64")
        ).any():
            raise ExportError(
                f"The weights {weight.path!r} of model {model.name!r} are not numbers "
                "(NaN): its training diverged. Train it again with a smaller learning "
                "rate."
            )


def _signatures(source: Trained, formats: Sequence[Format]) -> dict[str, AnySignature]:
    """Returns `serving_default`, and what else one of the formats holds."""
    default = default_signature(source)
    signatures: dict[str, AnySignature] = {NAME: default}
    text = text_signature(source, default)
    if text:
        signatures[TEXT] = text
    signatures |= task_signatures(source, default)
    held = {NAME}.union(*(each.select(signatures) for each in formats))
    return {name: each for name, each in signatures.items() if name in held}


def _write(
    chosen: Format,
    folder: Path,
    signatures: Mapping[str, AnySignature],
    metadata: Mapping[str, str],
) -> None:
    chosen.write(signatures, folder, metadata)
    if not (folder / chosen.artifact).is_file():
        raise ExportError(
            f"The format {chosen.name!r} wrote no {chosen.artifact}; it has to write "
            "the file that its attribute `artifact` names."
        )


def _describe(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    formats: Sequence[Format],
) -> dict[str, Any]:
    packages = _PACKAGES + tuple(name for each in formats for name in each.packages)
    return {
        "formats": [each.name for each in formats],
        "task": source.task,
        "dataset": source.dataset,
        "labels": source.labels,
        "vocabulary": as_json(source.vocabulary),
        "signatures": {name: each.describe() for name, each in signatures.items()},
        "preprocessing": {
            "where": _PREPROCESSING,
            "layers": _preprocessing(source.model),
        },
        "parameters": source.model.count_params(),
        **source.origin,
        "versions": {name: metadata.version(name) for name in packages},
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _preprocessing(model: keras.Model) -> list[dict[str, Any]]:
    return [
        {
            "name": layer.name,
            "class": type(layer).__name__,
            "weights": {w.name: w.numpy().tolist() for w in layer.weights},
        }
        for layer in model.layers
        if hasattr(layer, "adapt")
    ]


def _metadata(source: Trained) -> dict[str, str]:
    return {
        "name": source.name,
        "task": source.task or "",
        "dataset": source.dataset or "",
        "labels": json.dumps(source.labels),
        "preprocessing": _PREPROCESSING,
        "producer": f"keras-serving-zoo {metadata.version('keras-serving-zoo')}",
    }
