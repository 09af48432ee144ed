"""Signatures: the functions of an artifact, from raw inputs to named outputs."""

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from export import branches, precision
from export.calling import Call, call_of, untraceable
from export.errors import ExportError
from export.graph_calls import functions_of_their_own
from export.samples import BATCH_SIZES, LENGTHS, WAVEFORMS, Batch, Drawn
from export.signatures.base import Computed, is_traced_anew
from export.states import unchanged
from export.tracked_sizes import watched
from zoo import messages

NAME = "serving_default"


@dataclasses.dataclass(frozen=True)
class Signature(Computed):
    """A call of a model with named inputs and outputs.

    Args:
        call: The model, called as its user calls it.
        sample: Draws a batch of inputs of a size, the same at each call.
        description: One line, for the manifest.
        outputs: Names of the outputs that it returns; all if None.
        data: A batch of the model's own data, where that is at hand.
        whole: The signature that returns all outputs, whose graph this one shares;
            itself if None.
    """

    call: Call
    sample: Callable[[int], Batch]
    description: str = "the model as its user calls it"
    outputs: tuple[str, ...] | None = None
    data: Batch | None = None
    whole: Self | None = None

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input; an axis of any size is None."""
        return self.call.inputs

    @property
    def part_of(self) -> Self | None:
        """The signature of the same inputs with its outputs and others, if any."""
        return self.whole

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs: those of the user's own call.

        Layers that compute in half precision compute in single.
        """
        with precision.in_single(self.call.model):
            return self.as_called(inputs)

    def as_called(self, inputs: Batch) -> Batch:
        """Computes the outputs of the user's own call, in the model's precision."""
        with unchanged(self.call.model):
            outputs = self.call(
                *(tf.constant(inputs[str(spec.name)]) for spec in self.inputs)
            )
        return {name: as_array(value) for name, value in self._kept(outputs).items()}

    def in_graph(self, inputs: Batch) -> Batch:
        """Computes the outputs with the graph that is exported."""
        tensors = (tf.constant(inputs[str(spec.name)]) for spec in self.inputs)
        return {name: as_array(x) for name, x in self.concrete(*tensors).items()}

    def batches(self) -> list[Batch]:
        """Returns the batches that outputs are compared on."""
        data = [] if self.data is None else [self.data]
        return [*super().batches(), *data]

    def pairs(self) -> list[tuple[Batch, Batch]]:
        """Returns batches that outputs are compared on, with the reference outputs."""
        if self.whole:
            return [(batch, self._kept(found)) for batch, found in self.whole.pairs()]
        return super().pairs()

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        if self.whole:
            return self.whole.resources()
        # Keras' own ExportArchive would store every variable twice.
        descendants = tf.train.TrackableView(self.call.model).descendants()
        tables = tf.saved_model.experimental.TrackableResource
        found = [each for each in descendants if isinstance(each, tables)]
        return [*self.concrete.graph.variables, *found]

    def with_outputs(self, names: tuple[str, ...], description: str) -> "Signature":
        """Returns a signature of the same call with only these outputs."""
        return dataclasses.replace(
            self, outputs=names, description=description, whole=self.whole or self
        )

    def for_one_sample(self) -> "Signature":
        """Returns a signature of the same call for a batch of one sample."""
        inputs = tuple(
            tf.TensorSpec((1, *spec.shape[1:]), spec.dtype, name=spec.name)
            if spec.shape.rank
            else spec
            for spec in self.inputs
        )
        return dataclasses.replace(self, call=self.call.with_inputs(inputs))

    @functools.cached_property
    def concrete(self) -> Any:
        """The graph of the function, traced once."""
        try:
            if self.outputs is None:
                return self.call.concrete
            return self.function().get_concrete_function()
        except ExportError:
            raise
        except Exception as error:  # whatever the user's code raises
            raise untraceable(self.call.model, error) from error

    def traced(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        return self.within(*tensors) if self.whole else self.call.trace(*tensors)

    def within(self, *tensors: Any) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph of another signature."""
        compute = self.call.trace if is_traced_anew() else self.call.concrete
        return self._kept(compute(*tensors))

    def _kept(self, outputs: dict[str, Any]) -> dict[str, Any]:
        return {name: outputs[name] for name in self.outputs or outputs}


def as_array(value: Any) -> np.ndarray:
    """Returns a tensor as an array; bytes become strings."""
    array = np.asarray(value)
    return np.strings.decode(array.astype("S")) if array.dtype == object else array


def signature_of(
    model: keras.Model,
    sample: Any = None,
    draw: Callable[[Call], Callable[[int], Batch]] | None = None,
) -> Signature:
    """Returns the signature of a model as its user calls it.

    Its batch size is open where the model takes any, else the one it was made for.

    Args:
        model: Built.
        sample: Arguments of a call, for a model that says nothing of them.
        draw: Makes what samples batches; batches are drawn from the model's layers
            without it.

    Raises:
        ExportError: If the model cannot be called, or not be traced.
    """
    call = call_of(model, sample)
    fixed = _fixed_sizes(model)
    attempts = [call]
    if any(fixed):
        inputs = tuple(
            tf.TensorSpec((size, *spec.shape[1:]), spec.dtype, name=spec.name)
            if spec.shape.rank
            else spec
            for spec, size in zip(call.inputs, fixed, strict=True)
        )
        attempts.append(call.with_inputs(inputs))
    errors: list[Exception] = []
    for each in attempts:
        try:
            signature = _that_works(each, draw)
        except Exception as error:  # whatever the user's code raises
            errors.append(error)
        else:
            _say_state(signature)
            return signature
    if isinstance(errors[0], ExportError):
        raise errors[0]
    raise untraceable(model, errors[0]) from errors[0]


def _that_works(
    call: Call, draw: Callable[[Call], Callable[[int], Batch]] | None
) -> Signature:
    """Returns the signature with samples of a size that the model takes."""
    if draw:
        signature = Signature(call, draw(call))
        _try(signature)
        return signature
    open_inputs = [spec for spec in call.inputs if None in spec.shape.as_list()[1:]]
    choices = LENGTHS if open_inputs else LENGTHS[:1]
    if any((spec.shape.rank or 0) > 3 for spec in call.inputs):
        choices = choices[1:] or choices  # images of 5 pixels are too small for most
    if any(_may_be_sound(spec) for spec in open_inputs):
        choices += WAVEFORMS
    errors = []
    kinds = itertools.product([len(open_inputs) > 1, False], [True, False])
    for (differ, is_wide), lengths in itertools.product(dict.fromkeys(kinds), choices):
        signature = Signature(call, Drawn(call, lengths, differ, is_wide))
        try:
            _try(signature)
        except Exception as error:  # a size that is too small, an id that is too large
            errors.append(error)
        else:
            return signature
    raise errors[-len(choices)]  # of the plainest samples


def _may_be_sound(spec: tf.TensorSpec) -> bool:
    """Whether an input is of one number for each step."""
    shape = spec.shape.as_list()
    return spec.dtype.is_floating and (len(shape) == 2 or shape[2:] == [1])


def _try(signature: Signature) -> None:
    _check_assignments(signature)
    sizes = [axis.size for axis in branches.open_axes(signature)]
    with functions_of_their_own(), watched(*sizes) as log:
        for size in BATCH_SIZES:
            signature.as_called(signature.sample(size))
    _check_chance(signature)
    if log.places:
        branches.check(signature)


def _check_assignments(signature: Signature) -> None:
    """Refuses a call that changes a variable that Keras does not know."""
    graph = signature.concrete.graph.as_graph_def()
    bodies = [graph.node, *(each.node_def for each in graph.library.function)]
    if any(node.op.startswith("Assign") for nodes in bodies for node in nodes):
        model = signature.call.model
        raise ExportError(
            f"Model {model.name!r} assigns to a tf.Variable in its call; an artifact "
            "changes nothing. Make it a variable of Keras (add_weight), whose value at "
            "the export counts, or leave the assignment out of inference."
        )


def _check_chance(signature: Signature) -> None:
    """Refuses a call that answers the same inputs otherwise each time."""
    batch = signature.sample(BATCH_SIZES[0])
    first, second = signature.as_called(batch), signature.as_called(batch)
    for name, array in first.items():
        if not _is_same(array, second[name]):
            raise ExportError(
                f"Model {signature.call.model.name!r} answers the same inputs "
                f"otherwise each time ({name}): it draws random numbers in inference. "
                "Draw them with a keras.random.SeedGenerator that a layer holds as an "
                "attribute, or in training alone."
            )


def _say_state(signature: Signature) -> None:
    """Says where a second call answers otherwise, for instance by a new random draw."""
    call, batch = signature.call, signature.sample(BATCH_SIZES[0])
    tensors = [tf.constant(batch[str(spec.name)]) for spec in signature.inputs]
    with unchanged(call.model):
        first, second = (
            {name: as_array(value) for name, value in call(*tensors).items()}
            for _ in range(2)
        )
    if not all(_is_same(array, second[name]) for name, array in first.items()):
        messages.warn(
            f"Each call changes the state of model {call.model.name!r}, such as that "
            "of a seed generator. The artifact keeps the state of now: it answers the "
            "same request in the same way each time."
        )


def _is_same(first: np.ndarray, second: np.ndarray) -> bool:
    return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")


def _fixed_sizes(model: keras.Model) -> list[int | None]:
    functional = getattr(model, "_functional", model)
    if not hasattr(functional, "_inputs_struct"):
        return []
    return [tensor.shape[0] if tensor.shape else None for tensor in functional.inputs]
