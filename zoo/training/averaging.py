"""Exponential moving average of the weights, where the optimizer keeps one."""

import contextlib
from collections.abc import Iterable, Iterator

import keras

from zoo.training.checkpoint import read_variables, write_variables
from zoo.training.inner_optimizers import inner_optimizers


@contextlib.contextmanager
def averaged_weights(
    model: keras.Model, callbacks: Iterable[keras.callbacks.Callback]
) -> Iterator[None]:
    """Replaces the weights by their moving average within the block.

    .. math::

        a_t = m a_{t-1} + (1 - m) w_t

    with the optimizer's `ema_momentum` :math:`m`. With `use_ema=False`, and before the
    first step, nothing changes.

    Args:
        model: Compiled model whose optimizer is built.
        callbacks: Of the training: `SwapEMAWeights` may have swapped them already.

    Reference:
        Polyak and Juditsky, 1992, Acceleration of stochastic approximation by
        averaging.
    """
    variables: list[keras.Variable] = []
    averages: list[keras.Variable] = []
    for optimizer in inner_optimizers(model.optimizer):
        # A loss scale may have skipped all steps; the average then still is 0.
        (steps,) = read_variables([optimizer.iterations])
        if optimizer.use_ema and int(steps) > 0:
            variables += optimizer._trainable_variables
            averages += optimizer._model_variables_moving_average
    are_swapped = any(getattr(c, "_ema_weights_in_model", False) for c in callbacks)
    if not averages or are_swapped:
        yield
        return
    weights = read_variables(variables)
    write_variables(variables, read_variables(averages))
    try:
        yield
    finally:
        write_variables(variables, weights)
