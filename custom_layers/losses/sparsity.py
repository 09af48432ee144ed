"""Sparsity penalty of sparse autoencoders."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._logits import clipped

__all__ = ["SparsityPenalty", "sparsity_penalty"]


@keras.saving.register_keras_serializable("custom_layers")
def sparsity_penalty(activations: Tensor, rho: float = 0.05) -> Tensor:
    r"""KL divergence between the target activation and the mean activation of units.

    .. math::

        L = \sum_j \mathrm{KL}(\rho \,\Vert\, m_j)
          = \sum_j \rho \log \frac{\rho}{m_j}
            + (1 - \rho) \log \frac{1 - \rho}{1 - m_j}

    where `m_j` is the mean activation of unit `j` over the batch.

    Args:
        activations: Activations between 0 and 1, such as those of a sigmoid.
        rho: Target mean activation, between 0 and 1.

    Shapes:
        `(batch, ..., units)` to a scalar.

    Example:

    >>> round(float(sparsity_penalty([[0.1, 0.5], [0.3, 0.5]], rho=0.2)), 4)
    0.1927

    Reference:
        Ng, 2011, Sparse autoencoder, CS294A lecture notes.
    """
    _check_rho(rho)
    activations = ops.convert_to_tensor(activations)
    examples = tuple(range(len(activations.shape) - 1))
    mean = clipped(ops.mean(activations, axis=examples))
    terms = rho * ops.log(rho / mean) + (1 - rho) * ops.log((1 - rho) / (1 - mean))
    return ops.sum(terms)


def _check_rho(rho: float) -> None:
    if not 0 < rho < 1:
        raise ValueError(
            "`rho` must lie between 0 and 1, the target mean activation. "
            f"Received: rho={rho}"
        )


@keras.saving.register_keras_serializable("custom_layers")
class SparsityPenalty(keras.regularizers.Regularizer):
    r"""Activity regularizer that keeps the mean activation of units low.

    .. math::

        L = N \beta \sum_j \mathrm{KL}(\rho \,\Vert\, m_j)

    where `m_j` is the mean activation of unit `j` over a batch of `N` samples; see
    `sparsity_penalty`. Keras divides an activity penalty by the batch size, so the
    model minimizes `beta` times the divergence.

    Args:
        rho: Target mean activation, between 0 and 1.
        beta: Regularization factor.

    Shapes:
        `(batch, ..., units)` to a scalar.

    Example:

    >>> layer = keras.layers.Dense(
    ...     3, "sigmoid", kernel_initializer="zeros",
    ...     activity_regularizer=SparsityPenalty(rho=0.5),
    ... )
    >>> _ = layer(ops.ones((4, 2)))
    >>> [float(ops.convert_to_numpy(loss)) for loss in layer.losses]
    [0.0]

    Reference:
        Ng, 2011, Sparse autoencoder, CS294A lecture notes.
    """

    def __init__(self, rho: float = 0.05, beta: float = 1.0) -> None:
        _check_rho(rho)
        if beta < 0:
            raise ValueError(
                "`beta` must not be negative, the regularization factor. "
                f"Received: beta={beta}"
            )
        self.rho = rho
        self.beta = beta

    def __call__(self, x: Tensor) -> Tensor:
        """Computes the penalty on a layer's activations."""
        penalty = sparsity_penalty(x, self.rho)
        return self.beta * penalty * ops.cast(ops.shape(x)[0], penalty.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"rho": self.rho, "beta": self.beta}
