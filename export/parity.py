r"""Are an artifact's outputs the model's? Measured, against a stated tolerance.

The difference of an output :math:`a` from the reference :math:`b` is

.. math::

    \max_i \frac{|a_i - b_i|}{\max(1, |b_i|, \operatorname{rms}(b))}

over the elements of a sample, with the root mean square of that sample: rounding
errors grow with the numbers that are summed, not with what is left of them. Rows of
probabilities are compared by their logarithms as well, which are the logits but for a
constant: a saturated softmax would hide every difference.

Single-precision rounding errors add up along a chain of layers like a random walk, so
the tolerance of a model with :math:`L` weight matrices is

.. math:: 10^{-5} \max(1, \sqrt{L / 16})
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.errors import ExportError, ParityError
from export.formats.base import Batch, Format, Reference
from export.signatures.base import AnySignature
from zoo.errors import reason

TOLERANCE = 1e-5
LARGEST_TOLERANCE = 1e-4
LARGEST_LOSS = 1.0  # that an artifact made smaller may state: as much as its outputs
_DEPTH = 16  # weight matrices up to which TOLERANCE holds
_ROUNDING, _LEAST_LOSS = 2, 1e-3  # of what is stated of a compressed artifact
_LEAST_PROBABILITY = 1e-30  # below it, single precision loses digits
_OF_ONE = 2.0**-22  # of numbers near 1 in single precision, rounded twice
_LENGTHS = "/lengths"
REFERENCE = Path("assets.extra", "parity.npz")


def tolerance(weights: Iterable[Any]) -> float:
    """Returns the tolerance of a model with these weights.

    >>> tolerance([np.zeros((3, 3))] * 64)
    2e-05
    """
    depth = sum(len(weight.shape) > 1 for weight in weights)
    return min(TOLERANCE * max(1.0, math.sqrt(depth / _DEPTH)), LARGEST_TOLERANCE)


def compute_reference(signatures: Mapping[str, AnySignature]) -> Reference:
    """Computes the reference outputs of each signature on its batches."""
    return {name: signature.pairs() for name, signature in signatures.items()}


def not_numbers(reference: Reference) -> list[str]:
    """Returns the outputs in which the model itself gives NaN."""
    return sorted(
        {
            name
            for pairs in reference.values()
            for _, outputs in pairs
            for name, array in outputs.items()
            if array.dtype.kind == "f" and np.isnan(array).any()
        }
    )


def compare(
    folder: Path,
    formats: Iterable[Format],
    signatures: Mapping[str, Any],
    reference: Reference,
    tolerance: float = TOLERANCE,
    compressed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Compares the outputs of each format with the reference outputs.

    Integers and strings must be equal, infinities have the same sign, and NaN stands
    only where the model gives it.

    Args:
        folder: Of the artifact.
        formats: Those to check.
        signatures: `{name: {"inputs": ..., "outputs": ..., "formats": ...}}`, as in the
            manifest.
        reference: Batches of inputs with their reference outputs.
        tolerance: Of the differences.
        compressed: By format that was made smaller, what the manifest says of it: its
            differences must be those that it states.

    Returns:
        Tolerance, batch sizes, and the largest difference of each format by
        output.

    Raises:
        ParityError: If a difference is above the tolerance.
        ExportError: If an artifact lacks a signature or an output.
    """
    compressed = compressed or {}
    formats = list(formats)
    lossy = {
        each.name: _compressed(
            each, folder, each.held(signatures), reference, compressed[each.name]
        )
        for each in formats
        if each.name in compressed
    }
    figures = {
        each.name: _differences(each, folder, each.held(signatures), reference)
        for each in formats
        if each.name not in compressed
    }
    for name, differences in figures.items():
        for output, difference in differences.items():
            if not difference <= tolerance:
                raise ParityError(
                    f"The {name} artifact differs from the model: {output} by "
                    f"{difference:.3g}, tolerance {tolerance:g}."
                )
    sizes = {
        size
        for pairs in reference.values()
        for inputs, _ in pairs
        for size in [len(array) for array in inputs.values() if array.ndim][:1]
    }
    return {
        "tolerance": tolerance,
        "batch_sizes": sorted(sizes),
        "max_difference": figures | lossy,
    }


