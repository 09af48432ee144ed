"""Smaller forms of an artifact, published only if the test figure stands it."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from export import figures, parity
from export.errors import ExportError
from export.figures import Figure
from export.formats import Format
from export.formats.base import Batch, Compression
from export.given_samples import Sample, given, read_sample
from export.signature import NAME, Signature
from export.signatures.base import AnySignature
from zoo import messages
from zoo.runs.trained import Trained

KINDS = ("int8", "float16")
_CALIBRATION, _BATCH = 512, 32  # samples that ranges are measured on
MAX_DROP = 1.0  # points of accuracy, or per cent of another figure


def check_kind(kind: str | None) -> None:
    """Raises an ExportError if there is no such form."""
    if kind is not None and kind not in KINDS:
        raise ExportError(
            f"`compress` is one of {', '.join(KINDS)}. Received: {kind!r}"
        )


def check_drop(drop: float) -> None:
    """Raises an ExportError if that is no limit."""
    if not 0 <= drop < math.inf:
        raise ExportError(f"`max_accuracy_drop` must be 0 or more. Received: {drop}")


def of(
    kind: str, calibration: Sample | None, source: Trained, signature: Signature
) -> Compression:
    """Returns the form, with calibration data of the user in batches."""
    if calibration is None:
        return Compression(kind)
    arrays = given(signature.call, read_sample(calibration, source)).arrays
    count = min(len(array) for array in arrays.values() if array.ndim)
    rows = range(0, min(count, _CALIBRATION), _BATCH)
    return Compression(
        kind,
        [
            {k: v[i : i + _BATCH] if v.ndim else v for k, v in arrays.items()}
            for i in rows
        ],
    )


def compress(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    formats: Sequence[Format],
    folder: Path,
    reference: parity.Reference,
    compression: Compression,
    max_drop: float,
) -> dict[str, Any]:
    """Replaces the files of the formats that have such a form.

    Args:
        source: The model.
        signatures: Of the artifact.
        formats: Those that were written; a SavedModel stays as it is.
        folder: Of the artifact.
        reference: What the model answers.
        compression: The form.
        max_drop: Largest loss of the test figure.

    Returns:
        For the manifest, by format: kind, bytes and test figure before and after, and
        the largest difference of each output from the model's.

    Raises:
        ExportError: If no format has that form, or the test figure drops by more.
    """
    able = [each for each in formats if type(each).compress is not Format.compress]
    if not able:
        raise ExportError(
            f"None of the formats has a form in {compression.kind}; add onnx or litert."
        )
    return {
        each.name: _compress_one(
            source, signatures, each, folder, reference, compression, max_drop
        )
        for each in able
    }


def _compress_one(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    chosen: Format,
    folder: Path,
    reference: parity.Reference,
    compression: Compression,
    max_drop: float,
) -> dict[str, Any]:
    file = folder / chosen.artifact
    bytes_before = file.stat().st_size
    before = _measure(source, signatures, chosen, folder)
    held = chosen.select(signatures)
    chosen.compress(held, folder, compression)
    after = _measure(source, signatures, chosen, folder)
    if before is None or after is None:
        messages.warn(
            f"The test figure of {chosen.name} in {compression.kind} is not known: the "
            f"test data of {source.name!r} is not at hand. Compare it on data of yours."
        )
    elif not after.loss_since(before) <= max_drop:
        raise ExportError(
            f"In {compression.kind}, {chosen.name} has {after.name} {after.value:.4f} "
            f"instead of {before.value:.4f}, more than `max_accuracy_drop` "
            f"{max_drop:g} allows; export without it, or calibrate it with data."
        )
    if file.stat().st_size >= bytes_before:
        messages.warn(
            f"The {compression.kind} form of {chosen.name} is not smaller: this model "
            "has few weights that it applies to."
        )
    differences = parity.lossy_differences(chosen, folder, held, reference)
    for name, difference in differences.items():
        if not difference <= parity.LARGEST_LOSS:
            raise ExportError(
                f"In {compression.kind}, {chosen.name} differs from the model in "
                f"{name} by {difference:.3g}, more than {parity.LARGEST_LOSS:g}; "
                "export without it, or calibrate it with data."
            )
    return {
        "kind": compression.kind,
        "activations": "static" if compression.calibration else "dynamic",
        "bytes": {"before": bytes_before, "after": file.stat().st_size},
        "figure": _described(before, after),
        "max_difference": differences,
    }


def _measure(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    chosen: Format,
    folder: Path,
) -> Figure | None:
    def predict(batches: list[Batch]) -> list[Batch]:
        return list(chosen.predict(folder, [(NAME, batch) for batch in batches]))

    default = signatures[NAME]
    assert isinstance(default, Signature)  # the call itself
    return figures.measure(source, default, predict)


def _described(before: Figure | None, after: Figure | None) -> dict[str, Any] | None:
    if before is None or after is None:
        return None
    return {"name": before.name, "before": before.value, "after": after.value}
