"""Variational dropout: one mask for all steps of a sequence."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.layers import _noise


class DropoutMasks:
    """Mixin of cells: draws dropout masks once for each sequence.

    The cell sets `dropout`, `recurrent_dropout`, `mask_count` (the number of gates
    with their own mask) and `seed_generator`.

    Reference:
        Gal and Ghahramani, 2016, A theoretically grounded application of dropout
        in recurrent neural networks.
    """

    dropout: float
    recurrent_dropout: float
    mask_count: int
    seed_generator: keras.random.SeedGenerator
    _dropout_mask = None
    _recurrent_dropout_mask = None

    def get_dropout_mask(self, step_input: Tensor) -> tuple | None:
        """Returns the masks of the inputs, drawn at the first call."""
        if self._dropout_mask is None and self.dropout > 0:
            self._dropout_mask = self._draw(step_input, self.dropout)
        return self._dropout_mask

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> tuple | None:
        """Returns the masks of the state, drawn at the first call."""
        if self._recurrent_dropout_mask is None and self.recurrent_dropout > 0:
            self._recurrent_dropout_mask = self._draw(
                step_input, self.recurrent_dropout
            )
        return self._recurrent_dropout_mask

    def reset_dropout_mask(self) -> None:
        """Discards the masks of the inputs."""
        self._dropout_mask = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Discards the masks of the state."""
        self._recurrent_dropout_mask = None

    def _draw(self, like: Tensor, rate: float) -> tuple:
        return tuple(
            _noise.kept(ops.shape(like), rate, like.dtype, self.seed_generator)
            for _ in range(self.mask_count)
        )
