"""From a trained model to a published artifact."""

import dataclasses
import datetime
import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from export import parity, publishing, signature, warmup
from export import text_signature as text
from export.errors import ExportError
from export.formats import onnx, saved_model
from zoo.datasets.vocabulary import as_json
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained

FORMATS = ("saved_model", "onnx")
_PACKAGES = ("keras-serving-zoo", "keras", "tensorflow", "tf2onnx", "onnx")


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
    formats: Sequence[str] = FORMATS,
    version: int | None = None,
) -> Artifact:
    """Writes a model as SavedModel and ONNX, compares both with it, publishes them.

    Nothing appears in `<base_path>/<model>/` unless every format answers like
    the model; then the version appears there in one step.

    Args:
        model_or_name: A model, a `Run`, a run folder, a `.keras` file, or a name
            whose weights ship.
        base_path: Folder of the models.
        formats: `"saved_model"`, `"onnx"`, or both.
        version: A free version; the next one without it.

    Raises:
        ParityError: If an artifact differs from the model.
        ExportError: If it cannot be written, or the version is taken.
        ZooError: If there is no such model or its weights are damaged.
    """
    chosen = _check_formats(formats)
    if keras.backend.backend() != "tensorflow":
        raise ExportError(
            f"Export needs the TensorFlow backend, this is {keras.backend.backend()}; "
            "run it with KERAS_BACKEND=tensorflow on the run folder."
        )
    base = Path(base_path)
    subject = trained(model_or_name)
    if version is not None:
        if version < 1:
            raise ExportError(f"`version` must be 1 or more. Received: {version}")
        publishing.check_free(base, subject.name, version)
    served = signature.serving_signature(subject)
    whole: dict[str, signature.Signature | text.TextSignature]
    whole = {signature.NAME: served}
    of_text = text.text_signature(subject, served)
    if of_text and "saved_model" in chosen:
        whole[text.NAME] = of_text
    signatures = whole | signature.part_signatures(subject, served)
    drawn = [(one, one.sample(n)) for one in whole.values() for n in parity.BATCH_SIZES]
    inputs = [batch for _, batch in drawn]
    outputs = [one(batch) for one, batch in drawn]
    with publishing.staging(base, subject.name) as folder:
        if "saved_model" in chosen:
            saved_model.write(signatures, folder)
            warmup.write(folder, subject.name, inputs[0])
        if "onnx" in chosen:
            onnx.write(served, folder, _properties(subject))
        parity.save_reference(folder, inputs, outputs)
        figures = parity.compare(folder, chosen, inputs, outputs)
        content = _describe(subject, signatures, chosen) | {"parity": figures}
        return Artifact(
            *publishing.publish(folder, base, subject.name, version, content)
        )


def _check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats or isinstance(formats, str):
        raise ExportError(
            f"`formats` takes some of {', '.join(FORMATS)}. Received: {formats!r}"
        )
    return tuple(name for name in FORMATS if name in formats)


def _describe(
    subject: Trained,
    signatures: dict[str, signature.Signature | text.TextSignature],
    formats: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "formats": list(formats),
        "task": subject.task,
        "dataset": subject.dataset,
        "labels": subject.labels,
        "vocabulary": as_json(subject.vocabulary),
        "signatures": {name: one.describe() for name, one in signatures.items()},
        "preprocessing": {
            "where": "inside the model: send raw values",
            "layers": _preprocessing(subject.model),
        },
        "parameters": subject.model.count_params(),
        **subject.origin,
        "versions": {name: metadata.version(name) for name in _PACKAGES},
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


def _properties(subject: Trained) -> dict[str, str]:
    return {
        "name": subject.name,
        "task": subject.task or "",
        "dataset": subject.dataset or "",
        "labels": json.dumps(subject.labels),
        "preprocessing": "inside the model: send raw values",
        "producer": f"keras-serving-zoo {metadata.version('keras-serving-zoo')}",
    }
