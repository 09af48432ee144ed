"""Options from a compiled model: its optimizer, loss and metrics."""

import weakref
from typing import Any

import keras

from zoo.errors import ArgumentError

# Models that a training compiled anew: its optimizer, and the options that they stood
# for before, so that they can be trained again.
_before: weakref.WeakKeyDictionary[keras.Model, tuple[Any, dict[str, Any]]]
_before = weakref.WeakKeyDictionary()


def remember(model: keras.Model, options: dict[str, Any]) -> None:
    """Keeps what a model was compiled with by its user, now that a training did.

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
    metrics = [*(held.get("metrics") or []), *(held.get("weighted_metrics") or [])]
    options: dict[str, Any] = {"optimizer": model.optimizer}
    if model.loss is not None:
        options["loss"] = _loss(model.loss)
    if metrics:
        options["metrics"] = [_metric(held, is_binary) for held in metrics]
    return options


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
        if isinstance(held, str):
            held = keras.metrics.get(held)
            return held() if isinstance(held, type) else held
        return keras.saving.deserialize_keras_object(held)
    except (TypeError, ValueError) as error:
        name = held["config"] if isinstance(held, dict) else held
        raise ArgumentError(
            f"`metrics`: {name} is not a metric; compile the model with a "
            "keras.metrics.Metric."
        ) from error
