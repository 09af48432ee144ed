"""Base class of the recurrent cells."""

from typing import Any

import keras
from keras import ops

from custom_layers import activations
from custom_layers._types import Seed, Shape, Tensor
from custom_layers.layers.recurrent._dropout import DropoutMasks
from custom_layers.layers.recurrent._weights import RecurrentWeights


class RecurrentCell(DropoutMasks, RecurrentWeights):
    """Base class of cells with gates, which creates their weights."""

    training_rule: str  # in `fast.cells`

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
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.state_size = units
        self.output_size = units

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        self.add_weights(input_shape[-1])

    def masks(
        self, inputs: Tensor, states: list, training: bool | None
    ) -> tuple[tuple | None, tuple | None]:
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

    def has_training_rule(self) -> bool:
        """Whether the cell computes what `training_rule` does."""
        return is_named(self.activation, "tanh")

    def recurrent_tensors(self) -> tuple[Tensor, Tensor | None]:
        """Returns the recurrent kernel and the bias that is added to its product."""
        _, kernel, bias = self.tensors()
        return kernel, bias

    def input_tensors(self) -> tuple[Tensor, Tensor | None]:
        """Returns the input kernel and the bias added to its product."""
        return self.tensors()[0], None

    def arguments(self) -> dict:
        """Returns the constructor's arguments."""
        return super().arguments() | {
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def is_named(activation: Any, name: str) -> bool:
    """Whether an activation is that of Keras, or ours, of this name."""
    return activation in (getattr(activations, name), getattr(keras.activations, name))
