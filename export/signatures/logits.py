"""Signatures of a classifier's own output and of the features that it is computed from.

The reference of `logits` is the call of the model itself, and its graph the one that
`serving_default` shares: so the probabilities are those of the model.
"""

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from export import precision
from export.samples import Batch
from export.signature import Signature, as_array
from export.signatures.base import AnySignature, Computed
from export.states import unchanged
from zoo import tasks
from zoo.runs.trained import Trained

FEATURES = "features"
_FEATURE_VECTOR = "feature_vector"  # inputs may be called `features`


@dataclasses.dataclass(frozen=True)
class RawOutput(Computed):
    """What the call of a model itself returns.

    Args:
        model: Of one input and one output.
        whole: The signature with its output and those of its task.
        name: Of the output.
    """

    model: keras.Model
    whole: Signature
    name: str

    description = "the model's own output, before any softmax"

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the input."""
        return self.whole.inputs

    @property
    def part_of(self) -> Signature:
        """The signature of the same inputs with its outputs and others."""
        return self.whole

    def sample(self, batch_size: int) -> Batch:
        """Draws a batch as for the other signatures."""
        return self.whole.sample(batch_size)

    def batches(self) -> list[Batch]:
        """Returns the batches that outputs are compared on."""
        return self.whole.batches()

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference output: that of the model's call."""
        (tensor,) = (tf.constant(each) for each in inputs.values())
        with precision.in_single(self.model), unchanged(self.model):
            return {self.name: as_array(self.model(tensor, training=False))}

    def traced(self, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the output in the graph that is exported."""
        return {self.name: self.whole.within(tensor)[self.name]}

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.whole.resources()


def outputs(source: Trained) -> dict[str, Any]:
    """Returns the outputs that these signatures add to those of the task."""
    raw = tasks.get(source.task or "").raw
    if raw is None:
        return {}
    found, head = {raw: source.model.output}, _head(source.model)
    return found if head is None else found | {_FEATURE_VECTOR: head}


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `logits` and `features` of a model that has them."""
    found: dict[str, AnySignature] = {}
    for name in outputs(source):
        if name == _FEATURE_VECTOR:
            described = "the input of the last layer"
            found[FEATURES] = whole.with_outputs((name,), described)
        else:
            found[name] = RawOutput(source.model, whole, name)
    return found


def _head(model: keras.Model) -> Any:
    """Returns what the last layer takes; None where that is the model's own input."""
    layer, node, _ = model.output._keras_history
    (*taken,) = layer._inbound_nodes[node].input_tensors
    is_layer = isinstance(layer, keras.Layer) and layer.weights
    if not is_layer or len(taken) != 1 or taken[0] is model.input:
        return None
    return taken[0]
