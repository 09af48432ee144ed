"""Signatures: the functions of an artifact, from raw inputs to named outputs."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from custom_layers.exporting import exporting
from export.errors import ExportError
from zoo import tasks
from zoo.runs.trained import Trained

NAME = "serving_default"
TIME_STEPS = 5  # of sampled sequences, where a model takes any length


@dataclasses.dataclass(frozen=True)
class Signature:
    """A model with named inputs and outputs.

    Args:
        model: Takes the inputs in order, returns a dictionary of the outputs.
        inputs: Name, dtype and shape of each input; an axis of any size is None.
    """

    model: keras.Model
    inputs: tuple[tf.TensorSpec, ...]

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Computes the reference outputs, with Keras."""
        outputs = self._apply(*(inputs[str(spec.name)] for spec in self.inputs))
        return {name: np.asarray(value) for name, value in outputs.items()}

    def function(self) -> tf.types.experimental.PolymorphicFunction:
        """Returns the function to export."""
        return tf.function(self._exported, self.inputs, autograph=False)

    def resources(self) -> list[tf.Variable]:
        """Returns the variables that the function reads, to be saved with it."""
        # Keras' own ExportArchive would store every variable twice.
        return [variable.value for variable in self.model.variables]

    def with_outputs(self, names: tuple[str, ...]) -> "Signature":
        """Returns a signature of the same model with only these outputs."""
        outputs = {name: self.model.output[name] for name in names}
        return Signature(keras.Model(self.model.inputs, outputs), self.inputs)

    def describe(self) -> dict[str, dict[str, dict[str, object]]]:
        """Returns names, dtypes and shapes, as they stand in the manifest."""
        outputs = {
            name: {"dtype": tensor.dtype, "shape": list(tensor.shape)}
            for name, tensor in self.model.output.items()
        }
        inputs = {
            str(spec.name): {"dtype": spec.dtype.name, "shape": spec.shape.as_list()}
            for spec in self.inputs
        }
        return {"inputs": inputs, "outputs": outputs}

    def sample(self, batch_size: int) -> dict[str, np.ndarray]:
        """Samples a batch of inputs, the same at each call.

        Floats are normally distributed, with the mean and variance of the model's
        normalization layer, or standard normal without one. Integers are ids below
        the smallest vocabulary size of the model's embeddings.
        """
        generator = np.random.default_rng(batch_size)
        mean, deviation = self._statistics()
        batch = {}
        for spec in self.inputs:
            shape = [batch_size, *(size or TIME_STEPS for size in spec.shape[1:])]
            if spec.dtype.is_integer:
                values = generator.integers(self._vocabulary_size(), size=shape)
            else:
                values = mean + deviation * generator.standard_normal(shape)
            batch[spec.name] = values.astype(spec.dtype.as_numpy_dtype)
        return batch

    def _apply(self, *tensors: tf.Tensor | np.ndarray) -> dict[str, tf.Tensor]:
        return self.model(list(tensors), training=False)

    def _exported(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        with exporting():
            return self._apply(*tensors)

    def _statistics(self) -> tuple[np.ndarray, np.ndarray]:
        for layer in self.model._flatten_layers():
            if hasattr(layer, "mean") and hasattr(layer, "variance"):
                return np.asarray(layer.mean), np.sqrt(np.asarray(layer.variance))
        return np.zeros(()), np.ones(())

    def _vocabulary_size(self) -> int:
        layers = self.model._flatten_layers()
        sizes = [layer.input_dim for layer in layers if hasattr(layer, "input_dim")]
        return min(sizes, default=2)


def default_signature(source: Trained) -> Signature:
    """Returns the signature that has all outputs of the model's task.

    A model that is not one of the zoo's keeps its own output names.

    Raises:
        ExportError: If the model has no symbolic inputs, so cannot be traced.
    """
    model = source.model
    if not getattr(model, "inputs", None):
        raise ExportError(
            f"Model {model.name!r} has no inputs yet; build it as a functional model, "
            "or call it once on data."
        )
    if source.task is None:
        outputs = dict(zip(model.output_names, model.outputs, strict=True))
    else:
        outputs = tasks.get(source.task).outputs(model)
    inputs = tuple(
        tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    )
    return Signature(keras.Model(model.inputs, outputs), inputs)


def task_signatures(source: Trained, default: Signature) -> dict[str, Signature]:
    """Returns, by name, the signatures with some of the outputs that a task adds."""
    if source.task is None:
        return {}
    outputs = tasks.get(source.task).signatures
    return {name: default.with_outputs(names) for name, names in outputs.items()}
