"""Sample weights and class weights in the training loss."""

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from zoo.array_file import DAMAGES, load_array
from zoo.config import Config
from zoo.datasets import Dataset
from zoo.errors import ArgumentError, suggestion


class WeightedSplit(NamedTuple):
    """Samples, targets, and the weight of each sample, or token, in the loss."""

    x: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray


def weighted(data: Dataset, config: Config) -> Dataset:
    """Adds the weights that a configuration gives to samples.

    .. math::

        w_i = s_i \\, c_{y_i}

    with the `sample_weight` :math:`s` and the `class_weight` :math:`c`, which
    `balanced` makes :math:`n / (k n_c)` for :math:`n_c` of :math:`n` samples (tokens in
    tagging) of `k` classes. The loss of a batch is :math:`1/n \\sum_i w_i l_i`, as in
    `keras.Model.fit`; its metrics are not weighted. Loss and metrics of the validation
    split, by which weights are chosen, are weighted by class, `balanced` by the classes
    of that split, whose shares may be others: its accuracy is the balanced accuracy.

    Args:
        data: Encoded by its task.
        config: Configuration with `sample_weight` and `class_weight`.

    Raises:
        ArgumentError: If the weights do not fit the data.
    """
    weights = _of_samples(data, config)
    splits: dict[str, Any] = {}
    given = config.recipe.class_weight
    if given is not None:
        by_class = _of_classes(data, given, data.train.y)
        of_samples = 1.0 if weights is None else weights
        weights = (_each(by_class, data.train.y).T * of_samples).T
        by_class = _of_classes(data, given, data.validation.y)
        held_out = _each(by_class, data.validation.y)
        splits["validation"] = WeightedSplit(*data.validation, held_out)
    if weights is not None:
        splits["train"] = WeightedSplit(*data.train, weights)
    for part, split in splits.items():
        if not split.sample_weight.any():
            raise ArgumentError(
                f"`sample_weight` and `class_weight` give every sample of the {part} "
                "split a weight of 0, so it has no loss; give one of them more."
            )
    return dataclasses.replace(data, **splits)


def _of_samples(data: Dataset, config: Config) -> np.ndarray | None:
    given = config.sample_weight
    if given is None:
        return None
    if data.environment is not None:
        raise ArgumentError(
            "`sample_weight` is for samples; an agent collects its own: leave it out."
        )
    weights = config.objects.get("sample_weight")
    if weights is None:
        weights = _load(given)
    weights = np.asarray(weights)
    samples = len(data.train.y)
    if weights.shape != (samples,) or weights.dtype.kind not in "fiub":
        raise ArgumentError(
            f"`sample_weight` must be {samples} numbers, one for each training sample "
            f"of {data.name!r}. Received: shape {weights.shape}, {weights.dtype}"
        )
    weights = _float32(weights)
    if not (np.isfinite(weights).all() and weights.min() >= 0):
        raise ArgumentError("`sample_weight` must be finite numbers of 0 or more.")
    return weights


def _load(path: str) -> np.ndarray:
    if not path.endswith(".npy"):
        raise ArgumentError(
            f"`sample_weight` must be an .npy file or an array; an array that a run "
            f"began with has to be given again at a resume. Received: {path!r}"
        )
    try:
        return load_array(Path(path))
    except DAMAGES as error:
        raise ArgumentError(
            f"`sample_weight`: {path} cannot be read ({error}); give an .npy file."
        ) from error


def _of_classes(data: Dataset, given: Any, y: np.ndarray) -> np.ndarray:
    """The weight of each class, for the targets of a split."""
    if not data.labels or data.task not in ("classification", "tagging"):
        raise ArgumentError(
            "`class_weight` is for data with one class for each sample or token, "
            f"which {data.name!r} has not; give a `sample_weight`."
        )
    return _balanced(data, y) if given == "balanced" else _by_class(data, given)


def _each(by_class: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weight of each sample or token; padding has no class."""
    return np.where(y < 0, np.float32(0), by_class[y])


def _balanced(data: Dataset, y: np.ndarray) -> np.ndarray:
    y = np.asarray(y)
    counts = np.bincount(y[y >= 0], minlength=data.num_classes)
    weights = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return weights.astype("float32")


def _by_class(data: Dataset, given: dict[str, float]) -> np.ndarray:
    """The weights by label, or by class id where no label is called so."""
    ids = {label: k for k, label in enumerate(data.labels)}
    known = {str(k): k for k in range(data.num_classes)} | ids
    unknown = [label for label in given if label not in known]
    if unknown:
        raise ArgumentError(
            f"`class_weight`: dataset {data.name!r} has no class {unknown[0]!r}."
            f"{suggestion(unknown[0], data.labels)}"
        )
    weights = np.ones(data.num_classes)
    for label, weight in given.items():
        weights[known[label]] = weight
    return _float32(weights)


def _float32(weights: np.ndarray) -> np.ndarray:
    """Converts weights; those that are too large become infinite."""
    with np.errstate(over="ignore"):
        return weights.astype("float32")
