"""Gradients that are distributed over replicas."""

from collections.abc import Callable

import tensorflow as tf

from custom_layers._types import Tensor


def of_the_sum(
    function: Callable[[list[Tensor]], list[Tensor]], gradients: list[Tensor]
) -> list[Tensor]:
    """Applies a function to the sum of all replicas' gradients.

    Keras sums the results of the replicas afterwards, so each gets an equal part.
    `None` instead of a gradient stays.
    """
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context else 1
    if replicas == 1:
        return NotImplemented
    present = [gradient for gradient in gradients if gradient is not None]
    sums = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, present))
    whole = [None if gradient is None else next(sums) for gradient in gradients]
    return [
        None if gradient is None else tf.multiply(gradient, 1 / replicas)
        for gradient in function(whole)
    ]
