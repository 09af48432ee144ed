"""A signature that says what the numbers of the outputs, or others, are called.

It computes nothing: a client asks once, with any sample, for the labels of all classes,
or for the quantities that are predicted, where the other signatures return numbers.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature
from export.signatures.base import Computed
from zoo.runs.trained import Trained

NAME = "names"


@dataclasses.dataclass(frozen=True)
class Names(Computed):
    """Returns the same names for each sample.

    Args:
        of_numbers: The signature whose outputs have these names.
        names: Labels in the order of their ids, or quantities in that of predictions.
        output: What they are called.
        description: One line, for the manifest.
    """

    of_numbers: Signature
    names: tuple[str, ...]
    output: str = NAME
    description: str = (
        "the names of all classes, or of the predicted quantities, in order"
    )

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the one input."""
        return self.of_numbers.inputs

    def sample(self, batch_size: int) -> Batch:
        """Draws a batch as for the other signatures."""
        return self.of_numbers.sample(batch_size)

    def __call__(self, inputs: Batch) -> Batch:
        """Returns the names for each sample."""
        (values,) = inputs.values()
        return {self.output: np.array([self.names] * len(values))}

    def traced(self, samples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        count = len(self.names)
        # Ids are repeated in place of strings, which not each runtime repeats.
        ids = tf.broadcast_to(tf.range(count), (tf.shape(samples)[0], count))
        return {self.output: tf.gather(tf.constant(self.names), ids)}

    def resources(self) -> list[Any]:
        """Returns no variables: the graph reads none."""
        return []


def signatures(source: Trained, default: Signature) -> dict[str, Names]:
    """Returns `names` of a model with labels or targets that are known."""
    names = source.labels or source.targets
    if not names or len(default.inputs) != 1:
        return {}
    return {NAME: Names(default, tuple(names))}
