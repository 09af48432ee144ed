"""The optimizers that update weights, within those that hold others."""

import keras


def inner_optimizers(
    optimizer: keras.optimizers.Optimizer,
) -> list[keras.optimizers.Optimizer]:
    """Returns the optimizers in a loss scale or a `MultiOptimizer`, or itself.

    >>> sgd = keras.optimizers.SGD()
    >>> inner_optimizers(keras.optimizers.LossScaleOptimizer(sgd)) == [sgd]
    True
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return getattr(optimizer, "optimizers", [optimizer])
