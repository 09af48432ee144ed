"""Options from a compiled model: its optimizer, loss and metrics."""

import inspect
import weakref
from typing import Any

import keras

from zoo import messages
from zoo.errors import ArgumentError

# Models that a training has recompiled: its optimizer, and the options that they were
# compiled with before, so that they can be trained again.
_before: weakref.WeakKeyDictionary[keras.Model, tuple[Any, dict[str, Any]]]
_before = weakref.WeakKeyDictionary()


def remember(model: keras.Model, options: dict[str, Any]) -> None:
    """Remembers the options that the user compiled a model with before a training.

    Args:
        model: Compiled for a training.
        options: What `compiled_options` returned before.
    """
    _before[model] = model.optimizer, options


def compiled_options(model: keras.Model, *, is_binary: bool = False) -> dict[str, Any]:
    """Returns the training options that a model was compiled with.

    Args:
        model: Compiled or not.
        is_binary: Whether it has a single output for two classes.

    Raises:
        ArgumentError: If it was compiled with something that is not supported.
    """
    if not model.compiled:
        return {}
    optimizer, options = _before.get(model, (None, {}))
    if optimizer is model.optimizer:
        return options
    held = model.get_compile_config() or {}
    if held.get("loss_weights") is not None or isinstance(model.loss, dict | list):
        raise ArgumentError(
            f"Model {model.name!r} was compiled with several losses or with "
            "`loss_weights`; only models with one output and one loss are supported."
        )
    options: dict[str, Any] = {"optimizer": model.optimizer}
    if model.loss is not None:
        options["loss"] = _loss(model.loss)
    else:
        messages.warn(
            f"Model {model.name!r} was compiled without a loss: it is trained with "
            "that of its task, besides what its layers add."
        )
    if metrics := _held_metrics(model):
        options["metrics"] = [_metric(held, is_binary) for held in metrics]
    return options


def _held_metrics(model: keras.Model) -> list[Any]:
    """What was given as metrics: the objects, whose classes may not be registered."""
    held = model._compile_metrics
    if held is None:
        return []
    both = held._user_metrics or (), held._user_weighted_metrics or ()
    return keras.tree.flatten(both)  # they may be given by output


def _loss(loss: Any) -> Any:
    """The given loss, or Keras' class for a name or function."""
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    name = getattr(loss, "__name__", "").replace("_", "").lower()
    classes = {key.lower(): key for key in dir(keras.losses)}
    if getattr(loss, "__module__", "").startswith("keras.") and name in classes:
        return f"keras.losses.{classes[name]}"
    return loss


def _metric(held: Any, is_binary: bool) -> Any:
    if held in ("accuracy", "acc"):
        kind = "BinaryAccuracy" if is_binary else "SparseCategoricalAccuracy"
        return f"keras.metrics.{kind}", {"name": held}
    try:
        metric = keras.metrics.get(held)
        metric = metric() if isinstance(metric, type) else metric
        if inspect.isfunction(metric):
            metric = keras.metrics.MeanMetricWrapper(metric, name=metric.__name__)
    except (TypeError, ValueError):
        metric = None
    if not isinstance(metric, keras.Metric):
        raise ArgumentError(
            f"`metrics`: {held} is not a metric; compile the model with a "
            "keras.metrics.Metric."
        )
    return metric