def lossy_differences(
    checked: Format, folder: Path, signatures: Iterable[str], reference: Reference
) -> dict[str, float]:
    """Returns, by output, how far an artifact is that was made smaller.

    It is the largest difference of floats, and the largest share of other elements
    that differ.
    """
    found: dict[str, float] = {}
    cases = list(_cases(signatures, reference))
    outputs = checked.predict(folder, [(name, inputs) for name, inputs, _ in cases])
    for got, (*_, want) in zip(outputs, cases, strict=True):
        for name, array in want.items():
            found[name] = max(_lossy(got[name], array), found.get(name, 0.0))
    return found


def _lossy(got: np.ndarray, want: np.ndarray) -> float:
    if got.shape != want.shape or got.dtype != want.dtype:
        return math.inf
    if want.dtype.kind != "f":
        return float(np.mean(got != want))
    return _relative(got, want) if np.isfinite(got).all() else math.inf


def _compressed(
    checked: Format,
    folder: Path,
    signatures: Iterable[str],
    reference: Reference,
    described: Mapping[str, Any],
) -> dict[str, float]:
    """Returns the differences; they must be the stated ones.

    Other processors round sums of 8 bits otherwise.
    """
    stated = described["max_difference"]
    found = lossy_differences(checked, folder, signatures, reference)
    for name, difference in found.items():
        allowed = _ROUNDING * stated.get(name, 0.0) + _LEAST_LOSS
        if not difference <= allowed:
            raise ParityError(
                f"The compressed {checked.name} artifact differs from the model: "
                f"{name} by {difference:.3g}, stated {stated.get(name, 0.0):.3g}."
            )
    return found


def save_reference(folder: Path, reference: Reference) -> None:
    """Writes the reference into the artifact, so that `verify` needs no model."""
    arrays: Batch = {}
    for signature, pairs in reference.items():
        for i, pair in enumerate(pairs):
            for kind, tensors in zip(("input", "output"), pair, strict=True):
                for name, array in tensors.items():
                    arrays |= _packed(f"{signature}/{i}/{kind}/{name}", array)
    path = folder / REFERENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_reference(folder: Path) -> Reference:
    """Reads what `save_reference` wrote."""
    found: dict[str, dict[int, tuple[Batch, Batch]]] = {}
    with np.load(folder / REFERENCE) as file:
        for key in file.files:
            if not key.endswith(_LENGTHS):
                signature, i, kind, name = key.split("/", 3)
                pairs = found.setdefault(signature, {})
                inputs, outputs = pairs.setdefault(int(i), ({}, {}))
                (inputs if kind == "input" else outputs)[name] = _unpacked(file, key)
    return {name: list(pairs.values()) for name, pairs in found.items()}


def _packed(key: str, array: np.ndarray) -> Batch:
    """Returns an array; one of bytes as all of them in a row, and their lengths.

    NumPy's own strings end at their last byte that is not zero.
    """
    if array.dtype != object:
        return {key: array}
    lengths = np.reshape([len(each) for each in array.flat], array.shape)
    joined = b"".join(array.flat)
    return {key: np.frombuffer(joined, "uint8"), f"{key}{_LENGTHS}": lengths}


def _unpacked(arrays: Mapping[str, np.ndarray], key: str) -> np.ndarray:
    if f"{key}{_LENGTHS}" not in arrays:
        return arrays[key]
    lengths, joined = arrays[f"{key}{_LENGTHS}"], arrays[key].tobytes()
    array = np.empty(lengths.size, object)
    ends = np.cumsum(lengths)
    array[:] = [
        joined[end - length : end]
        for end, length in zip(ends, lengths.ravel(), strict=True)
    ]
    return array.reshape(lengths.shape)


