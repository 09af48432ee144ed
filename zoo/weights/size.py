"""How large a model is, found before its weights are allocated."""

import contextlib
import copy
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras.src.backend.common import global_state

from zoo.errors import WeightsError

MOST_VARIABLES = 10_000
_BYTES = {"float64": 8, "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2}
_UNINITIALIZED = "uninitialized_variables"
_NAMES = "object_name_uids"


class _Counted(list):
    """Variables that Keras would initialize later.

    Args:
        limit: Of their bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.bytes, self.limit = 0, limit

    def append(self, variable: keras.Variable, /) -> None:
        """Adds one, and refuses what is too much."""
        super().append(variable)
        self.bytes += math.prod(variable.shape) * _BYTES.get(variable.dtype, 4)
        if self.bytes > self.limit or len(self) > MOST_VARIABLES:
            raise TooLargeError


class TooLargeError(WeightsError):
    """A model whose weights would take more than a limit."""


def check_size(make: Callable[[], Any], limit: int) -> None:
    """Makes a model without its weights, and counts them.

    Args:
        make: Makes the model; what else it raises is left to whoever makes it again.
        limit: Of the bytes of all weights.

    Raises:
        TooLargeError: If they would take more, or are more than `MOST_VARIABLES`.

    Example:

    >>> check_size(lambda: keras.layers.Dense(10**6).build((1, 10**6)), 2**30)
    Traceback (most recent call last):
    ...
    zoo.weights.size.TooLargeError
    """
    with _without_traces(), keras.StatelessScope() as scope:
        scope.initialize_variables = False
        global_state.set_global_attribute(_UNINITIALIZED, _Counted(limit))
        try:
            make()
        except TooLargeError:
            raise
        except Exception:
            return  # whoever makes it says what is wrong


def largest_output(model: keras.Model) -> tuple[int, str]:
    """Returns the values of the largest tensor that a layer makes of one sample.

    Args:
        model: Of which the tensors that Keras knows are looked at; axes of any size
            count as one.

    Returns:
        Their number, and the name of the layer; 0 where none is known.

    >>> repeat = keras.layers.RepeatVector(10**6, name="again")
    >>> largest_output(keras.Sequential([keras.Input((4,)), repeat]))
    (4000000, 'again')
    """
    return max(
        (
            (math.prod(axis or 1 for axis in tensor.shape), layer.name)
            for layer in model._flatten_layers()
            for node in layer._inbound_nodes
            for tensor in node.output_tensors
        ),
        default=(0, ""),
    )


@contextlib.contextmanager
def _without_traces() -> Iterator[None]:
    """Leaves names and random numbers of what is made next as they would be."""
    names = copy.copy(global_state.get_global_attribute(_NAMES))
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
        global_state.set_global_attribute(_NAMES, names)
        global_state.set_global_attribute(_UNINITIALIZED, [])
