"""Engines that run many training steps in one compiled call, one for each backend."""

import keras

from zoo.errors import ArgumentError
from zoo.machines.devices import Devices
from zoo.training.engine.base import BaseEngine, Outcome
from zoo.training.inner_optimizers import inner_optimizers

# Methods that `fit` and `predict` call, and what takes their place here.
_NOT_CALLED = {
    "train_step": "which the engine would not call; train it with model.fit",
    "test_step": "which the engine would not call; train it with model.fit",
    "make_train_function": "which the engine would not call; train it with model.fit",
    "make_test_function": "which the engine would not call; train it with model.fit",
    "predict_step": "which scores, predictions and exports would not call; move what "
    "it does into `call`",
    "make_predict_function": "which scores, predictions and exports would not call; "
    "move what it does into `call`",
}

__all__ = ["Outcome", "check_trainable", "engine_for"]


def engine_for(
    model: keras.Model,
    devices: Devices,
    *,
    batch_size: int,
    jit: bool,
    augmentation: keras.Sequential | None = None,
) -> BaseEngine:
    """Returns the engine that trains a compiled model on these devices.

    Args:
        model: Built within `devices.scope()` and compiled.
        devices: Devices to train on.
        batch_size: Samples in a step, over all devices together.
        jit: Whether XLA compiles the steps; JAX always does.
        augmentation: Layers that change the samples in training, in front of the model.

    Raises:
        ArgumentError: If no engine can train the model on these devices.
    """
    check_trainable(model, devices)
    if keras.backend.backend() == "tensorflow":
        from zoo.training.engine._tensorflow import Engine
    else:
        from zoo.training.engine._jax import Engine
    return Engine(
        model, devices, batch_size=batch_size, jit=jit, augmentation=augmentation
    )


def check_trainable(model: keras.Model, devices: Devices) -> None:
    """Checks that an engine can train a compiled model on these devices.

    Raises:
        ArgumentError: If the model overrides a step of `fit` or `predict`, has no
            trainable weights, or several devices cannot train it with its optimizer
            or loss.
    """
    if not model.trainable_variables:
        raise ArgumentError(
            f"Model {model.name!r} has no trainable weights: all of its layers are "
            "frozen, or have none."
        )
    for name, consequence in _NOT_CALLED.items():
        # One may be an attribute of the object alone.
        method = getattr(getattr(model, name), "__func__", None)
        if method is not getattr(keras.Model, name):
            raise ArgumentError(
                f"Model {model.name!r} has a {name} of its own, {consequence}."
            )
    if devices.strategy is None or keras.backend.backend() != "tensorflow":
        return
    # TensorFlow all-reduces gradients only outside of conditions.
    optimizers = inner_optimizers(model.optimizer)
    for name in ("gradient_accumulation_steps", "ema_overwrite_frequency"):
        if any(getattr(each, name) for each in optimizers):
            raise ArgumentError(
                f"Several devices cannot train with {name}; leave it out of the "
                "optimizer's arguments."
            )
    reduction = "mean_with_sample_weight"  # each would divide by its own weights
    if getattr(model.loss, "reduction", None) == reduction:
        raise ArgumentError(
            f"Several devices cannot train with a loss of reduction {reduction!r}; "
            "give it 'sum_over_batch_size'."
        )
