"""What a model is for: loss, metrics, and what its exported form returns.

A model returns logits; a task knows how they are scored in training and which
named tensors a server answers with.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from custom_layers.activations import softmax
from zoo.errors import UnknownNameError


@dataclasses.dataclass(frozen=True)
class Task:
    """A kind of problem.

    Args:
        name: What a `ModelSpec` and a `Dataset` name it by.
        loss: Name in `custom_layers.losses` and its arguments.
        metrics: Makes the metrics that training reports.
        monitor: Validation figure that chooses the weights to keep, unless the
            recipe names another.
        outputs: Logits to the named tensors that the exported model returns.
    """

    name: str
    loss: tuple[str, dict[str, Any]]
    metrics: Callable[[], list[keras.Metric]]
    monitor: str
    outputs: Callable[[Any], dict[str, Any]]


def _class_outputs(logits: Any) -> dict[str, Any]:
    # Not `ops.argmax`: it reinterprets the bits of floats, which ONNX cannot.
    _, best = ops.top_k(logits, k=1)
    return {
        "probabilities": softmax(logits),
        "class_ids": ops.cast(ops.squeeze(best, axis=-1), "int64"),
    }


_TASKS = {
    task.name: task
    for task in (
        Task(
            name="classification",
            loss=("SparseCategoricalCrossentropy", {"from_logits": True}),
            metrics=lambda: [keras.metrics.SparseCategoricalAccuracy("accuracy")],
            monitor="val_accuracy",
            outputs=_class_outputs,
        ),
    )
}


def get(name: str) -> Task:
    """Returns the task of that name.

    >>> get("classification").monitor
    'val_accuracy'
    """
    if name not in _TASKS:
        raise UnknownNameError("task", name, _TASKS, "See zoo/tasks.py.")
    return _TASKS[name]
