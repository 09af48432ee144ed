"""Penalty of sparse autoencoders: each unit shall be active seldom."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._logits import clipped

__all__ = ["SparsityPenalty", "sparsity_penalty"]


@keras.saving.register_keras_serializable("custom_layers")
def sparsity_penalty(activations: Tensor, rho: float = 0.05) -> Tensor:
    """Divergence of how active units are from how active they should be.

    `penalty = sum_j rho log(rho / m[j]) + (1 - rho) log((1 - rho) / (1 - m[j]))`,
    that is `sum_j KL(rho || m[j])`, where `m[j]` is the mean activation of unit
    `j` over the batch

    Args:
        activations: Activations between 0 and 1, as a sigmoid gives them.
        rho: Wanted mean activation, between 0 and 1.

    Shapes:
        `(batch, ..., units)` to a number.

    Example:

    >>> round(float(sparsity_penalty([[0.1, 0.5], [0.3, 0.5]], rho=0.2)), 4)
    0.1927

    Reference:
        Ng, 2011, Sparse autoencoder, CS294A lecture notes.
    """
    _check_rho(rho)
    activations = ops.convert_to_tensor(activations)
    examples = tuple(range(len(activations.shape) - 1))
    active = clipped(ops.mean(activations, axis=examples))
    silent = 1 - active
    terms = rho * ops.log(rho / active) + (1 - rho) * ops.log((1 - rho) / silent)
    return ops.sum(terms)


def _check_rho(rho: float) -> None:
    if not 0 < rho < 1:
        raise ValueError(
            "`rho` must lie between 0 and 1, the wanted mean activation. "
            f"Received: rho={rho}"
        )


@keras.saving.register_keras_serializable("custom_layers")
class SparsityPenalty(keras.regularizers.Regularizer):
    """Activity regularizer that keeps units silent most of the time.

    `penalty = batch * beta * sum_j KL(rho || m[j])`, where `m[j]` is the mean
    activation of unit `j`; see `sparsity_penalty`. A layer divides the penalty on
    its activity by the size of the batch, so that `beta * sum_j KL(rho || m[j])`
    is what the model minimises.

    Args:
        rho: Wanted mean activation, between 0 and 1.
        beta: Weight of the penalty.

    Shapes:
        `(batch, ..., units)` to a number.

    Example:

    >>> layer = keras.layers.Dense(
    ...     3, "sigmoid", kernel_initializer="zeros",
    ...     activity_regularizer=SparsityPenalty(rho=0.5),
    ... )
    >>> _ = layer(ops.ones((4, 2)))
    >>> [float(loss) for loss in layer.losses]
    [0.0]

    Reference:
        Ng, 2011, Sparse autoencoder, CS294A lecture notes.
    """

    def __init__(self, rho: float = 0.05, beta: float = 1.0) -> None:
        _check_rho(rho)
        if beta < 0:
            raise ValueError(
                "`beta` must not be negative, the weight of the penalty. "
                f"Received: beta={beta}"
            )
        self.rho = rho
        self.beta = beta

    def __call__(self, x: Tensor) -> Tensor:
        """Computes the penalty of a layer's activations."""
        penalty = sparsity_penalty(x, self.rho)
        return self.beta * penalty * ops.cast(ops.shape(x)[0], penalty.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"rho": self.rho, "beta": self.beta}
