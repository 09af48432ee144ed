"""Base class of the recurrent cells."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Seed, Shape, Tensor
from custom_layers.layers import _noise
from custom_layers.layers.recurrent._weights import RecurrentWeights


class DropoutMasks:
    """Mixin of cells: draws dropout masks once for each sequence.

    The cell sets `dropout`, `recurrent_dropout`, `mask_count` (the number of gates
    with their own mask) and `seed_generator`. A mask is a tensor, or a list of one for
    each gate.

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

    def get_dropout_mask(self, step_input: Tensor) -> Tensor | list[Tensor] | None:
        """Returns the masks of the inputs, drawn at the first call."""
        if self._dropout_mask is None and self.dropout > 0:
            self._dropout_mask = self._draw(step_input, self.dropout)
        return self._dropout_mask

    def get_recurrent_dropout_mask(
        self, step_input: Tensor
    ) -> Tensor | list[Tensor] | None:
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

    def _draw(self, like: Tensor, rate: float) -> Tensor | list[Tensor]:
        masks = [
            _noise.kept(ops.shape(like), rate, like.dtype, self.seed_generator)
            for _ in range(self.mask_count)
        ]
        return masks[0] if len(masks) == 1 else masks


class RecurrentCell(DropoutMasks, RecurrentWeights):
    """Base class of cells with gates, which creates their weights.

    The cell itself sets `seed_generator`: in the order of Keras' cell, so that at the
    same global seed its weights start as those of the namesake do.
    """

    def __init__(
        self,
        units: int,
        *,
        dropout: float,
        recurrent_dropout: float,
        seed: Seed,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.mask_count = self.gates if self.implementation == 1 else 1
        self.seed = seed
        self.state_size = units
        self.output_size = units

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        self.add_weights(input_shape[-1])

    def masks(
        self, inputs: Tensor, states: list, training: bool | None
    ) -> tuple[Any, Any]:
        """Returns the dropout masks of the inputs and of the state, if any."""
        drop = recurrent = None
        if training and 0 < self.dropout < 1:
            drop = self.get_dropout_mask(inputs)
        if training and 0 < self.recurrent_dropout < 1:
            recurrent = self.get_recurrent_dropout_mask(states[0])
        return drop, recurrent

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Returns zeros for each state."""
        return [
            ops.zeros((batch_size, size), dtype=self.compute_dtype)
            for size in keras.tree.flatten(self.state_size)
        ]

    def arguments(self) -> dict:
        """Returns the constructor's arguments."""
        return super().arguments() | {
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }
