"""Fingerprints of datasets, by which a run recognizes its data."""

import hashlib
import json
from typing import Any

import numpy as np

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.storage import blocks
from zoo.datasets.vocabulary import as_json

SAMPLED_ROWS = 1_000  # of a memory-mapped array


def fingerprint(data: Dataset) -> dict[str, Any]:
    """Returns the fingerprint of a dataset as a training sees it, for a JSON file.

    Arrays in memory are hashed whole, with their order. Of memory-mapped samples 1,000
    rows are read, evenly spaced, and the first and the last one: a change that spares
    these, and the number of rows, is not seen. Labels are always hashed whole. Equal
    values of another type differ, and so do images that another version of a decoder
    reads differently by a bit.

    Args:
        data: Encoded by its task; with sample weights, if there are any.

    Returns:
        Hashes of `labels` and `vocabulary`, and of each split the number of `samples`
        and hashes of `x`, `y` and, of weighted samples, `sample_weight`.
    """
    return {
        "labels": _hash_json(data.labels),
        "vocabulary": _hash_json(as_json(data.vocabulary)),
        **{name: fingerprint_split(split) for name, split in data.splits.items()},
    }


def fingerprint_split(split: Split) -> dict[str, Any]:
    """Returns the fingerprint of one split."""
    hashes = {key: _hash_array(array) for key, array in split._asdict().items()}
    return {"samples": len(split.y), **hashes}


def describe_changes(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Says what differs between two fingerprints; nothing if they are equal.

    >>> old = {"labels": "1f", "train": {"samples": 64, "x": "2a", "y": "3b"}}
    >>> new = {"labels": "1f", "train": {"samples": 32, "x": "0c", "y": "3b"}}
    >>> describe_changes(old, new)
    '32 samples in train, not 64'
    >>> describe_changes(old, old | {"train": {"samples": 64, "x": "2a", "y": "4d"}})
    'other y in train'
    """
    changes = [
        f"other {key}"
        for key in new
        if not isinstance(new[key], dict) and new[key] != old.get(key)
    ]
    for part, found in new.items():
        if not isinstance(found, dict):
            continue
        held = old.get(part)
        held = held if isinstance(held, dict) else {}
        if found["samples"] != held.get("samples"):
            changes.append(
                f"{found['samples']} samples in {part}, not {held.get('samples')}"
            )
            continue
        keys = dict.fromkeys([*found, *held])
        others = [key for key in keys if found.get(key) != held.get(key)]
        if others:
            changes.append(f"other {' and '.join(others)} in {part}")
    return ", ".join(changes)


def as_number(found: dict[str, Any]) -> int:
    """Returns 32 bits of a fingerprint, for workers to compare."""
    return int(_hash_json(found)[:8], 16)


def _hash_json(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _hash_array(array: np.ndarray) -> str:
    found = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    if isinstance(array, np.memmap) and array.ndim > 1 and len(array) > SAMPLED_ROWS:
        rows = np.linspace(0, len(array) - 1, SAMPLED_ROWS).astype("int64")
        array = np.asarray(array[rows])
    for block in blocks(array):
        if array.dtype == object:
            # Texts, or lists of tokens or of numbers, of any length.
            listed = [each if isinstance(each, str) else list(each) for each in block]
            found.update(json.dumps(listed, default=str).encode())
        else:
            found.update(np.ascontiguousarray(block).data)
    return found.hexdigest()[:16]
