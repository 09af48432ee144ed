"""Adam with decoupled weight decay."""

from typing import Any

import keras

from custom_layers.optimizers._base import LearningRate, with_shared_arguments
from custom_layers.optimizers.adam import Adam

__all__ = ["AdamW"]


@keras.saving.register_keras_serializable("custom_layers")
class AdamW(Adam):
    r"""Adam with decoupled weight decay.

    .. math::

        \theta \leftarrow \theta - \eta \lambda \theta, \qquad
        \theta \leftarrow \theta - \eta \, \mathrm{Adam}(g)

    with weight decay `lambda` and the gradient `g` before the decay. An L2 penalty
    in the loss would be divided by the root mean square, as the gradient is; this
    decay is not.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        weight_decay: Weight decay `lambda`; `exclude_from_weight_decay` names
            variables without.
        beta_1: Decay rate of the first moment estimate.
        beta_2: Decay rate of the second moment estimate.
        epsilon: Small constant for numerical stability (the paper's epsilon hat).
        amsgrad: Whether to use AMSGrad.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

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
