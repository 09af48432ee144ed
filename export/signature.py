"""The function that an artifact computes: raw inputs to named outputs."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from custom_layers.exporting import exporting
from export.errors import ExportError
from zoo import tasks
from zoo.runs.trained import Trained

NAME = "serving_default"
TIME_STEPS = 5  # length of the sample sequences where a model leaves it open


@dataclasses.dataclass(frozen=True)
class Signature:
    """Named inputs and outputs of a model as it is served.

    Args:
        model: Takes the inputs in order, returns a dictionary of the outputs.
        inputs: Name, shape (None where any size goes) and dtype of each input.
    """

    model: keras.Model
    inputs: tuple[tf.TensorSpec, ...]

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Computes the outputs with Keras: the reference for every artifact."""
        outputs = self._apply(*(inputs[str(spec.name)] for spec in self.inputs))
        return {name: np.asarray(value) for name, value in outputs.items()}

    def function(self) -> tf.types.experimental.PolymorphicFunction:
        """Returns the function to export."""
        return tf.function(self._exported, self.inputs, autograph=False)

    def resources(self) -> list[tf.Variable]:
        """Returns what the function reads, so that it is saved."""
        # Keras' own ExportArchive would store every variable twice.
        return [variable.value for variable in self.model.variables]

    def part(self, names: tuple[str, ...]) -> "Signature":
        """Returns the signature with some of the outputs."""
        outputs = {name: self.model.output[name] for name in names}
        return Signature(keras.Model(self.model.inputs, outputs), self.inputs)

    def describe(self) -> dict[str, dict[str, dict[str, object]]]:
        """Returns names, dtypes and shapes as the manifest holds them."""
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
        """Draws inputs that look like the data, the same ones at each call.

        Floats are normal with the mean and variance that the model's own
        normalization learned; a model without one gets standard normal inputs.
        Integers are ids that every embedding of the model knows.
        """
        generator = np.random.default_rng(batch_size)
        mean, deviation = self._statistics()
        drawn = {}
        for spec in self.inputs:
            shape = [batch_size, *(size or TIME_STEPS for size in spec.shape[1:])]
            if spec.dtype.is_integer:
                values = generator.integers(self._vocabulary_size(), size=shape)
            else:
                values = mean + deviation * generator.standard_normal(shape)
            drawn[spec.name] = values.astype(spec.dtype.as_numpy_dtype)
        return drawn

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


def part_signatures(subject: Trained, served: Signature) -> dict[str, Signature]:
    """Returns, by name, the parts of a signature that its task serves by themselves."""
    if subject.task is None:
        return {}
    parts = tasks.get(subject.task).signatures
    return {name: served.part(outputs) for name, outputs in parts.items()}


def serving_signature(subject: Trained) -> Signature:
    """Puts the outputs that its task serves behind a trained model.

    A model that the zoo did not make keeps its own output names.

    Raises:
        ExportError: If the model has no symbolic inputs, so cannot be traced.
    """
    model = subject.model
    if not getattr(model, "inputs", None):
        raise ExportError(
            f"Model {model.name!r} has no inputs yet; build it as a functional model, "
            "or call it once on data."
        )
    if subject.task is None:
        outputs = dict(zip(model.output_names, model.outputs, strict=True))
    else:
        outputs = tasks.get(subject.task).outputs(model)
    inputs = tuple(
        tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    )
    return Signature(keras.Model(model.inputs, outputs), inputs)
