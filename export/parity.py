"""Are an artifact's outputs the model's? Measured, against a declared tolerance."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from export import signature
from export import text_signature as text
from export.errors import ExportError, ParityError
from export.formats import onnx, saved_model

TOLERANCE = 1e-5
BATCH_SIZES = (1, 7)
REFERENCE = Path("assets.extra", "parity.npz")

Batch = dict[str, np.ndarray]
PREDICT: dict[str, Callable[[Path, list[Batch]], Iterator[tuple[str, int, Batch]]]] = {
    "saved_model": saved_model.predict,
    "onnx": onnx.predict,
}
_WHOLE = {signature.NAME, text.NAME}  # the others have a part of the outputs each


def compare(
    folder: Path, formats: tuple[str, ...], inputs: list[Batch], outputs: list[Batch]
) -> dict[str, Any]:
    """Measures how far each format is from the model's recorded outputs.

    Floats count by `|a - b| / max(1, |b|)`, integers and strings must be equal.

    Args:
        folder: Of the artifact.
        formats: Names in `PREDICT`.
        inputs: Batches to compute.
        outputs: What the Keras model answered to them.

    Returns:
        Tolerance, batch sizes, and the largest difference of each format by
        output.

    Raises:
        ParityError: If a difference is above `TOLERANCE`, or not finite.
    """
    figures = {name: _differences(folder, name, inputs, outputs) for name in formats}
    for name, differences in figures.items():
        for output, difference in differences.items():
            if not difference <= TOLERANCE:
                raise ParityError(
                    f"The {name} artifact differs from the model: {output} by "
                    f"{difference:.3g}, tolerance {TOLERANCE:g}."
                )
    sizes = {len(next(iter(batch.values()))) for batch in inputs}
    return {
        "tolerance": TOLERANCE,
        "batch_sizes": sorted(sizes),
        "max_difference": figures,
    }


def save_reference(folder: Path, inputs: list[Batch], outputs: list[Batch]) -> None:
    """Keeps the batches and the model's answers, so that `verify` can repeat them."""
    arrays = {
        f"{i}/{kind}/{name}": array
        for i, batch in enumerate(zip(inputs, outputs, strict=True))
        for kind, tensors in zip(("input", "output"), batch, strict=True)
        for name, array in tensors.items()
    }
    path = folder / REFERENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_reference(folder: Path) -> tuple[list[Batch], list[Batch]]:
    """Reads what `save_reference` kept."""
    parts: dict[str, list[Batch]] = {"input": [], "output": []}
    with np.load(folder / REFERENCE) as file:
        for key in file.files:
            i, kind, name = key.split("/", 2)
            batches = parts[kind]
            if len(batches) <= int(i):
                batches.append({})
            batches[int(i)][name] = file[key]
    return parts["input"], parts["output"]


def _differences(
    folder: Path, name: str, inputs: list[Batch], expected: list[Batch]
) -> dict[str, float]:
    differences: dict[str, float] = {}
    # ONNX has one signature, and that takes the first batch.
    left = {
        place
        for place, batch in enumerate(inputs)
        if name != "onnx" or batch.keys() == inputs[0].keys()
    }
    for served, place, got in PREDICT[name](folder, inputs):
        if served in _WHOLE:
            left.discard(place)
        want = expected[place]
        surplus = got.keys() - want.keys()
        missing = want.keys() - got.keys() if served in _WHOLE else set()
        if surplus or missing:
            raise ExportError(
                f"The {name} artifact has the outputs {sorted(got)}, the model "
                f"{sorted(want)}."
            )
        for output in [output for output in want if output in got]:
            difference = _difference(got[output], want[output])
            differences[output] = max(difference, differences.get(output, 0.0))
    if left:
        missed = inputs[min(left)].keys()
        raise ExportError(
            f"The {name} artifact has no signature that takes {sorted(missed)}."
        )
    return differences


def _difference(got: np.ndarray, want: np.ndarray) -> float:
    are_strings = got.dtype.kind == want.dtype.kind == "U"
    if got.shape != want.shape or not (are_strings or got.dtype == want.dtype):
        return float("inf")
    if want.dtype.kind != "f":
        return 0.0 if np.array_equal(got, want) else float("inf")
    if not (np.isfinite(got).all() and np.isfinite(want).all()):
        return float("inf")
    return float(np.max(np.abs(got - want) / np.maximum(1, np.abs(want))))
