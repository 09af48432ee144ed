"""Stacked recurrent cells."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers.recurrent._steps import takes

__all__ = ["StackedRNNCells"]


@keras.saving.register_keras_serializable("custom_layers")
class StackedRNNCells(keras.layers.Layer):
    r"""A stack of recurrent cells that acts as one cell.

    .. math::

        y^{(k)}, s^{(k)}_t = \mathrm{cell}_k\left(y^{(k-1)}, s^{(k)}_{t-1}\right),
        \qquad y^{(0)} = x_t

    Args:
        cells: Cells from bottom to top.

    Shapes:
        `(batch, features)` and a list of the states of each cell to `(batch,
        units)` of the last cell and such a list.

    Example:

    >>> from custom_layers import RNN, LSTMCell
    >>> cell = StackedRNNCells([LSTMCell(4), LSTMCell(3)])
    >>> tuple(RNN(cell)(ops.zeros((2, 5, 6))).shape)
    (2, 3)

    Reference:
        Graves, Mohamed and Hinton, 2013, Speech recognition with deep recurrent
        neural networks.
    """

    def __init__(self, cells: list | tuple, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            for name in ("call", "state_size"):
                if name not in dir(cell):
                    raise ValueError(
                        f"All `cells` must have a `{name}`. Received: cell={cell}"
                    )
        self.cells = cells

    def build(self, input_shape: Shape) -> None:
        """Builds each cell on the output of the one below."""
        for cell in self.cells:
            if isinstance(cell, keras.layers.Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], _output_size(cell))

    def call(
        self, inputs: Tensor, states: Any, training: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Any]:
        """Computes one step of all cells."""
        new_states = []
        cells: Any = self.cells
        for cell, state in zip(cells, states, strict=True):
            nested = keras.tree.is_nested(state)
            options = {"training": training} if takes(cell.call, "training") else {}
            function: Any = cell if callable(cell) else cell.call
            state = list(state) if nested else [state]
            inputs, state = function(inputs, state, **kwargs, **options)
            new_states.append(_like(state, nested))
        return inputs, new_states if len(new_states) > 1 else new_states[0]

    @property
    def state_size(self) -> list:
        """Sizes of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """Size of the output of the last cell."""
        return _output_size(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Returns the initial states of each cell."""
        return [self._start(cell, batch_size) for cell in self.cells]

    def _start(self, cell: Any, batch_size: Any) -> Any:
        if hasattr(cell, "get_initial_state"):
            return cell.get_initial_state(batch_size=batch_size)
        return keras.tree.map_structure(
            lambda n: ops.zeros((batch_size, n), dtype=self.compute_dtype),
            cell.state_size,
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        cells = [keras.saving.serialize_keras_object(cell) for cell in self.cells]
        return super().get_config() | {"cells": cells}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Any:
        """Creates a layer from its configuration."""
        cells = [
            keras.saving.deserialize_keras_object(cell, custom_objects=custom_objects)
            for cell in config["cells"]
        ]
        return cls(**(config | {"cells": cells}))


def _output_size(cell: Any) -> int:
    size = getattr(cell, "output_size", None)
    return keras.tree.flatten(cell.state_size)[0] if size is None else size


def _like(state: Any, nested: bool) -> Any:
    single = keras.tree.is_nested(state) and len(state) == 1 and not nested
    return state[0] if single else state
