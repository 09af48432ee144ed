"""The interface of a signature."""

import abc
import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from export.samples import BATCH_SIZES, Batch

_ANEW = contextvars.ContextVar("anew", default=False)
PREDICT = "predict"
CLASSIFY = "classify"
REGRESS = "regress"


class AnySignature(abc.ABC):
    """A function of an artifact, from named inputs to named outputs.

    Attributes:
        description: One line, for the manifest.
        sample: Draws a batch of inputs of a size, the same at each call.
        traced: Computes the outputs by name in the graph that is exported, of a tensor
            for each input.
        method: The request of TensorFlow Serving that it answers.
        needs_tensorflow: Whether it has operators that other formats lack.
    """

    description: str
    sample: Callable[[int], Batch]
    traced: Callable[..., dict[str, Any]]
    method: str = PREDICT
    needs_tensorflow: bool = False

    @property
    def part_of(self) -> "AnySignature | None":
        """The signature of the same inputs with its outputs and others, if any."""
        return None

    @property
    @abc.abstractmethod
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input; an axis of any size is None."""

    @abc.abstractmethod
    def pairs(self) -> list[tuple[Batch, Batch]]:
        """Returns batches that outputs are compared on, with the reference outputs."""

    @abc.abstractmethod
    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""

    def within(self, *tensors: Any) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph of another signature.

        Signatures share a graph, unless it is traced anew for a format that wants other
        operators.
        """
        compute = self.traced if is_traced_anew() else self.concrete
        return compute(*tensors)

    def function(self) -> tf.types.experimental.PolymorphicFunction:
        """Returns the function to export."""
        return tf.function(self.traced, self.inputs, autograph=False)

    @functools.cached_property
    def concrete(self) -> Any:
        """The graph of the function, traced once."""
        return self.function().get_concrete_function()

    def describe(self) -> dict[str, Any]:
        """Returns what the manifest says of it."""
        return {
            "description": self.description,
            "method": self.method,
            "inputs": {str(spec.name): described(spec) for spec in self.inputs},
            "outputs": {
                name: described(tensor)
                for name, tensor in self.concrete.structured_outputs.items()
            },
        }


class Computed(AnySignature):
    """A signature whose reference outputs are computed on batches of its own."""

    @abc.abstractmethod
    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, with Python and Keras."""

    def batches(self) -> list[Batch]:
        """Returns the batches that outputs are compared on."""
        return [self.sample(size) for size in BATCH_SIZES]

    def pairs(self) -> list[tuple[Batch, Batch]]:
        """Returns batches that outputs are compared on, with the reference outputs."""
        return self._pairs

    @functools.cached_property
    def _pairs(self) -> list[tuple[Batch, Batch]]:
        return [(batch, self(batch)) for batch in self.batches()]


@contextlib.contextmanager
def traced_anew() -> Iterator[None]:
    """Makes signatures trace the model itself, where they would share one graph.

    A format needs it that makes layers trace other operators.
    """
    token = _ANEW.set(True)
    try:
        yield
    finally:
        _ANEW.reset(token)


def is_traced_anew() -> bool:
    """Whether a signature is traced within `traced_anew`."""
    return _ANEW.get()


def described(spec: Any) -> dict[str, object]:
    """Returns dtype and shape as they stand in a manifest."""
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return {"dtype": spec.dtype.name, "shape": shape}
