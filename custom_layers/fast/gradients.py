"""Gradients of a function, by backend."""

from collections.abc import Callable

import keras

from custom_layers._types import Tensor


def by_tensorflow(
    function: Callable[[list[Tensor]], Tensor], values: list[Tensor]
) -> list[Tensor | None]:
    """Records `function(values)` on a tape."""
    import tensorflow as tf

    # A variable mirrored on several devices is no tensor.
    values = [tf.identity(value) for value in values]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        result = function(values)
    # Those of an embedding are sparse.
    return [
        None if gradient is None else keras.ops.convert_to_tensor(gradient)
        for gradient in tape.gradient(result, values)
    ]


def by_jax(
    function: Callable[[list[Tensor]], Tensor], values: list[Tensor]
) -> list[Tensor | None]:
    """Transforms the function."""
    import jax  # pyright: ignore[reportMissingImports]  (another backend)

    return jax.grad(lambda values: keras.ops.sum(function(values)))(values)


def by_torch(
    function: Callable[[list[Tensor]], Tensor], values: list[Tensor]
) -> list[Tensor | None]:
    """Records `function(values)`; the gradients have gradients themselves."""
    import torch  # pyright: ignore[reportMissingImports]  (another backend)

    values = [value if value.requires_grad else value.detach() for value in values]
    values = [value.requires_grad_() for value in values]
    with torch.enable_grad():
        total = keras.ops.sum(function(values))
    return list(
        torch.autograd.grad(total, values, create_graph=True, allow_unused=True)
    )
