"""Are an artifact's outputs the model's? Measured, against a declared tolerance."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.errors import ExportError, ParityError
from export.formats.base import Batch, Format
from export.text_signature import AnySignature

TOLERANCE = 1e-5
BATCH_SIZES = (1, 7)
REFERENCE = Path("assets.extra", "parity.npz")

Reference = list[tuple[Batch, Batch]]  # inputs, and the outputs of the Keras model


def compute_reference(signatures: Iterable[AnySignature]) -> Reference:
    """Computes the reference outputs of each signature at `BATCH_SIZES`."""
    pairs = []
    for signature in signatures:
        batches = [signature.sample(size) for size in BATCH_SIZES]
        pairs += [(batch, signature(batch)) for batch in batches]
    return pairs


def compare(
    folder: Path,
    formats: Iterable[Format],
    signatures: Mapping[str, Any],
    reference: Reference,
) -> dict[str, Any]:
    r"""Compares the outputs of each format with the reference outputs.

    The difference of floats is

    .. math::

        \max_i \frac{|a_i - b_i|}{\max(1, |b_i|)}

    where :math:`b` is the reference; integers and strings must be equal.

    Args:
        folder: Of the artifact.
        formats: Those to check.
        signatures: `{name: {"inputs": ..., "outputs": ...}}`, as in the manifest.
        reference: Batches of inputs with their reference outputs.

    Returns:
        Tolerance, batch sizes, and the largest difference of each format by
        output.

    Raises:
        ParityError: If a difference is above `TOLERANCE`, or not finite.
        ExportError: If an artifact lacks a signature or an output.
    """
    figures = {
        each.name: _differences(each, folder, each.select(signatures), reference)
        for each in formats
    }
    for name, differences in figures.items():
        for output, difference in differences.items():
            if not difference <= TOLERANCE:
                raise ParityError(
                    f"The {name} artifact differs from the model: {output} by "
                    f"{difference:.3g}, tolerance {TOLERANCE:g}."
                )
    sizes = {len(next(iter(inputs.values()))) for inputs, _ in reference}
    return {
        "tolerance": TOLERANCE,
        "batch_sizes": sorted(sizes),
        "max_difference": figures,
    }


def save_reference(folder: Path, reference: Reference) -> None:
    """Writes the reference into the artifact, so that `verify` needs no model."""
    arrays = {
        f"{i}/{kind}/{name}": array
        for i, pair in enumerate(reference)
        for kind, tensors in zip(("input", "output"), pair, strict=True)
        for name, array in tensors.items()
    }
    path = folder / REFERENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_reference(folder: Path) -> Reference:
    """Reads what `save_reference` wrote."""
    pairs: dict[int, tuple[Batch, Batch]] = {}
    with np.load(folder / REFERENCE) as file:
        for key in file.files:
            i, kind, name = key.split("/", 2)
            inputs, outputs = pairs.setdefault(int(i), ({}, {}))
            (inputs if kind == "input" else outputs)[name] = file[key]
    return list(pairs.values())


def _differences(
    checked: Format, folder: Path, signatures: Mapping[str, Any], reference: Reference
) -> dict[str, float]:
    if not signatures:
        raise ExportError(
            f"The format {checked.name!r} holds none of the model's signatures; "
            "choose another format."
        )
    cases = list(_cases(signatures, reference))
    results = list(checked.predict(folder, [(name, x) for name, x, _ in cases]))
    if len(results) != len(cases):
        raise ExportError(
            f"The format {checked.name!r} computed {len(results)} of {len(cases)} "
            "batches; its `predict` has to yield the outputs of each request."
        )
    differences: dict[str, float] = {}
    for (name, _, expected), outputs in zip(cases, results, strict=True):
        if outputs.keys() != expected.keys():
            raise ExportError(
                f"The signature {name!r} of the {checked.name} artifact has the "
                f"outputs {sorted(outputs)}, the model {sorted(expected)}."
            )
        for output, array in expected.items():
            difference = _difference(outputs[output], array)
            differences[output] = max(difference, differences.get(output, 0.0))
    return differences


def _cases(
    signatures: Mapping[str, Any], reference: Reference
) -> Iterator[tuple[str, Batch, Batch]]:
    """Yields each signature with the batches that fit it and the outputs it has."""
    for name, signature in signatures.items():
        names = signature["outputs"].keys()
        fitting = [
            (inputs, {output: outputs[output] for output in names})
            for inputs, outputs in reference
            if inputs.keys() == signature["inputs"].keys() and names <= outputs.keys()
        ]
        if not fitting:
            raise ExportError(
                f"{REFERENCE} has no reference outputs for the signature {name!r}; "
                "export again."
            )
        for inputs, outputs in fitting:
            yield name, inputs, outputs


def _difference(got: np.ndarray, want: np.ndarray) -> float:
    are_strings = got.dtype.kind == want.dtype.kind == "U"
    if got.shape != want.shape or not (are_strings or got.dtype == want.dtype):
        return float("inf")
    if want.dtype.kind != "f":
        return 0.0 if np.array_equal(got, want) else float("inf")
    if not (np.isfinite(got).all() and np.isfinite(want).all()):
        return float("inf")
    return float(np.max(np.abs(got - want) / np.maximum(1, np.abs(want))))
