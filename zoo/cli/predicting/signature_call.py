"""One call of a signature of an exported artifact, such as `translate`."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from serving.errors import StatusError
from serving.protocol.signature_def import NUMPY_DTYPES
from zoo.cli.predicting.artifact import ArtifactAnswerer, engines_of
from zoo.errors import ArgumentError
from zoo.inference.inputs.remarks import remarks


def call(folder: Path, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
    """Calls a signature of the first file of an artifact that has it.

    Args:
        folder: Of a version.
        signature: Its name.
        inputs: Texts or numbers by name, one for each row or one for all. The class of
            samples is given as `label`, or as None for all in turn.

    Raises:
        ArgumentError: If no file has such a signature, or it does not take the inputs.
    """
    known: set[str] = set()
    for artifact in engines_of(folder):
        with remarks() as said:
            answerer = ArtifactAnswerer(folder, said, artifact=artifact)
            with contextlib.closing(answerer):
                if signature in answerer.signatures:
                    return _call(answerer, signature, inputs)
                known |= answerer.signatures.keys()
    raise ArgumentError(
        f"{folder} has no signature {signature!r}; it has {', '.join(sorted(known))}."
    )


def _call(
    answerer: ArtifactAnswerer, signature: str, given: dict[str, Any]
) -> dict[str, np.ndarray]:
    takes = answerer.signatures[signature].inputs
    rows = max(np.size(value) for value in given.values())
    if "label" in given:
        label = given.pop("label")
        if "class_id" in takes:
            given["class_id"] = _class_ids(answerer, label, rows)
        elif label is not None:
            raise ArgumentError(
                f"{answerer.name} generates samples of no given class; leave `label` "
                "out."
            )
    arrays = {
        name: np.resize(np.asarray(value, NUMPY_DTYPES[takes[name].dtype]), rows)
        for name, value in given.items()
    }
    try:
        return answerer.call(signature, arrays)
    except StatusError as error:
        raise ArgumentError(f"{answerer.name}: {error}") from error


def _class_ids(
    answerer: ArtifactAnswerer, label: str | None, count: int
) -> np.ndarray | int:
    labels = list(answerer.labels)
    if not labels:
        if label is None or not label.isdecimal():
            raise ArgumentError(
                f"{answerer.name} does not say what its classes are called; give the "
                f"number of one as `label`. Received: {label!r}"
            )
        return int(label)
    if label is None:
        return np.arange(count) % len(labels)
    if label not in labels:
        raise ArgumentError(
            f"`label` must be one of {', '.join(labels)}. Received: {label!r}"
        )
    return labels.index(label)
