"""Base class of recurrent layers with one cell."""

from operator import attrgetter
from typing import Any

from custom_layers import regularizers
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent.rnn import RNN


def of_cell(name: str) -> Any:
    """A property that reads the cell's attribute."""
    return property(attrgetter(f"cell.{name}"), doc=f"`{name}` of the cell.")


class CellLayer(RNN):
    """Base class of a recurrent layer that takes the arguments of its cell."""

    cell: RecurrentCell

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

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config() | self.cell.arguments()
        regularizer = regularizers.serialize(self.activity_regularizer)
        del config["cell"]
        return config | {"activity_regularizer": regularizer}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Any:
        """Creates a layer from its configuration."""
        return cls(**config)


def checked_use_cudnn(use_cudnn: str | bool) -> str | bool:
    """Validates `use_cudnn`."""
    if use_cudnn not in ("auto", True, False):
        raise ValueError(
            "Invalid value received for argument `use_cudnn`. Expected one of 'auto', "
            f"True, False. Received: use_cudnn={use_cudnn}"
        )
    return use_cudnn
