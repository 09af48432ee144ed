"""The perceptron learning rule."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.optimizers._base import (
    BaseOptimizer,
    LearningRate,
    with_shared_arguments,
)

__all__ = ["PerceptronRule"]


@keras.saving.register_keras_serializable("custom_layers")
class PerceptronRule(BaseOptimizer):
    r"""Perceptron learning rule: moves the weights by misclassified samples.

    .. math::

        w \leftarrow w + \eta \, \frac{y - \mathrm{sign}(w \cdot x)}{2} \, x

    for a sample `x` with label `y`, 1 or -1: `w + eta y x` if it is misclassified,
    else `w`. This is gradient descent on the perceptron criterion
    `max(0, -y w x)`: train a linear layer with that loss. Batches of one sample
    make Rosenblatt's rule; larger ones sum or average the corrections, as the loss
    does. If the classes are linearly separable, the rule converges after finitely
    many corrections.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments. Weights that start at zero make the same decisions
            at any constant learning rate.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        No slots.

    Example:

    >>> weight = keras.Variable([0.0, 0.0])
    >>> x, y = ops.array([3.0, -2.0]), 1.0
    >>> PerceptronRule().apply([-y * x], [weight])
    >>> weight.numpy().tolist()
    [3.0, -2.0]

    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information
        storage and organization in the brain; Novikoff, 1962, On convergence
        proofs for perceptrons.
    """

    @with_shared_arguments
    def __init__(self, learning_rate: LearningRate = 1.0, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        rate = ops.cast(learning_rate, variable.dtype)
        self._descend(variable, rate, ops.cast(gradient, variable.dtype))
