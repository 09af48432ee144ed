"""Recurrent layer of any cell."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers.recurrent._loops import time_major
from custom_layers.layers.recurrent._sequence import along
from custom_layers.layers.recurrent.stacked_cells import StackedRNNCells

__all__ = ["RNN"]


@keras.saving.register_keras_serializable("custom_layers")
class RNN(keras.layers.Layer):
    r"""Runs a recurrent cell over a sequence.

    .. math::

        y_t, s_t = \mathrm{cell}(x_t, s_{t-1})

    Where a mask is false, the states are kept and the output is that of the
    previous step.

    Args:
        cell: Has `call(inputs, states) -> (output, states)` and `state_size`, an
            integer or one for each state; a list of cells is stacked.
        return_sequences: Whether to return the outputs of all steps, not only the
            last.
        return_state: Whether to return the last states, too.
        go_backwards: Whether to process the sequence in reverse; the outputs come
            in the order of reading.
        stateful: Whether the last states of a batch are the initial ones of the
            next; needs a fixed batch size.
        unroll: Whether to unroll the loop over the steps; needs a fixed
            number of steps.
        zero_output_for_mask: Whether outputs are zero where a mask is false.

    Shapes:
        `(batch, time, features)` to `(batch, units)`, to `(batch, time, units)`
        with `return_sequences`; with `return_state`, the states follow.

    Example:

    >>> from custom_layers import GRUCell, LSTMCell
    >>> tuple(RNN([LSTMCell(4), GRUCell(3)])(ops.zeros((2, 5, 6))).shape)
    (2, 3)

    Reference:
        Elman, 1990, Finding structure in time.
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell)
        _check_cell(cell)
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.single_state = isinstance(cell.state_size, int)
        sizes = cell.state_size
        self.state_size = [sizes] if self.single_state else list(sizes)
        # As in Keras, the states are not weights: neither saved nor counted.
        self.__dict__["states"] = None

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        """Builds the cell and, if the layer is stateful, the states."""
        batch = sequences_shape[0]
        if isinstance(self.cell, keras.layers.Layer) and not self.cell.built:
            self.cell.build((batch, *sequences_shape[2:]))
            self.cell.built = True
        if not self.stateful:
            return
        if batch is None:
            raise ValueError(
                "When using `stateful=True` in a RNN, the batch size must be static: "
                "give the input a `batch_shape`. "
                f"Received: sequence.shape={sequences_shape}"
            )
        if self.states is not None:
            self.reset_state()
            return
        with keras.name_scope(self.name, caller=self):
            self.__dict__["states"] = keras.tree.map_structure(
                lambda x: keras.Variable(
                    x, trainable=False, dtype=self.variable_dtype, name="rnn_state"
                ),
                self.get_initial_state(batch),
            )

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Tensor | None = None,
        training: bool = False,
    ) -> Any:
        """Runs the cell from the initial states, by default zero."""
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(
                "Cannot unroll a RNN if the time dimension is undefined. Give the "
                "input a `shape` with a number of steps, or pass `unroll=False`. "
                f"Received: sequences.shape={tuple(sequences.shape)}"
            )
        last_output, outputs, states = self.inner_loop(
            sequences,
            self._initial_state(sequences, initial_state),
            mask=mask,
            training=training,
        )
        output = ops.cast(
            outputs if self.return_sequences else last_output, self.compute_dtype
        )
        states = keras.tree.map_structure(
            lambda x: ops.cast(x, self.compute_dtype), states
        )
        if self.stateful:
            kept = keras.tree.flatten(self.states)
            for variable, state in zip(kept, keras.tree.flatten(states), strict=True):
                variable.assign(state)
        return (output, *states) if self.return_state else output

    def inner_loop(
        self,
        sequences: Tensor,
        initial_state: list,
        mask: Tensor | None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor | None, list]:
        """Returns the last output, all outputs if requested, and the last states."""
        inputs, mask = self._in_order(sequences, mask)
        last, outputs, states = along(
            self.cell,
            inputs,
            initial_state,
            mask=mask,
            training=training,
            unroll=self.unroll,
            zero_output_for_mask=self.zero_output_for_mask,
            every_output=self.return_sequences,
        )
        return last, None if outputs is None else time_major(outputs), states

    def _in_order(
        self, sequences: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Moves time to the front, reversed with `go_backwards`."""
        inputs = time_major(sequences)
        mask = next((m for m in keras.tree.flatten(mask) if m is not None), None)
        if mask is not None:
            mask = ops.cast(ops.convert_to_tensor(mask), "bool")
            mask = time_major(mask)
        if self.go_backwards:
            inputs = ops.flip(inputs, axis=0)
            mask = None if mask is None else ops.flip(mask, axis=0)
        return inputs, mask

    def _initial_state(self, sequences: Tensor, given: Any) -> list:
        if self.stateful:
            self._check_batch(sequences.shape[0])
        if given is None:
            given = self._kept() if self.stateful else None
        if given is None:
            given = self.get_initial_state(ops.shape(sequences)[0])
        if not keras.tree.is_nested(given):
            given = [given]
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return keras.tree.map_structure(
            lambda x: ops.convert_to_tensor(x, dtype=dtype), list(given)
        )

    def _kept(self) -> Any:
        # Torch updates a state in place, and the gradient needs it as it was.
        return keras.tree.map_structure(lambda x: ops.copy(x.value), self.states)

    def _check_batch(self, batch: int | None) -> None:
        states = keras.tree.flatten(self.states)
        if batch is not None and batch != states[0].shape[0]:
            raise ValueError(
                "If an RNN is stateful, the batch size of the input sequences must be "
                "the same as that of its states. "
                f"Expected: {states[0].shape[0]}. Received: {batch}"
            )

    def get_initial_state(self, batch_size: Any) -> list:
        """Returns the initial states: those of the cell, or zeros."""
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
            return list(states) if keras.tree.is_nested(states) else [states]
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return [ops.zeros((batch_size, n), dtype=dtype) for n in self.state_size]

    def reset_state(self) -> None:
        """Resets the states to zero."""
        if self.states is not None:
            for variable in keras.tree.flatten(self.states):
                variable.assign(ops.zeros_like(variable.value))

    def reset_states(self) -> None:
        """Resets the states to zero, as `reset_state` does."""
        self.reset_state()

    def compute_output_shape(
        self, sequences_shape: Shape, initial_state_shape: Any = None
    ) -> Any:
        """Returns the shape of the output, followed by those of returned states."""
        batch, length = sequences_shape[:2]
        units = getattr(self.cell, "output_size", None)
        if units is None:
            units = keras.tree.flatten(self.state_size)[0]
        output = (batch, length, units) if self.return_sequences else (batch, units)
        if not self.return_state:
            return output
        states = [
            (batch, size) if isinstance(size, int) else [(batch, n) for n in size]
            for size in self.state_size
        ]
        return output, *states

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """Returns the mask with the outputs of all steps; states have none."""
        mask = keras.tree.flatten(mask)[0] if self.return_sequences else None
        return [mask, *[None] * len(self.state_size)] if self.return_state else mask

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": keras.saving.serialize_keras_object(self.cell),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Any:
        """Creates a layer from its configuration."""
        cell = keras.saving.deserialize_keras_object(
            config["cell"], custom_objects=custom_objects
        )
        return cls(**(config | {"cell": cell}))


def _check_cell(cell: Any) -> None:
    if not hasattr(cell, "call"):
        raise ValueError(
            f"Argument `cell` should have a `call` method. Received: cell={cell}"
        )
    if "state_size" not in dir(cell):
        raise ValueError(
            "The RNN cell should have a `state_size` attribute (an integer, or one "
            f"for each state). Received: cell={cell}"
        )
    size = cell.state_size
    if not isinstance(size, int | list | tuple):
        raise ValueError(
            "`state_size` of the cell must be an integer, or a list or tuple of "
            f"integers, one for each state. Received: state_size={size}"
        )
