"""Orthogonal initializer."""

import keras
from keras import ops

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._matrix import matrix_shape
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["Orthogonal"]


@keras.saving.register_keras_serializable("custom_layers")
class Orthogonal(SeededInitializer):
    r"""Draws a random orthogonal matrix, which preserves the norm of signals.

    .. math::

        W = \mathrm{gain} \cdot Q \, \mathrm{diag}(\mathrm{sign}(\mathrm{diag}(R))),
        \qquad Q R = A, \quad A_{ij} \sim \mathcal{N}(0, 1)

    The columns are orthonormal, or the rows where there are fewer of them. The
    signs make the distribution uniform over all orthogonal matrices. Kernels of
    higher rank are matrices with the last axis as columns.

    Args:
        gain: Scale factor: norm of the columns (or rows).
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.

    Example:

    >>> w = Orthogonal(seed=1)((3, 2))
    >>> bool(ops.all(ops.abs(ops.transpose(w) @ w - ops.eye(2)) < 1e-5))
    True

    Reference:
        Saxe, McClelland and Ganguli, 2014, Exact solutions to the nonlinear
        dynamics of learning in deep linear neural networks.
    """

    def __init__(self, gain: float = 1.0, seed: Seed = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        rows, columns = matrix_shape(shape)
        tall = (max(rows, columns), min(rows, columns))
        numbers = keras.random.normal(tall, seed=self.seed, dtype=dtype)
        # Not every backend factorises in half precision.
        precise = keras.backend.result_type(numbers.dtype, "float32")
        q, r = ops.qr(ops.cast(numbers, precise))
        q = ops.cast(q * ops.sign(ops.diag(r)), numbers.dtype)
        if rows < columns:
            q = ops.transpose(q)
        return self.gain * ops.reshape(q, shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"gain": self.gain}
