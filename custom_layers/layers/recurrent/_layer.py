"""What the layers of one cell have in common."""

from operator import attrgetter
from typing import Any

import keras

from custom_layers import activations
from custom_layers._types import Tensor
from custom_layers.exporting import is_exporting
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent._loops import time_major
from custom_layers.layers.recurrent._steps import end_of, step_of
from custom_layers.layers.recurrent.rnn import RNN


def of_cell(name: str) -> Any:
    """A property that is the cell's."""
    return property(attrgetter(f"cell.{name}"), doc=f"`{name}` of the cell.")


class CellLayer(RNN):
    """A layer around a cell of its own, whose arguments it takes."""

    cell: RecurrentCell
    training_rule: str  # in `_tensorflow_training`

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")

    def inner_loop(
        self,
        sequences: Tensor,
        initial_state: list,
        mask: Tensor | None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor | None, list]:
        """Returns the last output, every output if wanted, and the last states."""
        if not self._trains_fast(mask, training):
            return super().inner_loop(sequences, initial_state, mask, training)
        from custom_layers.layers.recurrent import _tensorflow_training as fast

        step = step_of(self.cell, sequences[:, 0], initial_state, training)
        inputs, _ = self._in_order(sequences, None)
        last, outputs, states = fast.run(
            getattr(fast, self.training_rule),
            step.project(inputs),
            *self.recurrent_tensors(),
            initial_state,
            self.return_sequences,
        )
        end_of(self.cell)
        return last, None if outputs is None else time_major(outputs), states

    def _trains_fast(self, mask: Any, training: bool | None) -> bool:
        """Whether the loop that computes its own gradient does what is asked."""
        return (
            bool(training)
            and keras.backend.backend() == "tensorflow"
            and all(m is None for m in keras.tree.flatten(mask))
            and not self.unroll
            and not self.recurrent_dropout
            and not is_exporting()
            and self.has_training_rule()
        )

    def has_training_rule(self) -> bool:
        """Whether the cell computes what `training_rule` does."""
        return is_named(self.activation, "tanh")

    def recurrent_tensors(self) -> tuple[Tensor, Tensor | None]:
        """Returns the recurrent kernel and the bias that is added to its product."""
        _, kernel, bias = self.cell.tensors()
        return kernel, bias

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config() | self.cell.arguments()
        regularizer = keras.regularizers.serialize(self.activity_regularizer)
        del config["cell"]
        return config | {"activity_regularizer": regularizer}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Makes the layer that `get_config` describes."""
        return cls(**config)


def is_named(activation: Any, name: str) -> bool:
    """Whether an activation is the well-known one of this name."""
    return activation in (getattr(activations, name), getattr(keras.activations, name))


def checked_use_cudnn(use_cudnn: str | bool) -> str | bool:
    """Returns the argument if it is one of those that Keras knows."""
    if use_cudnn not in ("auto", True, False):
        raise ValueError(
            "Invalid value received for argument `use_cudnn`. Expected one of 'auto', "
            f"True, False. Received: use_cudnn={use_cudnn}"
        )
    return use_cudnn
