"""Classification with any number of labels a sample."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.datasets import Dataset
from zoo.errors import DatasetError
from zoo.tasks import averages, register_task, sentences
from zoo.tasks.assessment import Scores
from zoo.tasks.baselines import Baseline
from zoo.tasks.classification import fixed_by_data, fixed_in_model
from zoo.tasks.label_scores import f1, label_scores
from zoo.tasks.task import Config, Task


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves numbers as they are, and encodes sentences as token ids.

    Args:
        data: Samples with sets of labels; texts are an array of strings.
        encoding: Of sentences, see `WordEncoding`.
    """
    if data.task != "multi_label":
        raise DatasetError(
            f"Dataset {data.name!r} is for {data.task}, its samples have no sets of "
            "labels."
        )
    return sentences.encode(data, encoding) if data.train.x.dtype == object else data


def outputs(model: keras.Model) -> dict[str, Any]:
    r"""`probabilities` of each label, and `indicators`: 1 where it is 0.5 or more.

    .. math::

        p_k = \frac{1}{1 + e^{-z_k}}
    """
    logits = model.output
    return {
        "probabilities": ops.sigmoid(logits),
        "indicators": ops.cast(ops.greater_equal(logits, 0.0), "int64"),
    }


def assess(logits: np.ndarray, data: Dataset, *, are_probable: bool = True) -> Scores:
    r"""Assesses the answers to the test split, label by label.

    .. math::

        \mathrm{micro\ F1} = \frac{2 \sum_k t_k}{\sum_k (p_k + n_k)}, \quad
        \mathrm{macro\ F1} = \frac{1}{K} \sum_k \frac{2 t_k}{p_k + n_k}

    with :math:`n_k` samples that have the label `k`, :math:`p_k` for which it is
    predicted, and :math:`t_k` of both.

    Args:
        logits: Of shape (samples, labels).
        data: With sets of labels.
        are_probable: Not used: labels are decided by the sign of the logits.

    Returns:
        The metrics `micro_f1`, `macro_f1` and `subset_accuracy`, the fraction of the
        samples whose labels are all right; as details the number of `samples`, whose
        `unit` is `samples`, and `classes`, a dictionary for each label.
    """
    truth, predicted = data.test.y > 0, logits >= 0
    each = label_scores(truth, predicted, data.labels)
    metrics = {
        "micro_f1": f1(truth, predicted),
        "macro_f1": float(np.mean([scores["f1"] or 0.0 for scores in each])),
        "subset_accuracy": float((truth == predicted).all(axis=1).mean()),
    }
    details = {"samples": len(truth), "unit": "samples", "classes": each}
    return Scores(metrics, details)


def commonest_set(data: Dataset) -> Baseline:
    """Always answers the set of labels that the most training samples have."""
    sets, counts = np.unique(data.train.y, axis=0, return_counts=True)
    common = sets[counts.argmax()] > 0
    named = [data.labels[i] for i in np.flatnonzero(common)]
    what = ", ".join(f'"{label}"' for label in named) or "no label"
    truth = data.test.y > 0
    value = f1(truth, np.broadcast_to(common, truth.shape))
    return Baseline("micro_f1", value, f"always {what}, the commonest set of labels")


TASK = Task(
    name="multi_label",
    loss=("BinaryCrossentropy", {"from_logits": True}),
    metrics=lambda: [keras.metrics.BinaryAccuracy("label_accuracy", threshold=0.0)],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean_of_sigmoids,
    assess=assess,
    baseline=commonest_set,
    encoding=sentences.WordEncoding,
    choose=sentences.choose,
    losses=sentences.losses,
    raw="logits",
    headline="micro_f1",
)
register_task(TASK)
