"""The perceptron learning rule."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.optimizers._rule import LearningRate, Rule, with_shared_arguments

__all__ = ["PerceptronRule"]


@keras.saving.register_keras_serializable("custom_layers")
class PerceptronRule(Rule):
    """Adds each wrongly classified sample to the weights, or takes it away.

    With sample x, its class y and the class o that the sign of the score w x
    gives, both 1 or -1, and learning rate r:

        w <- w + r (y - o) / 2 x

    which is w + r y x for a wrong sample, and w for a right one. This is gradient
    descent, `w <- w - r g`, on the perceptron criterion max(0, -y w x): train a
    linear layer with that loss. Batches of one sample make Rosenblatt's rule;
    from larger batches the rule learns the loss's sum or mean of the corrections.
    If some weights separate the classes, the rule finds such weights in finitely
    many corrections.

    Args:
        learning_rate: Float, schedule, or function without arguments. Weights
            that start at zero make the same decisions at any constant rate.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: Those of every optimizer, see `Rule`.

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
        """Updates one weight."""
        rate = ops.cast(learning_rate, variable.dtype)
        self._descend(variable, rate, ops.cast(gradient, variable.dtype))
