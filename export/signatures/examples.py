"""Signatures that take `tf.Example` records: TensorFlow Serving's classify and regress.

A record has a feature for each input of the model, under its name; of a table one for
each column, of which those with missing values may be left out. `classify` returns
the `classes` in the order of their ids with the `scores`, `regress` one number of each
record in `outputs`.
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from custom_layers.activations import softmax
from export.samples import Batch
from export.signature import NAME as DEFAULT
from export.signatures.base import CLASSIFY, REGRESS, AnySignature
from export.signatures.columns import NAME as COLUMNS
from export.signatures.columns import Columns
from export.text_signature import NAME as TEXT
from zoo.datasets.input_column import are_numbers
from zoo.runs.trained import Trained

INPUT = "inputs"  # TensorFlow Serving fixes this name and those of the outputs
_CLASSES, _SCORES, _OUTPUTS = "classes", "scores", "outputs"
_MOST_NAMES = 8  # of a description


@dataclasses.dataclass(frozen=True)
class Examples(AnySignature):
    """Parses records, and gives their features to another signature.

    Args:
        of_features: The signature that takes the features.
        output: Which of its outputs is returned.
        description: One line, for the manifest.
        method: The request of TensorFlow Serving that it answers.
        classes: Names of the classes in the order of their ids; none to regress.
    """

    of_features: AnySignature
    output: str
    description: str
    method: str
    classes: tuple[str, ...] = ()

    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the one input."""
        return (tf.TensorSpec((None,), tf.string, name=INPUT),)

    def sample(self, batch_size: int) -> Batch:
        """Makes records of a batch of features."""
        return {INPUT: records(self.of_features.sample(batch_size))}

    def pairs(self) -> list[tuple[Batch, Batch]]:
        """Returns batches that outputs are compared on, with the reference outputs."""
        return [
            ({INPUT: records(batch)}, self._named(outputs[self.output]))
            for batch, outputs in self.of_features.pairs()
        ]

    def _named(self, values: np.ndarray) -> Batch:
        if not self.classes:
            return {_OUTPUTS: values.reshape(-1)}
        classes = np.broadcast_to(np.array(self.classes), values.shape)
        return {_CLASSES: classes, _SCORES: values}

    def traced(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        parsed = tf.io.parse_example(inputs, _features(self.of_features))
        tensors = [
            tf.cast(parsed[str(spec.name)], spec.dtype)
            for spec in self.of_features.inputs
        ]
        outputs = self.of_features.within(*tensors)[self.output]
        if not self.classes:
            return {_OUTPUTS: tf.reshape(outputs, [-1])}
        classes = tf.broadcast_to(tf.constant(self.classes), tf.shape(outputs))
        return {_CLASSES: classes, _SCORES: outputs}

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.of_features.resources()


def records(batch: Batch) -> np.ndarray:
    """Returns a serialized `tf.Example` for each row of a batch.

    >>> (one,) = records({"x": np.array([[1, 2]])})
    >>> tf.train.Example.FromString(one).features.feature["x"].int64_list.value
    [1, 2]
    """
    rows = zip(*batch.values(), strict=True)
    found = [_record(dict(zip(batch, row, strict=True))) for row in rows]
    array = np.empty(len(found), object)
    array[:] = found
    return array


def _record(features: dict[str, np.ndarray]) -> bytes:
    example = tf.train.Example()
    for name, values in features.items():
        feature = example.features.feature[name]
        flat = np.ravel(values)
        if flat.dtype.kind == "f":
            feature.float_list.value.extend(flat)
        elif flat.dtype.kind in "iub":
            feature.int64_list.value.extend(flat)
        else:
            feature.bytes_list.value.extend(map(tf.compat.as_bytes, flat))
    return example.SerializeToString(deterministic=True)


def _features(signature: AnySignature) -> dict[str, Any]:
    """Returns how each input is parsed.

    Rows of open length are padded with zeros; a cell of a table that a record lacks is
    missing, where the model knows missing values.
    """
    has_gaps = isinstance(signature, Columns) and not are_numbers(signature.columns)
    missing = {tf.float32: np.nan, tf.string: ""} if has_gaps else {}
    found = {}
    for spec in signature.inputs:
        dtype, shape = _parsed_type(spec), spec.shape[1:]
        found[str(spec.name)] = (
            tf.io.FixedLenSequenceFeature([], dtype, allow_missing=True)
            if None in shape
            else tf.io.FixedLenFeature(shape, dtype, missing.get(dtype))
        )
    return found


def _parsed_type(spec: tf.TensorSpec) -> tf.DType:
    if spec.dtype == tf.string:
        return tf.string
    return tf.float32 if spec.dtype.is_floating else tf.int64


def signatures(
    source: Trained, found: dict[str, AnySignature]
) -> dict[str, AnySignature]:
    """Returns `classify` or `regress` of a model that answers with one of them."""
    base = found.get(COLUMNS) or found.get(TEXT) or found[DEFAULT]
    if not all(_can_be_parsed(spec) for spec in base.inputs):
        return {}
    outputs = base.concrete.structured_outputs
    if source.task in ("classification", "multi_label"):
        count = outputs["probabilities"].shape[-1]
        classes = source.labels or _numbers(count)
        return {CLASSIFY: _classify(base, "probabilities", classes)}
    if len(outputs) != 1:
        return {}
    ((name, output),) = outputs.items()
    shape = output.shape.as_list() if output.shape.rank else []
    if not output.dtype.is_floating or shape[:1] != [None]:
        return {}
    if shape in ([None], [None, 1]):
        described = f"tf.Example records with {_names(base)} to one number each"
        return {REGRESS: Examples(base, name, described, REGRESS)}
    if source.task is None and len(shape) == 2 and _is_softmax(source.model):
        return {CLASSIFY: _classify(base, name, _numbers(shape[1]))}
    return {}


def _classify(base: AnySignature, output: str, classes: tuple[str, ...]) -> Examples:
    described = f"tf.Example records with {_names(base)} to classes and their scores"
    return Examples(base, output, described, CLASSIFY, classes)


def _names(signature: AnySignature) -> str:
    names = [str(spec.name) for spec in signature.inputs]
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _can_be_parsed(spec: tf.TensorSpec) -> bool:
    """Whether records can hold an input: a row of any length, or of a known shape."""
    shape = spec.shape.as_list() if spec.shape.rank else []
    return shape[:1] == [None] and (None not in shape[1:] or len(shape) == 2)


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _is_softmax(model: keras.Model) -> bool:
    """Whether the last layer says that it returns probabilities."""
    functional = getattr(model, "_functional", model)
    if not hasattr(functional, "_inputs_struct"):
        return False
    layer = functional.outputs[0]._keras_history.operation
    if isinstance(layer, keras.layers.Softmax):
        return layer.axis == -1
    return getattr(layer, "activation", None) in (keras.activations.softmax, softmax)