def _differences(
    checked: Format, folder: Path, signatures: Mapping[str, Any], reference: Reference
) -> dict[str, float]:
    if not signatures:
        raise ExportError(
            f"The format {checked.name!r} holds none of the model's signatures; "
            "choose another format."
        )
    cases = list(_cases(signatures, reference))
    results = _computed(checked, folder, [(name, x) for name, x, _ in cases])
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
            found = largest(outputs[output], array)
            differences[output] = max(found, differences.get(output, 0.0))
    return differences


def _computed(
    checked: Format, folder: Path, requests: list[tuple[str, Batch]]
) -> list[Batch]:
    try:
        return list(checked.predict(folder, requests))
    except ExportError:
        raise
    except Exception as error:  # runtimes raise of every kind
        raise ParityError(
            f"The {checked.name} artifact cannot compute what the model can "
            f"({reason(error)}); give open axes a size, or leave the format out."
        ) from error


def _cases(
    signatures: Iterable[str], reference: Reference
) -> Iterator[tuple[str, Batch, Batch]]:
    """Yields each signature with its batches."""
    for name in signatures:
        if not reference.get(name):
            raise ExportError(
                f"{REFERENCE} has no reference outputs for the signature {name!r}; "
                "export again."
            )
        for inputs, outputs in reference[name]:
            yield name, inputs, outputs


def largest(got: np.ndarray, want: np.ndarray) -> float:
    """Returns the largest difference of an output; infinite where it is another."""
    are_strings = got.dtype.kind == want.dtype.kind == "U"
    if got.shape != want.shape or not (are_strings or got.dtype == want.dtype):
        return math.inf
    if want.dtype.kind == "c":
        parts = ((got.real, want.real), (got.imag, want.imag))
        return max(largest(*each) for each in parts)
    if want.dtype.kind != "f":
        return 0.0 if np.array_equal(got, want) else math.inf
    finite = np.isfinite(want)
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return math.inf
    if not np.isfinite(got[finite]).all():
        return math.inf
    got, want = np.where(finite, got, 0), np.where(finite, want, 0)
    if are_probabilities(want):
        known = want > _LEAST_PROBABILITY
        logarithms = [np.log(np.maximum(x, _LEAST_PROBABILITY)) for x in (got, want)]
        logarithms = [np.where(known, x, 0) for x in logarithms]
        return max(_relative(got, want), _relative(*logarithms, _rounding(want)))
    if np.max(want, initial=-1.0) <= 0 and are_probabilities(shares := _exp(want)):
        return _relative(got, want, _rounding(shares))
    return _relative(got, want)


def _exp(logarithms: np.ndarray) -> np.ndarray:
    return np.exp(logarithms.astype("float64"))


def _rounding(probabilities: np.ndarray) -> Any:
    """What rounding does to logarithms, where the smaller of two is computed as 1 - p.

    A sigmoid of 0.9995 rounds to the next number of single precision, and its
    complement of 0.0005 is off by as much.
    """
    if probabilities.shape[-1] != 2:
        return 0.0
    exact = probabilities.astype("float64")
    small, large = (f(exact, axis=-1, keepdims=True) for f in (np.min, np.max))
    complement = np.float32(1) - large.astype("float32")
    is_complement = (small > 0) & (np.abs(complement - small) <= 1e-5 * small)
    return np.where(is_complement, _OF_ONE / np.maximum(exact, _OF_ONE), 0.0)


def are_probabilities(values: np.ndarray) -> bool:
    """Whether each row along the last axis is a distribution."""
    return (
        values.ndim > 1
        and values.shape[-1] > 1
        and bool((values >= 0).all())
        and np.allclose(values.sum(-1), 1, atol=1e-4)
    )


def _relative(got: np.ndarray, want: np.ndarray, rounding: Any = 0.0) -> float:
    if not want.size:
        return 0.0
    got, want = got.astype("float64"), want.astype("float64")
    axes = tuple(range(1, want.ndim))
    size = np.sqrt(np.mean(want**2, axis=axes, keepdims=True))
    off = np.maximum(np.abs(got - want) - rounding, 0)
    return float(np.max(off / np.maximum(np.maximum(1, np.abs(want)), size)))
