"""Adam with decoupled weight decay."""

from typing import Any

import keras

from custom_layers.optimizers._rule import LearningRate, with_shared_arguments
from custom_layers.optimizers.adam import Adam

__all__ = ["AdamW"]


@keras.saving.register_keras_serializable("custom_layers")
class AdamW(Adam):
    """Decays the weights apart from the gradient, then steps as Adam.

    With weight w, learning rate r and weight decay d:

        w <- w - r d w
        m, v, w <- Adam's step with the gradient at the weight before the decay

    A penalty in the loss would be divided by the root mean square like the rest
    of the gradient; this decay is not.

    Args:
        learning_rate: Float, schedule, or function without arguments.
        weight_decay: The decay `d`; `exclude_from_weight_decay` spares weights.
        beta_1: Share of the mean of the gradients that is kept.
        beta_2: Share of the mean of their squares that is kept.
        epsilon: Term that keeps the divisor from zero (the paper's epsilon hat).
        amsgrad: Whether to use AMSGrad.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: Those of every optimizer, see `Rule`.

    Shapes:
        The slots of `Adam`.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> gradient = keras.ops.array([3.0, -3.0])
    >>> AdamW(0.5, weight_decay=0.2).apply([gradient], [weight])
    >>> [round(x, 4) for x in weight.numpy().tolist()]
    [0.4, 2.3]

    Reference:
        Loshchilov and Hutter, 2019, Decoupled weight decay regularization.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay=weight_decay,
            **shared,
        )
        if weight_decay is None:
            raise ValueError(
                "Argument `weight_decay` must be a float. Received: "
                "weight_decay=None; without weight decay, use `Adam`."
            )
