"""The test figure of an artifact, from the outputs of its `serving_default`."""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np

from custom_layers import losses
from export.samples import Batch
from export.signature import Signature
from zoo import load_dataset, tasks
from zoo.errors import DatasetError
from zoo.runs.trained import Trained

_BATCH = 256
_LEAST = 1e-30  # a probability that single precision holds, so its logarithm is finite
# By task: the output that is, or tells, what its loss and metrics take.
_ANSWERS = {
    "classification": "probabilities",
    "tagging": "probabilities",
    "language_modelling": "probabilities",
    "forecasting": "forecast",
    "reconstruction": "reconstruction",
    "regression": "predictions",
}


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure on the test split.

    Args:
        name: Of the metric, or `loss`.
        value: Of it.
        is_share: Whether it is a fraction of what is right or explained, at most 1.
    """

    name: str
    value: float
    is_share: bool

    def loss_since(self, before: "Figure") -> float:
        """Returns what was lost: points of accuracy, or per cent of another figure."""
        if self.is_share:
            return 100 * (before.value - self.value)
        return 100 * (self.value - before.value) / max(abs(before.value), _LEAST)


def measure(
    source: Trained, signature: Signature, predict: Callable[[list[Batch]], list[Batch]]
) -> Figure | None:
    """Measures outputs on the test split of the model's own dataset.

    Args:
        source: The model.
        signature: Its `serving_default`.
        predict: Computes the outputs of batches, as an artifact does.

    Returns:
        The figure; None where the data is not at hand, or the task has none of the
        outputs that scores are computed from.
    """
    answer = _ANSWERS.get(source.task or "")
    if source.task is None or source.dataset is None or answer is None:
        return None
    try:
        data = source.read_alike(load_dataset(source.dataset, **source.reading))
    except DatasetError:
        return None
    data = tasks.get(source.task).encode(data, source.encoding)
    task, (x, y) = tasks.get(source.task).of(data), data.test
    (spec,) = signature.inputs
    dtype = spec.dtype.as_numpy_dtype
    batches = [
        {str(spec.name): np.asarray(x[i : i + _BATCH], dtype)}
        for i in range(0, len(x), _BATCH)
    ]
    values = np.concatenate([outputs[answer] for outputs in predict(batches)])
    if answer == "probabilities":
        values = np.log(np.maximum(values, _LEAST))  # logits, but for a constant
    metrics = {metric.name: metric for metric in task.metrics()}
    chosen = metrics.get(task.headline) or next(iter(metrics.values()), None)
    if task.headline == "loss" or chosen is None:
        kind, options = task.loss
        loss = getattr(losses, kind)(**options)
        return Figure("loss", float(loss(y, values)), False)
    chosen.update_state(y, values)
    return Figure(
        chosen.name,
        float(keras.ops.convert_to_numpy(chosen.result())),
        chosen.name == "r2" or "acc" in chosen.name,
    )
