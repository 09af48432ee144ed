"""Gradients of a model's loss, without side effects on the model."""

import inspect
from collections.abc import Callable
from typing import Any

import keras

from custom_layers._types import Tensor


def gradients(
    model: Any, x: Any, y: Any, sample_weight: Any = None
) -> dict[int, Tensor | None]:
    """Computes a training step's gradient with respect to each trainable variable.

    Args:
        model: Compiled model.
        x: Inputs.
        y: Targets.
        sample_weight: Weights of the samples.

    Returns:
        The gradients by the `id` of their variable; `None` where the loss does
        not depend on it.
    """
    x, y, sample_weight = keras.tree.map_structure(
        lambda array: None if array is None else keras.ops.convert_to_tensor(array),
        (x, y, sample_weight),
    )
    in_training = "training" in inspect.signature(model.call).parameters
    options = {"training": True} if in_training else {}
    variables = model.trainable_variables

    def loss(values: list[Tensor]) -> Tensor:
        mapping = list(zip(variables, values, strict=True))
        # Moving means, seeds and metrics change within the scope only.
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True):
            outputs = model(x, **options)
            return model.compute_loss(x, y, outputs, sample_weight)

    values = [variable.value for variable in variables]
    found = _gradient(loss, [keras.ops.convert_to_tensor(value) for value in values])
    return {id(v): g for v, g in zip(variables, found, strict=True)}


def _gradient(loss: Callable, values: list[Tensor]) -> list[Tensor | None]:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        # A variable mirrored on several devices is no tensor.
        values = [tf.identity(value) for value in values]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            value = loss(values)
        return [_dense(gradient) for gradient in tape.gradient(value, values)]
    if backend == "jax":
        import jax  # pyright: ignore[reportMissingImports]

        return jax.grad(loss)(values)
    raise NotImplementedError(
        "Gradients can be monitored with TensorFlow and JAX. "
        f"Received: the backend {backend}"
    )


def _dense(gradient: Any) -> Tensor | None:
    """Turns the sparse gradient of an embedding into a dense one."""
    return None if gradient is None else keras.ops.convert_to_tensor(gradient)
