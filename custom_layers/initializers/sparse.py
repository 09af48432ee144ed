"""Initializer that leaves most connections out."""

import keras
from keras import ops

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._matrix import matrix_shape
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["Sparse"]


@keras.saving.register_keras_serializable("custom_layers")
class Sparse(SeededInitializer):
    """Gives each unit a fixed number of incoming connections.

    `w[i, j] ~ N(0, stddev^2)` for `connections` random inputs `i` of each unit
    `j`, and 0 for the others: the input of a unit varies alike, however many
    inputs there are, and the units differ.

    Args:
        connections: Number of inputs of a unit whose weight is not 0; all, where
            it has fewer.
        stddev: Standard deviation of these weights.
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.

    Example:

    >>> w = Sparse(connections=2, seed=1)((5, 3))
    >>> [int(n) for n in ops.count_nonzero(w, axis=0)]
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
                "`connections` must be a positive integer, the number of inputs of "
                f"a unit. Received: connections={connections}"
            )
        self.connections = connections
        self.stddev = stddev

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        # One draw of weights and of lots: a second one with the same seed would
        # give the same numbers.
        drawn = keras.random.normal((2, *matrix_shape(shape)), seed=self.seed)
        weights, lots = drawn[0], drawn[1]
        rank = ops.argsort(ops.argsort(lots, axis=0), axis=0)
        kept = ops.where(rank < self.connections, self.stddev * weights, 0)
        return ops.cast(ops.reshape(kept, shape), dtype or keras.config.floatx())

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "connections": self.connections,
            "stddev": self.stddev,
        }
