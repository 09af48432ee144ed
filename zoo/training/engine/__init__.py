"""Engines that run many training steps in one compiled call, one for each backend."""

import keras

from zoo.errors import ArgumentError
from zoo.machines.devices import Devices
from zoo.training.engine.base import BaseEngine, Outcome

__all__ = ["Outcome", "check_steps", "engine_for"]


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
        ArgumentError: If there is no engine for the backend, or the model has a
            `train_step` of its own.
    """
    check_steps(model)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from zoo.training.engine._tensorflow import Engine
    elif backend == "jax":
        from zoo.training.engine._jax import Engine
    else:
        raise ArgumentError(
            f"Models train with the TensorFlow and JAX backends, not with {backend}; "
            "set KERAS_BACKEND."
        )
    return Engine(
        model, devices, batch_size=batch_size, jit=jit, augmentation=augmentation
    )


def check_steps(model: keras.Model) -> None:
    """Checks that a model does not override `train_step` or `test_step`.

    Raises:
        ArgumentError: If it does.
    """
    for name in ("train_step", "test_step"):
        if getattr(type(model), name) is not getattr(keras.Model, name):
            raise ArgumentError(
                f"Model {model.name!r} has a {name} of its own, which the engine would "
                "not call; train it with model.fit."
            )
