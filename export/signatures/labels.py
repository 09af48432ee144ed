"""A signature that names classes: the labels as strings beside their ids.

`serving_default` has numbers only, so that it is the same in each format and runs in
runtimes that have no strings.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature
from export.signatures.base import AnySignature
from zoo import tasks
from zoo.runs.trained import Trained

NAME = "labels"


@dataclasses.dataclass(frozen=True)
class Labels(AnySignature):
    """Adds the label of each class id.

    Args:
        of_ids: The signature that returns class ids.
        ids: Which of its outputs they are.
        labels: In the order of the ids.
    """

    of_ids: Signature
    ids: str
    labels: tuple[str, ...]

    description = "all outputs, and the labels of the class ids as strings"

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        return self.of_ids.inputs

    def sample(self, batch_size: int) -> Batch:
        """Draws a batch as for the other signatures."""
        return self.of_ids.sample(batch_size)

    def pairs(self) -> list[tuple[Batch, Batch]]:
        """Returns batches that outputs are compared on, with the reference outputs."""
        return [(batch, self.named(outputs)) for batch, outputs in self.of_ids.pairs()]

    def named(self, outputs: Batch) -> Batch:
        """Adds the labels to computed outputs."""
        return outputs | {NAME: np.array(self.labels)[outputs[self.ids]]}

    def traced(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        outputs = self.of_ids.within(*tensors)
        return outputs | {NAME: tf.gather(tf.constant(self.labels), outputs[self.ids])}

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.of_ids.resources()


def signatures(source: Trained, default: Signature) -> dict[str, Labels]:
    """Returns `labels` of a model whose labels are known."""
    ids = list(tasks.get(source.task or "").names)
    if not source.labels or len(ids) != 1:
        return {}
    return {NAME: Labels(default, ids[0], source.labels)}
