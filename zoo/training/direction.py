"""Whether a monitored metric is to be minimized or maximized."""

from collections.abc import Iterable, Iterator
from typing import Literal

import keras

from zoo.errors import ArgumentError

Mode = Literal["min", "max"]
# What is minimized without being an object of its own.
_MINIMIZED = ("loss", "frechet_distance", "pretext_loss")


def mode_of(monitor: str, metrics: Iterable[keras.Metric]) -> Mode | None:
    """Returns the direction of a monitored metric, `None` if it declares none.

    As in the callbacks of Keras: a metric declares its own, and the loss is minimized;
    so are those figures that a task computes after each epoch.

    Args:
        monitor: Name of the metric in the logs of an epoch.
        metrics: All metrics that are computed.

    Example:

    >>> mode_of("val_mse", [keras.metrics.MeanSquaredError("mse")])
    'min'
    >>> mode_of("val_auc", [keras.metrics.AUC(name="auc")])
    'max'
    """
    name = monitor.removeprefix("val_")
    for metric in metrics:
        direction = getattr(metric, "_direction", None)
        if metric.name == name and direction is not None:
            return "max" if direction == "up" else "min"
    return "min" if name in _MINIMIZED else None


def metrics_of(model: keras.Model) -> Iterator[keras.Metric]:
    """Iterates over the metrics of a built model, which Keras nests in containers."""
    for metric in model.metrics:
        yield from getattr(metric, "metrics", (metric,))


def known_mode(
    monitor: str, mode: Mode | None, metrics: Iterable[keras.Metric]
) -> Mode:
    """Returns the given direction of a monitored metric, or the one it declares.

    Raises:
        ArgumentError: If there is neither.
    """
    found = mode or mode_of(monitor, metrics)
    if found is None:
        raise ArgumentError(
            f"`mode`: whether {monitor!r} is to be minimized or maximized is not "
            "known; give mode='min' or mode='max'."
        )
    return found
