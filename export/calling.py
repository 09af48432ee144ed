"""How a user calls a model: the structure of its arguments, and names for its tensors.

Nothing here rebuilds a model. `model(x, training=False)` is called as it is, so what a
subclass overrides counts.
"""

import dataclasses
import functools
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import tree

from export import naming, precision
from export.errors import ExportError
from export.graph_calls import (
    functions_of_their_own,
    one_step_a_round,
    open_sizes,
)
from export.states import unchanged_attributes
from export.time_distributed import as_rows
from zoo import messages

_UNDECLARED = ("int32", "string")  # in the order of trial, after floats


@dataclasses.dataclass(frozen=True)
class Call:
    """A model with the arguments of its call.

    Args:
        model: Built.
        structure: The first argument and the keyword arguments, `(first, keywords)`,
            nested as the model takes them, of `tf.TensorSpec`.
        inputs: The same flat, each with a name.
    """

    model: keras.Model
    structure: Any
    inputs: tuple[tf.TensorSpec, ...]

    def __call__(self, *tensors: Any) -> dict[str, Any]:
        """Computes `model(x, training=False)`; returns its outputs by name."""
        first, keywords = tree.pack_sequence_as(self.structure, list(tensors))
        return named_outputs(
            self.model, self.model(first, training=False, **keywords), self.inputs
        )

    def trace(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        """Is the same for a graph that is exported: in single precision, no updates.

        A state, such as a stateful layer's, stays what it is at the time of the export,
        and so do attributes that the call sets.
        """
        with (
            precision.in_single(self.model),
            naming.fit_layers(self.model),
            open_sizes(),
            one_step_a_round(),
            as_rows(),
            functions_of_their_own(),
            unchanged_attributes(self.model),
            keras.StatelessScope(state_mapping=[]),
        ):
            outputs = self(*tensors)
        return {name: tf.convert_to_tensor(value) for name, value in outputs.items()}

    @functools.cached_property
    def concrete(self) -> Any:
        """The graph of `trace`, traced once."""
        return tf.function(
            self.trace, self.inputs, autograph=False
        ).get_concrete_function()

    def with_inputs(self, inputs: tuple[tf.TensorSpec, ...]) -> "Call":
        """Returns the call with other types or shapes of its inputs."""
        return dataclasses.replace(self, inputs=inputs)


def call_of(model: keras.Model, sample: Any = None) -> Call:
    """Finds out how a model is called.

    Args:
        model: Functional, Sequential or subclassed; built, called or fitted.
        sample: Arguments of a call, where the model says nothing of them.

    Raises:
        ExportError: If nothing tells the shapes of its inputs.
    """
    declared = _declared(model)
    if declared is not None:
        structure = tree.map_structure(_spec, declared), {}
        names = _input_names(declared)
    else:
        structure = _recorded(model, sample)
        names = _argument_names(model, structure)
    flat = tree.flatten(structure)
    names = naming.distinct([naming.fit(name) for name in names])
    inputs = tuple(
        tf.TensorSpec(spec.shape, spec.dtype, name=name)
        for spec, name in zip(flat, names, strict=True)
    )
    call = Call(model, structure, inputs)
    if declared is not None and not _is_guessed(model):
        return call
    return _with_found_types(call)


def _declared(model: keras.Model) -> Any:
    """Returns the inputs of a functional or a built Sequential model, as nested."""
    functional = getattr(model, "_functional", model)
    if not hasattr(functional, "_inputs_struct"):
        return None
    for tensor in functional.inputs:
        if tensor.sparse or getattr(tensor, "ragged", False):
            raise ExportError(
                f"Input {tensor.name!r} of model {model.name!r} is sparse or ragged; "
                "artifacts take dense arrays. Give the model a dense input."
            )
    return functional.input


def _is_guessed(model: keras.Model) -> bool:
    """Whether Keras made up the type of the input, at the first call of a Sequential.

    It takes the type that the first layer computes in, `float32` for an Embedding.
    """
    return isinstance(model, keras.Sequential) and naming.is_automatic(
        model.inputs[0].name
    )


def _spec(tensor: keras.KerasTensor) -> tf.TensorSpec:
    dtype = "float32" if tensor.dtype in ("float16", "bfloat16") else tensor.dtype
    return tf.TensorSpec(_open(tensor.shape), dtype)


def _open(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """Returns the shape for batches of any size; that of a scalar has no such axis."""
    return (None, *shape[1:]) if len(shape) else ()


def _input_names(declared: Any) -> list[str]:
    """Returns keys of dictionaries, then names of inputs, then `inputs`."""
    flat = tree.flatten_with_path(declared)
    names = []
    for path, tensor in flat:
        if any(isinstance(step, str) for step in path):
            names.append(naming.of_path(path))
        elif naming.is_automatic(tensor.name):
            names.append(
                "inputs" if len(flat) == 1 else naming.of_path(("inputs", *path))
            )
        else:
            names.append(tensor.name)
    return names


def _recorded(model: keras.Model, sample: Any) -> Any:
    """Returns the arguments that a subclassed model was built or called with."""
    if sample is not None:
        first, keywords = _as_arguments(model, sample)
        return (
            tree.map_structure(_spec_of_array, first),
            tree.map_structure(_spec_of_array, keywords),
        )
    if hasattr(model, "input_specs"):
        return dict(model.input_specs), {}
    shapes = getattr(model, "_build_shapes_dict", None)
    if not shapes or not model.built:
        raise ExportError(
            f"Model {model.name!r} has no inputs yet; call it once on data, give it a "
            "keras.Input, or pass `sample=` (`--sample FILE.npz`)."
        )
    if tree.flatten(shapes) in ([], [None]):
        raise ExportError(
            f"Model {model.name!r} was built without an input shape; call it once on "
            "data, or pass `sample=` (`--sample FILE.npz`)."
        )
    (_, first), *others = shapes.items()
    keywords = {key.removesuffix("_shape"): _specs(s) for key, s in others if s}
    lacking = [name for name in _required(model)[1:] if name not in keywords]
    if lacking:
        raise ExportError(
            f"Keras did not record the shapes of {', '.join(lacking)}, which the call "
            f"of model {model.name!r} takes; pass `sample=` with an array for each "
            "argument (`--sample FILE.npz`)."
        )
    _say_guess(model, [name.removesuffix("_shape") for name in shapes])
    return _specs(first), keywords


def _say_guess(model: keras.Model, known: list[str]) -> None:
    """Says what Keras did not record of the call of a subclassed model."""
    parameters = list(inspect.signature(model.call).parameters)
    left_out = [
        name
        for name in parameters[1:]
        if name not in (*known, "training", "mask", "args", "kwargs")
    ]
    more = f", and the call is made without {', '.join(left_out)}" * bool(left_out)
    messages.warn(
        f"Keras recorded shapes of the call of model {model.name!r}, but no types: "
        f"these are guessed{more}. Give a sample to say otherwise (--sample, sample=)."
    )


def _required(model: keras.Model) -> list[str]:
    """Returns the names of the arguments of `call` that have no default."""
    parameters = inspect.signature(model.call).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind not in kinds
    ]


def _as_arguments(model: keras.Model, sample: Any) -> tuple[Any, dict[str, Any]]:
    """Returns first argument and keyword arguments of the call that a sample makes.

    A dictionary is the first argument, unless its keys name arguments of `call`.
    """
    names = list(inspect.signature(model.call).parameters)
    recorded = next(
        iter((getattr(model, "_build_shapes_dict", None) or {}).values()), 0
    )
    if isinstance(recorded, Mapping):
        return sample, {}  # that is what it was called with
    if isinstance(sample, Mapping) and names[0] in sample and set(sample) <= set(names):
        rest = {key: value for key, value in sample.items() if key != names[0]}
        return sample[names[0]], rest
    return sample, {}


def _specs(shapes: Any) -> Any:
    if isinstance(shapes, Mapping):
        return {key: _specs(value) for key, value in shapes.items()}
    if all(size is None or isinstance(size, int) for size in shapes):
        return tf.TensorSpec(_open(shapes), keras.config.floatx())
    return [_specs(shape) for shape in shapes]


def _spec_of_array(array: Any) -> tf.TensorSpec:
    spec = tf.TensorSpec.from_tensor(tf.convert_to_tensor(array))
    is_numpys = spec.dtype == tf.float64 and keras.config.floatx() == "float32"
    dtype = "float32" if is_numpys else spec.dtype
    return tf.TensorSpec(_open(spec.shape), dtype)


def _argument_names(model: keras.Model, structure: Any) -> list[str]:
    """Returns keys of dictionaries; `inputs`, or the argument's name beside others."""
    first, keywords = structure
    own = _required(model)[0] if keywords else "inputs"
    names = []
    for path, _ in tree.flatten_with_path(first):
        has_key = path and isinstance(path[0], str)
        names.append(naming.of_path(path if has_key else (own, *path)))
    return names + [naming.of_path(p) for p, _ in tree.flatten_with_path(keywords)]


def named_outputs(
    model: keras.Model, outputs: Any, inputs: tuple[tf.TensorSpec, ...] = ()
) -> dict[str, Any]:
    """Returns the outputs of a call by name.

    Keys of dictionaries are kept; other outputs of a functional model are named by
    their layers, those of a subclassed model `output`, or `output_0` and so on.

    Raises:
        ExportError: If one of them is no tensor.
    """
    flat = [
        (path, value)
        for path, value in tree.flatten_with_path(outputs)
        if value is not None
    ]
    wrong = [value for _, value in flat if not _is_dense(value)]
    if wrong or not flat:
        raise ExportError(
            f"Model {model.name!r} returns "
            f"{type(wrong[0]).__name__ if wrong else 'nothing'} among its outputs; it "
            "must return dense tensors, in lists or dictionaries."
        )
    layers = getattr(getattr(model, "_functional", model), "output_names", ())
    names = []
    for i, (path, _) in enumerate(flat):
        if any(isinstance(step, str) for step in path):
            names.append(naming.of_path(path))
        elif len(layers) == len(flat):
            names.append(layers[i])
        else:
            names.append(naming.of_path(("output", *path)) if path else "output")
    # ONNX has one space of names for inputs and outputs.
    taken = [str(spec.name) for spec in inputs]
    names = naming.distinct([naming.fit(name) for name in names], taken)
    return dict(zip(names, (value for _, value in flat), strict=True))


def _is_dense(value: Any) -> bool:
    composite = tf.RaggedTensor | tf.SparseTensor | tf.IndexedSlices
    return hasattr(value, "dtype") and not isinstance(value, composite)


def _with_found_types(call: Call) -> Call:
    """Finds the types of inputs that nobody declared, by tracing the model.

    An input that is at once cast to integers is one of integers.
    """
    errors = []
    for dtype in (keras.config.floatx(), *_UNDECLARED):
        tried = call.with_inputs(tuple(_retyped(s, dtype) for s in call.inputs))
        try:
            graph = tried.concrete.graph
        except ExportError:
            raise
        except Exception as error:  # whatever the user's code raises for this type
            errors.append(error)
            continue
        inputs = tuple(
            _retyped(spec, _consumed_type(tensor) or dtype)
            for spec, tensor in zip(tried.inputs, graph.inputs, strict=False)
        )
        return tried if inputs == tried.inputs else call.with_inputs(inputs)
    raise untraceable(call.model, errors[0])


def _retyped(spec: tf.TensorSpec, dtype: str | tf.DType) -> tf.TensorSpec:
    if spec.dtype != tf.as_dtype(keras.config.floatx()):
        return spec  # a sample says its type
    return tf.TensorSpec(spec.shape, dtype, name=spec.name)


def _consumed_type(tensor: tf.Tensor) -> tf.DType | None:
    """Returns the integer type that every use of a tensor casts it to."""
    found = set()
    for operation in tensor.consumers():
        if operation.type == "Identity":
            found.add(_consumed_type(operation.outputs[0]))
        elif operation.type != "Shape":
            is_cast = operation.type == "Cast"
            found.add(operation.outputs[0].dtype if is_cast else None)
    only = found.pop() if len(found) == 1 else None
    return only if only is not None and only.is_integer else None


def untraceable(model: keras.Model, error: Exception) -> ExportError:
    """Returns the error of a model whose call cannot be made a graph, in one line."""
    reason = re.sub(r"\x1b\[[0-9;]*m", "", re.sub(r"\s+", " ", str(error))).strip()
    reason = re.sub(r"^Exception encountered when calling \S+\(\)\. ", "", reason)
    reason = reason.split(" Arguments received by")[0][:300]
    return ExportError(
        f"Model {model.name!r} cannot be traced as a graph ({type(error).__name__}: "
        f"{reason}); export needs a call of TensorFlow or keras.ops operations, for "
        "any batch size."
    )
