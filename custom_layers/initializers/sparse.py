"""Sparse initializer."""

import keras
from keras import ops

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._matrix import matrix_shape
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["Sparse"]


@keras.saving.register_keras_serializable("custom_layers")
class Sparse(SeededInitializer):
    r"""Gives each unit a fixed number of nonzero weights.

    .. math::

        w_{ij} \sim \mathcal{N}(0, \sigma^2) \text{ for } i \in S_j, \qquad
        w_{ij} = 0 \text{ elsewhere}

    where `S_j` is a random set of `connections` inputs of unit `j`. The variance of
    a unit's pre-activation does not depend on its fan-in, and units differ.

    Args:
        connections: Number of nonzero weights of a unit; all, where its fan-in is
            smaller.
        stddev: Standard deviation `sigma` of the nonzero weights.
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.

    Example:

    >>> w = Sparse(connections=2, seed=1)((5, 3))
    >>> (ops.convert_to_numpy(w) != 0).sum(axis=0).tolist()
    [2, 2, 2]

    Reference:
        Martens, 2010, Deep learning via Hessian-free optimization, section 5.
    """

    def __init__(
        self, connections: int = 15, stddev: float = 1.0, seed: Seed = None
    ) -> None:
        super().__init__(seed)
        if not isinstance(connections, int) or connections <= 0:
            raise ValueError(
                "`connections` must be a positive integer, the number of nonzero "
                f"weights of a unit. Received: connections={connections}"
            )
        self.connections = connections
        self.stddev = stddev

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        # Weights and sort keys in one draw: a second one with the same seed would
        # give the same numbers.
        drawn = keras.random.normal((2, *matrix_shape(shape)), seed=self.seed)
        weights, keys = drawn[0], drawn[1]
        rank = ops.argsort(ops.argsort(keys, axis=0), axis=0)
        kept = ops.where(rank < self.connections, self.stddev * weights, 0)
        return ops.cast(ops.reshape(kept, shape), dtype or keras.config.floatx())

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "connections": self.connections,
            "stddev": self.stddev,
        }
