"""Loss and metrics of batches, which may be padded to a fixed size."""

from typing import Any

import keras


def build(model: keras.Model, x: Any, y: Any) -> None:
    """Builds the variables of loss and metrics, which Keras does in the first step.

    They have to exist before steps are compiled and checkpoints are restored.

    Args:
        model: Compiled model.
        x: A few samples.
        y: Their targets.
    """
    # Some layers are random by default.
    options = {"training": False} if model._call_has_training_arg else {}
    outputs = model(x, **options)
    model.compute_loss(x, y, outputs)
    for metric in model.metrics:
        if not getattr(metric, "built", True):
            metric.build(y, outputs)


def update(
    model: keras.Model, batch: Any, outputs: Any, loss: Any, valid: Any, count: Any
) -> None:
    """Adds a batch to the means of loss and metrics.

    Args:
        model: Compiled model, its metrics given as `weighted_metrics`.
        batch: Samples and targets.
        outputs: Outputs of the model.
        loss: Mean over the batch.
        valid: Weight of each sample in the metrics, 0 for padding; `None` for 1.
        count: Number of valid samples.
    """
    x, y = batch[:2]
    tracker = next(metric for metric in model.metrics if metric.name == "loss")
    tracker.update_state(loss, sample_weight=count)
    model.compute_metrics(x, y, outputs, sample_weight=valid)
