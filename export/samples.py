"""Batches of inputs to compare outputs on, drawn from what a model says of its inputs.

Each input takes values over its range: ids below the number of rows that they select,
images over 0..255 where the model rescales them, strings in and out of a vocabulary,
numbers with the mean and variance of a Normalization layer, tables their categories and
missing values. Rows of ids are full, padded on either side, interrupted by padding, and
all padding.
"""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from custom_layers import TableEncoding
from export.calling import Call

BATCH_SIZES = (1, 7)
# Of open axes, in order of trial; the last ones for models of few positions.
LENGTHS = ((9, 5), (32, 40), (64, 72), (224, 256), (4, 3))
WAVEFORMS = ((4096, 5000),)  # of sound, whose first layer takes parts of 1000 or more
_WORDS = ("the", "unheard-of", "ÉLAN", "1871", "don't", "a b", "")
_PADDING = 0
_GAPS = 0.1  # fraction of the values of a table that are missing

Batch = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Draws batches for a call.

    Args:
        call: The model and its inputs.
        lengths: Of open axes, one for each of `BATCH_SIZES`.
        differ: Whether open axes of different inputs have different lengths.
        is_wide: Whether integers of which nothing is known are of all sizes and signs.
    """

    call: Call
    lengths: tuple[int, int] = LENGTHS[0]
    differ: bool = False
    is_wide: bool = False

    def __call__(self, batch_size: int) -> Batch:
        """Draws a batch, the same at each call."""
        generator = np.random.default_rng(batch_size)
        length = self.lengths[batch_size != BATCH_SIZES[0]]
        return {
            str(spec.name): self._draw(generator, i, spec, batch_size, length)
            for i, spec in enumerate(self.call.inputs)
        }

    def _draw(
        self,
        generator: np.random.Generator,
        index: int,
        spec: tf.TensorSpec,
        batch_size: int,
        length: int,
    ) -> np.ndarray:
        fixed = spec.shape[0] if spec.shape.rank else None
        length += index * self.differ
        rest = [length if size is None else size for size in spec.shape[1:]]
        shape = [batch_size if fixed is None else fixed, *rest]
        if spec.shape.rank == 0:
            shape = []
        layers = first_layers(self.call, index)
        if spec.dtype == tf.string:
            return generator.choice(_strings(layers), shape)
        if spec.dtype == tf.bool:
            return generator.integers(2, size=shape).astype(bool)
        count = self._ids.get(index)
        if count is not None:
            ids = generator.integers(min(1, count - 1), count, size=shape)
            return _padded(ids).astype(spec.dtype.as_numpy_dtype)
        values = _values(generator, layers, shape, spec.dtype)
        if self.is_wide and spec.dtype.is_integer and not _says(layers, spec.dtype):
            return _integers(generator, shape, spec.dtype)
        return values.astype(spec.dtype.as_numpy_dtype)

    @functools.cached_property
    def _ids(self) -> dict[int, int]:
        return number_of_ids(self.call)


@dataclasses.dataclass(frozen=True)
class Given:
    """Takes batches from samples that the user gave.

    Args:
        arrays: By input; the first axis counts samples.
    """

    arrays: Mapping[str, np.ndarray]

    def __call__(self, batch_size: int) -> Batch:
        """Takes the first samples, from the start again where there are too few."""
        return {
            name: np.take(array, np.arange(batch_size) % len(array), axis=0)
            if array.ndim
            else array
            for name, array in self.arrays.items()
        }


def first_layers(call: Call, index: int) -> list[keras.Operation]:
    """Returns the operations that an input goes into; all layers where that is open."""
    model = getattr(call.model, "_functional", call.model)
    if not hasattr(model, "_inputs_struct"):
        return list(call.model._flatten_layers(include_self=False))
    return list(_consumers(model, keras.tree.flatten(model.input)[index]))


def _consumers(
    model: keras.Model, tensor: keras.KerasTensor
) -> Iterator[keras.Operation]:
    for layer in model.operations:
        for node in layer._inbound_nodes:
            places = [i for i, t in enumerate(node.input_tensors) if t is tensor]
            if not places or node not in _nodes(model):
                continue
            inner = getattr(layer, "_functional", layer)
            if hasattr(inner, "_inputs_struct"):
                yield from _consumers(inner, inner.inputs[places[0]])
            else:
                yield layer


def _nodes(model: keras.Model) -> set[Any]:
    return {node for nodes in model._nodes_by_depth.values() for node in nodes}


def number_of_ids(call: Call) -> dict[int, int]:
    """Returns how many rows an input of ids selects from, by position of the input.

    It is read off the graph, so own layers count as an Embedding does.
    """
    found = {}
    for i, tensor in enumerate(call.concrete.graph.inputs[: len(call.inputs)]):
        sizes = list(_selected_rows(tensor))
        if sizes:
            found[i] = min(sizes)
    return found


def _selected_rows(tensor: tf.Tensor) -> Iterator[int]:
    for operation in tensor.consumers():
        kind = operation.type
        if kind in ("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims"):
            if operation.inputs[0] is tensor:
                yield from _selected_rows(operation.outputs[0])
        elif kind == "SelectV2" and operation.inputs[2] is tensor:
            # Keras counts negative ids from the end, and takes the others as they are.
            yield from _selected_rows(operation.outputs[0])
        elif kind in ("GatherV2", "ResourceGather") and operation.inputs[1] is tensor:
            rows = _rows(operation.inputs[0])
            if rows:
                yield rows
        elif kind == "OneHot" and operation.inputs[0] is tensor:
            depth = tf.get_static_value(operation.inputs[1])
            if depth is not None:
                yield int(depth)


def _rows(table: tf.Tensor) -> int | None:
    if table.dtype != tf.resource:
        return table.shape[0] if table.shape.rank else None
    shapes = getattr(table, "_handle_data", None)
    if shapes is None or not shapes.shape_and_type:
        return None
    return shapes.shape_and_type[0].shape.dim[0].size


def _says(layers: list[keras.Operation], dtype: tf.DType) -> bool:
    """Whether a layer or the type says what integers an input takes."""
    names = ("scale", "mean", "num_tokens", "get_vocabulary")
    return dtype == tf.uint8 or any(
        hasattr(layer, name) for layer in layers for name in names
    )


def _integers(
    generator: np.random.Generator, shape: list[int], dtype: tf.DType
) -> np.ndarray:
    """Draws integers of all sizes, and of both signs where the type has them."""
    large = min(dtype.max, 10_000)
    sizes = generator.choice([2, 12, large], shape)
    signs = generator.choice([-1, 1] if dtype.min < 0 else [1], shape)
    return (signs * (generator.random(shape) * sizes)).astype(dtype.as_numpy_dtype)


def _padded(ids: np.ndarray) -> np.ndarray:
    """Pads rows of ids: right, left, in between, and one whole row."""
    if ids.ndim != 2 or len(ids) < 5 or ids.shape[1] < 3:
        return ids
    half = ids.shape[1] // 2
    ids[1, half:] = _PADDING
    ids[2, :half] = _PADDING
    ids[3, half] = _PADDING
    ids[4] = _PADDING
    return ids


def _strings(layers: list[keras.Operation]) -> list[str]:
    known: list[str] = []
    for layer in layers:
        if hasattr(layer, "get_vocabulary"):
            known += [str(word) for word in layer.get_vocabulary()[:50]]
    if any(getattr(layer, "num_oov_indices", None) == 0 for layer in layers):
        return known  # an error for other words
    sentences = [" ".join(known[i : i + 4]) for i in range(2, len(known), 4)]
    return [*known, *sentences, *_WORDS]


def _values(
    generator: np.random.Generator,
    layers: list[keras.Operation],
    shape: list[int],
    dtype: tf.DType,
) -> np.ndarray:
    if dtype == tf.uint8:
        return generator.integers(256, size=shape)
    for layer in layers:
        if hasattr(layer, "scale") and hasattr(layer, "offset"):  # Rescaling
            scaled = generator.uniform(size=shape)
            return (scaled - np.mean(layer.offset)) / np.mean(layer.scale)
        if isinstance(layer, TableEncoding):
            return _table_rows(generator, layer, shape)
        is_inverse = getattr(layer, "invert", False)  # which maps to targets, or words
        if hasattr(layer, "variance") and not is_inverse:  # Normalization
            mean, variance = np.asarray(layer.mean), np.asarray(layer.variance)
            return mean + np.sqrt(variance) * generator.standard_normal(shape)
        if hasattr(layer, "num_tokens"):  # CategoryEncoding
            return generator.integers(layer.num_tokens, size=shape)
        if is_inverse and hasattr(layer, "get_vocabulary"):  # indices into one
            return generator.integers(layer.vocabulary_size(), size=shape)
        if hasattr(layer, "get_vocabulary"):  # IntegerLookup
            known = [int(each) for each in layer.get_vocabulary()]
            unknown = [max(known, default=0) + 1] if layer.num_oov_indices else []
            return generator.choice([*known, *unknown], shape)
    if dtype.is_integer:
        return generator.integers(2, size=shape)
    values = generator.standard_normal(shape)
    masks = [layer.mask_value for layer in layers if hasattr(layer, "mask_value")]
    if masks and values.ndim > 2 and len(values) > 2:
        half = values.shape[1] // 2
        values[1, half:] = masks[0]
        values[2, :half] = masks[0]
    return values


def _table_rows(
    generator: np.random.Generator, layer: TableEncoding, shape: list[int]
) -> np.ndarray:
    """Draws encoded rows of a table, with missing values and unknown categories."""
    mean, variance = (np.asarray(each) for each in (layer.mean, layer.variance))
    rows = mean + np.sqrt(variance) * generator.standard_normal(shape)
    for place, column in enumerate(layer.columns):
        if column["kind"] == "category":
            known = len(column["categories"])
            rows[:, place] = generator.integers(-1, known, size=len(rows))
        elif column["kind"] == "boolean":
            rows[:, place] = generator.integers(2, size=len(rows))
    if len(rows) > 1:
        rows[generator.random(rows.shape) < _GAPS] = np.nan
    return rows
