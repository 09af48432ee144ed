"""Do the files of an artifact say of themselves what its manifest says of them?"""

import operator
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export import manifest
from export.errors import ExportError
from export.formats.base import Format
from zoo.bounds import parse_json

Batch = Mapping[str, np.ndarray]
Shape = list[int | None] | None
_CLASSES, _LABELS = "classes", "labels"  # outputs of `classify` and of `labels`


def check(chosen: Format, folder: Path, content: Mapping[str, Any]) -> None:
    """Compares the manifest with what the files of a format say of themselves.

    Args:
        chosen: The format.
        folder: Of the artifact.
        content: Of the manifest.

    Raises:
        ExportError: If they differ in name, task, dataset, labels or a signature, or
            the files of a format that has a place for these do not say them.
    """
    described = chosen.describe(folder)
    file = folder / chosen.artifact
    if "metadata" in described:
        _check_metadata(file, described["metadata"], content)
    for path, metadata in described.get("metadata_of_others", {}).items():
        _check_metadata(folder / path, metadata, content)
    if "signatures" in described:
        expected = chosen.held(content["signatures"])
        _check_names(file, "signatures", described["signatures"], expected)
        for name, signature in expected.items():
            found = described["signatures"][name]
            _check_signature(file, name, found, _as_stored(chosen.name, signature))


def check_reference(
    reference: Mapping[str, Iterable[tuple[Batch, Batch]]], content: Mapping[str, Any]
) -> None:
    """Compares the manifest with the types and shapes of the reference.

    Args:
        reference: By signature, batches of inputs and outputs.
        content: Of the manifest.

    Raises:
        ExportError: If a tensor is not what its signature says.
    """
    for name, pairs in reference.items():
        signature = content["signatures"].get(name, {"inputs": {}, "outputs": {}})
        for inputs, outputs in pairs:
            _check_arrays(f"inputs of {name!r}", inputs, signature["inputs"])
            _check_arrays(f"outputs of {name!r}", outputs, signature["outputs"])
            _check_labels(name, outputs, content.get("labels"))


def _check_arrays(what: str, arrays: Batch, want: Mapping[str, Any]) -> None:
    _check_names("The reference", what, arrays, want)
    for name, array in arrays.items():
        dtype = "string" if array.dtype.kind in "UO" else array.dtype.name
        shape = list(array.shape)
        if dtype != want[name]["dtype"] or not _fits(shape, want[name]["shape"]):
            raise ExportError(
                f"The reference has {name!r} of the {what} as {dtype} {shape}, "
                f"{manifest.FILE} says {_text(want[name])}; export again."
            )


def _check_labels(name: str, outputs: Batch, labels: Any) -> None:
    """Compares the labels with those that the graph itself answers with."""
    if not isinstance(labels, list) or not labels:
        return
    wanted, found = np.array(labels, str), []
    if _CLASSES in outputs:
        found.append((outputs[_CLASSES], wanted))
    if _LABELS in outputs:
        found += [
            (outputs[_LABELS], np.take(wanted, ids, mode="clip"))
            for ids in outputs.values()
            if ids.dtype.kind == "i" and ids.shape == outputs[_LABELS].shape
        ]
    for got, want in found:
        if got.dtype.kind == "U" and not (got == want).all():
            raise ExportError(
                f"The signature {name!r} answers with {_short(np.unique(got).tolist())}"
                f", {manifest.FILE} has the labels {_short(labels)} in this order; "
                "export again."
            )


def _check_metadata(
    file: Path, metadata: Mapping[str, str], content: Mapping[str, Any]
) -> None:
    said = {key: metadata.get(key) for key in ("name", "task", "dataset", "labels")}
    try:
        said["labels"] = parse_json(said["labels"] or "")
    except (TypeError, ValueError):
        said["labels"] = "none that can be read"
    for key, got in said.items():
        want = content.get(key) if key == "labels" else content.get(key) or ""
        if got != want:
            raise ExportError(
                f"{file} says that its {key} is {_short(got)}, {manifest.FILE} says "
                f"{_short(want)}; export again."
            )


def _check_signature(
    file: Path, name: str, got: Mapping[str, Any], want: Mapping[str, Any]
) -> None:
    for kind in ("inputs", "outputs"):
        _check_names(file, f"{kind} of {name!r}", got[kind], want[kind])
        for tensor, expected in want[kind].items():
            found = got[kind][tensor]
            # What a graph computes may have sizes that only one of the two knows.
            fits = _fits if kind == "outputs" else operator.eq
            if found["dtype"] != expected["dtype"] or not fits(
                found["shape"], expected["shape"]
            ):
                raise ExportError(
                    f"{file}: {tensor!r} of {name!r} is {_text(found)}, "
                    f"{manifest.FILE} says {_text(expected)}; export again."
                )
    _check_statement(file, name, got.get("stated", {}), want)


def _check_statement(
    file: Path, name: str, got: Mapping[str, Any], want: Mapping[str, Any]
) -> None:
    """Compares what a file says of its signature beside what its graph shows."""
    for key, value in got.items():
        if value != want.get(key):
            raise ExportError(
                f"{file} says that the {key} of {name!r} is {_short(value)}, "
                f"{manifest.FILE} says {_short(want.get(key))}; export again."
            )


def _as_stored(form: str, signature: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the signature with the batch size that the file of a format takes."""
    if form not in signature.get("batch_sizes", {}):
        return signature
    size = signature["batch_sizes"][form]
    inputs = {
        name: {"dtype": each["dtype"], "shape": [size, *(each["shape"] or [])[1:]]}
        for name, each in signature["inputs"].items()
    }
    return {**signature, "inputs": inputs}


def _check_names(
    file: Path | str, what: str, got: Mapping[str, Any], want: Mapping[str, Any]
) -> None:
    if got.keys() != want.keys():
        raise ExportError(
            f"{file} has the {what} {sorted(got)}, {manifest.FILE} says "
            f"{sorted(want)}; export again."
        )


def _fits(got: Shape, want: Shape) -> bool:
    """Whether no size is known to differ.

    >>> _fits([None, 10], [None, None]), _fits([None, 10], [None, 11])
    (True, False)
    """
    if got is None or want is None:
        return True
    return len(got) == len(want) and all(
        None in pair or pair[0] == pair[1] for pair in zip(got, want, strict=True)
    )


def _text(tensor: Mapping[str, Any]) -> str:
    return f"{tensor.get('dtype')} {tensor.get('shape')}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
